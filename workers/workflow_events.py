"""The events of workflow runs, exactly as clients of the real system know them, in full.

A run of the mode `workflow` tells its text as `text_chunk`; one that writes a message tells it as `message`, and every
event carries the conversation and the message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.workflow.events import (
    AgentLog,
    HumanInputFilled,
    HumanInputTimedOut,
    IterationCompleted,
    IterationNext,
    IterationStarted,
    LoopCompleted,
    LoopNext,
    LoopStarted,
    NodeFinished,
    NodeRetry,
    NodeStarted,
    ReasoningChunk,
    RunPaused,
)
from foundation.error_table import error_table, status_of
from models.human_input import HumanInputForm
from models.message import Message
from models.node_execution import NodeExecution
from models.workflow_run import WorkflowRun
from workers import workflow_container_data as containers
from workers import workflow_node_data as nodes
from workers.event_log.entries import Envelope
from workers.outcomes import run_data
from workers.workflow_event_data import Creator, form_data

Event = dict[str, Any]
FAILED = "completion_request_error"


class RunEvents:
    """Makes the events of one run."""

    def __init__(self, run: WorkflowRun) -> None:
        """Say whose events they are."""
        self._run = run
        self._chat = run.message_id is not None
        common: dict[str, Any] = {"task_id": run.task_id}
        if self._chat:
            common["conversation_id"] = run.conversation_id
            common["message_id"] = run.message_id
            common["created_at"] = int(run.created_at.timestamp())
        else:
            common["workflow_run_id"] = run.id
        self._common = common
        self.envelope = Envelope(common, {"event": "message", "id": run.message_id})

    # The run

    def started(self, reason: str = "initial") -> Event:
        """Return the beginning of a run, or of its resumption."""
        run = self._run
        data = {
            "id": run.id,
            "workflow_id": run.workflow_id,
            "inputs": run.inputs,
            "created_at": int(run.created_at.timestamp()),
            "reason": reason,
        }
        return self._event("workflow_started", data)

    def paused(self, paused: RunPaused, forms: Sequence[HumanInputForm]) -> Event:
        """Return that a run waits for people."""
        return self._paused(paused.outputs, paused.elapsed, paused.spent.tokens, paused.steps, forms)

    def still_paused(self, forms: Sequence[HumanInputForm]) -> Event:
        """Return that a run waits, from its row; `forms` are those that nobody answered yet."""
        run = self._run
        return self._paused(run.outputs or {}, run.elapsed_time, run.total_tokens, run.total_steps, forms)

    def _paused(
        self,
        outputs: Mapping[str, Any],
        elapsed: float,
        tokens: int,
        steps: int,
        forms: Sequence[HumanInputForm],
    ) -> Event:
        data = {
            "workflow_run_id": self._run.id,
            "paused_nodes": [form.node_id for form in forms],
            "outputs": dict(outputs),
            "reasons": [{"TYPE": "human_input_required", **form_data(form)} for form in forms],
            "status": "paused",
            "created_at": int(self._run.created_at.timestamp()),
            "elapsed_time": round(elapsed, 6),
            "total_tokens": tokens,
            "total_steps": steps,
        }
        return self._event("workflow_paused", data)

    def ended(self, run: WorkflowRun, message: Message | None, creator: Creator) -> list[Event]:
        """Return the last events of a run, from its rows.

        A complete message ends before its run is told as finished; a run that stopped or failed is told first.
        """
        finished = self._event("workflow_finished", {**run_data(run), "created_by": creator.as_dict()})
        if message is None:
            return [finished]
        match run.status:
            case "succeeded" | "partial-succeeded":
                return [self._message_end(message), finished]
            case "stopped":
                return [finished, self._message_end(message)]
            case _:
                return [finished, self.error(message)]

    def error(self, message: Message) -> Event:
        """Return the end of a message that failed."""
        code = message.error_code or FAILED
        row = error_table().get(code)
        text = message.error_message or (row.message if row else "The run failed.")
        return {"event": "error", **self._common, "status": status_of(code), "code": code, "message": text}

    def _message_end(self, message: Message) -> Event:
        metadata = dict(message.metadata_ or {})
        files = metadata.pop("files", [])
        return {"event": "message_end", **self._common, "id": message.id, "metadata": metadata, "files": files}

    # Text

    def text(self, text: str, selector: Sequence[str] | None) -> Event:
        """Return a piece of the answer."""
        variable = list(selector) if selector else None
        if self._chat:
            return {
                "event": "message",
                **self._common,
                "id": self._run.message_id,
                "answer": text,
                "from_variable_selector": variable,
            }
        return self._event("text_chunk", {"text": text, "from_variable_selector": variable or []})

    def replaced(self, text: str, reason: str) -> Event:
        """Return the event that puts `text` in the place of all that was sent before."""
        if self._chat:
            return {"event": "message_replace", **self._common, "answer": text, "reason": reason}
        return self._event("text_replace", {"text": text})

    def sound(self, audio: str) -> Event:
        """Return a piece of the answer read aloud, an MP3 as base64."""
        return {"event": "tts_message", **self._common, "audio": audio}

    def sound_end(self) -> Event:
        """Return the end of an answer that is read aloud."""
        return {"event": "tts_message_end", **self._common, "audio": ""}

    # Nodes

    def node_started(self, started: NodeStarted) -> Event:
        """Return that a node began."""
        return self._event("node_started", nodes.started(started))

    def node_finished(self, finished: NodeFinished, at: float) -> Event:
        """Return that a node ended, at a unix time."""
        return self._event("node_finished", nodes.finished(finished, at))

    def node_retry(self, retry: NodeRetry, at: float) -> Event:
        """Return that a node failed and is tried again."""
        return self._event("node_retry", nodes.retried(retry, at))

    def node_of_row(self, row: NodeExecution) -> list[Event]:
        """Return what stands for a node whose events are gone: that it began, and how it ended if it did."""
        began = self._event("node_started", nodes.started_row(row))
        ended = nodes.finished_row(row)
        return [began] if ended is None else [began, self._event("node_finished", ended)]

    # Iterations and loops

    def container_started(self, started: IterationStarted | LoopStarted, at: float) -> Event:
        """Return that an iteration or a loop begins."""
        word = "iteration" if isinstance(started, IterationStarted) else "loop"
        return self._event(f"{word}_started", containers.started(started, at))

    def container_next(self, following: IterationNext | LoopNext, at: float) -> Event:
        """Return that an item or a round begins."""
        word = "iteration" if isinstance(following, IterationNext) else "loop"
        return self._event(f"{word}_next", containers.following(following, at))

    def container_completed(self, completed: IterationCompleted | LoopCompleted, at: float) -> Event:
        """Return that an iteration or a loop ended."""
        word = "iteration" if isinstance(completed, IterationCompleted) else "loop"
        return self._event(f"{word}_completed", containers.completed(completed, at))

    # What models, agents and people do

    def reasoning(self, chunk: ReasoningChunk) -> Event:
        """Return a piece of what a model thought."""
        data: dict[str, Any] = {"reasoning": chunk.text, "node_id": chunk.node.node_id, "is_final": chunk.final}
        return self._event("reasoning_chunk", {"message_id": self._run.message_id, **data})

    def agent_log(self, log: AgentLog) -> Event:
        """Return a step of an agent."""
        data = {
            "node_execution_id": log.node.id,
            "id": log.id,
            "label": log.label,
            "parent_id": log.parent_id,
            "error": log.error,
            "status": log.status,
            "data": dict(log.data),
            "metadata": dict(log.metadata),
            "node_id": log.node.node_id,
        }
        return self._event("agent_log", data)

    def form_required(self, form: HumanInputForm) -> Event:
        """Return that a node waits for a person."""
        return self._event("human_input_required", form_data(form))

    def form_filled(self, filled: HumanInputFilled) -> Event:
        """Return that a person submitted a form."""
        data = {
            "form_id": filled.form_id,
            "node_id": filled.node.node_id,
            "node_title": filled.node.title,
            "rendered_content": filled.content,
            "action_id": filled.action_id,
            "action_text": filled.action_title,
        }
        return self._event("human_input_form_filled", data)

    def form_timed_out(self, late: HumanInputTimedOut, expired_at: int) -> Event:
        """Return that nobody submitted a form in time."""
        data = {
            "form_id": late.form_id,
            "node_id": late.node.node_id,
            "node_title": late.node.title,
            "expiration_time": expired_at,
        }
        return self._event("human_input_form_timeout", data)

    def _event(self, name: str, data: Mapping[str, Any]) -> Event:
        return {"event": name, **self._common, "workflow_run_id": self._run.id, "data": dict(data)}
