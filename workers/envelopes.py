"""The events of chat and completion runs, exactly as clients of the real system know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from foundation.error_table import error_table, status_of
from models.agent_thought import AgentThought
from models.message import Message
from workers.event_log.entries import Envelope
from workers.outcomes import answer_metadata

Event = dict[str, Any]


class MessageEvents:
    """Makes the events of one message's run.

    Every event carries `task_id`, `message_id`, `created_at` and, where the message belongs to a conversation,
    `conversation_id`.
    """

    def __init__(
        self,
        *,
        task_id: str,
        message_id: str,
        conversation_id: str | None,
        created_at: int,
        text_event: Literal["message", "agent_message"] = "message",
    ) -> None:
        """Say whose events they are; `created_at` is in unix seconds, `text_event` what a piece of text is called."""
        common: dict[str, Any] = {"task_id": task_id, "message_id": message_id}
        if conversation_id is not None:
            common["conversation_id"] = conversation_id
        common["created_at"] = created_at
        self._id = message_id
        self._text_event = text_event
        self.envelope = Envelope(common, {"event": text_event, "id": message_id})

    def text(self, text: str) -> Event:
        """Return a piece of the answer."""
        return self.envelope.event(self._text_event, id=self._id, answer=text)

    def replaced(self, answer: str, reason: str) -> Event:
        """Return the event that puts `answer` in the place of all that was sent before."""
        return self.envelope.event("message_replace", answer=answer, reason=reason)

    def thought(self, thought: AgentThought) -> Event:
        """Return an agent's thought, as far as it is known."""
        return self.envelope.event(
            "agent_thought",
            id=thought.id,
            position=thought.position,
            thought=thought.thought,
            observation=thought.observation,
            tool=thought.tool,
            tool_labels=thought.tool_labels,
            tool_input=thought.tool_input,
            message_files=thought.files,
        )

    def file(self, file_id: str, kind: str, url: str, belongs_to: str = "assistant") -> Event:
        """Return a file that belongs to the answer or the question."""
        return self.envelope.event("message_file", id=file_id, type=kind, belongs_to=belongs_to, url=url)

    def sound(self, audio: str) -> Event:
        """Return a piece of the answer read aloud, an MP3 as base64."""
        return self.envelope.event("tts_message", audio=audio)

    def sound_end(self) -> Event:
        """Return the end of an answer that is read aloud."""
        return self.envelope.event("tts_message_end", audio="")

    def end(self, metadata: Mapping[str, Any], files: Sequence[Mapping[str, Any]] = ()) -> Event:
        """Return the end of an answer, complete or stopped."""
        return self.envelope.event("message_end", id=self._id, metadata=dict(metadata), files=list(files))

    def error(self, code: str, message: str) -> Event:
        """Return the end of a run that failed; its status is the one the contract's table gives the code."""
        return self.envelope.event("error", status=status_of(code), code=code, message=message)

    def ended(self, message: Message, files: Sequence[Mapping[str, Any]] = ()) -> Event:
        """Return the last event of a message that has ended, from its row and with the files of its answer."""
        if message.status != "error":
            return self.end(answer_metadata(message), files)
        code = message.error_code or "internal_server_error"
        row = error_table().get(code)
        return self.error(code, message.error_message or (row.message if row else "The run failed."))


def for_message(message: Message) -> MessageEvents:
    """Return the maker of a message's events."""
    return MessageEvents(
        task_id=message.task_id,
        message_id=message.id,
        conversation_id=message.conversation_id,
        created_at=int(message.created_at.timestamp()),
        text_event="agent_message" if message.mode == "agent-chat" else "message",
    )
