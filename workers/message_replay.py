"""What stands for a message that has ended and whose events are gone: its thoughts, its files, its answer, its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from foundation.settings import Settings
from models import agent_thought as thoughts
from models.agent_thought import AgentThought
from models.message import Message
from models.scope import Scope
from workers.envelopes import Event, MessageEvents, for_message
from workers.workflow_files import file_value


async def replay(scope: Scope, settings: Settings, message: Message, *, continued: bool = False) -> list[Event]:
    """Return the events that stand for a message, from its rows.

    An agent's thoughts come as they were at the end, each after the files that its tools made. Readers know a thought
    and a file by their ids, so those that they have seen before change nothing. Sources and costs are in the end.

    Args:
        scope: the message's workspace.
        settings: where the server is reached, and what signs the addresses of files.
        message: the row, ended.
        continued: whether the reader has seen part of the answer, which is then replaced by the whole.
    """
    events, answer = for_message(message), message.answer or ""
    told: list[Event] = []
    if message.mode == "agent-chat":
        had = (await thoughts.of_messages(scope, [message.id])).get(message.id, [])
        told += _thoughts(events, settings, message, had)
    if answer:
        told.append(events.replaced(answer, "replay") if continued else events.text(answer))
    return [*told, events.ended(message, answer_files(settings, message))]


def answer_files(settings: Settings, message: Message) -> list[dict[str, Any]]:
    """Return the files of a message's answer as `message_end` names them, under addresses that work for a while."""
    return [file_value(settings, entry) for entry in message.files if entry.get("belongs_to") == "assistant"]


def file_event(events: MessageEvents, settings: Settings, entry: dict[str, Any]) -> Event:
    """Return the event of a file that a tool made, an entry of `Message.files`, under an address that is signed."""
    return events.file(entry["id"], entry["type"], str(file_value(settings, entry)["url"] or ""))


def _thoughts(events: MessageEvents, settings: Settings, message: Message, had: Sequence[AgentThought]) -> list[Event]:
    entries = {entry["id"]: entry for entry in message.files}
    told: list[Event] = []
    for thought in had:
        told += [file_event(events, settings, entries[name]) for name in thought.files if name in entries]
        told.append(events.thought(thought))
    return told
