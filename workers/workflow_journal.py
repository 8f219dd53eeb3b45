"""What a run tells, written down and shown: rows first, in one transaction for all that waits, then the events.

The engine puts its events here and goes on; one task writes them in order. Under load a transaction holds many rows,
and neighbouring pieces of text become one event.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.workflow import Emitted
from engine.workflow.events import (
    AgentLog,
    HumanInputFilled,
    HumanInputRequired,
    HumanInputTimedOut,
    IterationCompleted,
    IterationNext,
    IterationStarted,
    LoopCompleted,
    LoopNext,
    LoopStarted,
    NodeFinished,
    NodeRetry,
    NodeRun,
    NodeStarted,
    ReasoningChunk,
    Retrieved,
    RunPaused,
    RunStarted,
    Spent,
    TextChunk,
    TextReplaced,
    VariableUpdated,
)
from engine.workflow.values import type_of
from foundation.secrets import new_token
from models import conversation_variable, draft_variable, human_input, node_execution
from models import workflow_run_state as state
from models.draft_variable import CONVERSATION, SYSTEM, Given
from models.human_input import HumanInputForm
from models.scope import Scope
from models.workflow import DRAFT
from models.workflow_run import SYSTEM_PREFIX, WorkflowRun
from workers.persistence import persistently
from workers.process import GenerationProcess
from workers.workflow_event_data import metadata
from workers.workflow_events import RunEvents

MOST_WAITING = 1_000
MOST_TEXT = 16_384
FORM_PREFIX = "hif-"


class Fenced(Exception):
    """Another attempt owns the run now."""


@dataclass(slots=True)
class _Batch:
    """Rows that are written together."""

    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    forms: list[dict[str, Any]] = field(default_factory=list)
    filled: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    drafts: dict[str, NodeFinished] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.nodes or self.forms or self.filled or self.variables or self.drafts)


class Journal:
    """The journal of one attempt at a run.

    Attributes:
        answer: the text so far, as pieces; shared with whoever saves partial answers.
        begun: whether the run's beginning was told.
        resources: passages that nodes found, in the shape of `retriever_resources`.
        failed: the last node that failed for good.
        model: provider and name of the model that was asked last.
        paused: why the run waits, where it does.
    """

    def __init__(
        self,
        process: GenerationProcess,
        run: WorkflowRun,
        events: RunEvents,
        answer: list[str],
        *,
        variable_types: Mapping[str, str],
        forms: Mapping[str, HumanInputForm],
    ) -> None:
        """Begin a journal, on the running event loop.

        Args:
            process: the process's parts.
            run: the run, just claimed.
            events: the maker of its events.
            answer: the pieces of text so far.
            variable_types: the declared types of the conversation variables, by name.
            forms: the forms that the run had before, by id.
        """
        self.answer = answer
        self.begun = False
        self.resources: list[dict[str, Any]] = []
        self.failed: NodeFinished | None = None
        self.model: tuple[str, str] | None = None
        self.paused: RunPaused | None = None
        self.forms = dict(forms)
        self._process = process
        self._run = run
        self._events = events
        self._types = variable_types
        self._drafting = run.version == DRAFT and run.invoke_from == "debugger"
        self._waiting: list[Emitted] = []
        self._asides: list[dict[str, Any]] = []
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._written = asyncio.Event()
        self._written.set()
        self._writer = asyncio.create_task(self._keep_writing())

    async def sink(self, emitted: Emitted) -> None:
        """Take an event; the engine waits only where very many have not been written yet.

        Raises:
            Fenced: the run is not this attempt's any more.
        """
        if self._writer.done():
            self._writer.result()
        self.begun = True
        self._waiting.append(emitted)
        self._written.clear()
        self._wake.set()
        while len(self._waiting) > MOST_WAITING and not self._writer.done():
            self._room.clear()
            await self._room.wait()

    def aside(self, event: dict[str, Any]) -> None:
        """Show an event that changes no row after everything that was taken before it."""
        self._asides.append(event)
        self._written.clear()
        self._wake.set()

    async def written(self) -> None:
        """Wait until everything taken so far is written and shown.

        Raises:
            Fenced: the run is not this attempt's any more.
        """
        done = asyncio.create_task(self._written.wait())
        try:
            await asyncio.wait({done, self._writer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            done.cancel()
        if self._writer.done():
            self._writer.result()

    async def close(self) -> None:
        """Write no more."""
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)

    async def _keep_writing(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                taken, self._waiting = self._waiting, []
                asides, self._asides = self._asides, []
                self._room.set()
                await self._write(taken, asides)
                if not self._waiting and not self._asides:
                    self._written.set()
        finally:
            self._room.set()

    async def _write(self, taken: list[Emitted], asides: list[dict[str, Any]]) -> None:
        batch = _Batch()
        for emitted in taken:
            self._note(batch, emitted)
        if batch:
            await persistently(lambda: self._save(batch))
        for event in (*self._shown(taken), *asides):
            self._process.publisher.event(self._run.task_id, event)

    async def _save(self, batch: _Batch) -> None:
        run = self._run
        async with self._process.database.workspace(run.workspace_id) as scope:
            if not await state.is_ours(scope, run.id, run.attempt):
                raise Fenced
            await node_execution.write(scope, run, list(batch.nodes.values()))
            for form in batch.forms:
                await human_input.write(scope, run, form)
            for form_id, content in batch.filled.items():
                await human_input.note_filled(scope, form_id, content)
            if run.conversation_id is not None:
                for name, value in batch.variables.items():
                    kind = self._types.get(name) or type_of(value)
                    await conversation_variable.put(scope, run.conversation_id, name, kind, value)
            await self._save_drafts(scope, batch)
            if batch.forms or batch.filled:
                self.forms = {form.id: form for form in await human_input.of_run(scope, run.id)}

    async def _save_drafts(self, scope: Scope, batch: _Batch) -> None:
        """Keep what the nodes of a draft gave, for the editor to go on with."""
        if not self._drafting:
            return
        for node_id, finished in batch.drafts.items():
            given = [Given(name, value, type_of(value)) for name, value in finished.outputs.items()]
            system = [
                Given(each.name.removeprefix(SYSTEM_PREFIX), each.value, each.value_type)
                for each in given
                if each.name.startswith(SYSTEM_PREFIX)
            ]
            own = [each for each in given if not each.name.startswith(SYSTEM_PREFIX)]
            await draft_variable.put(scope, self._run.app_id, node_id, own, node_execution_id=finished.node.id)
            if system:
                await draft_variable.put(scope, self._run.app_id, SYSTEM, system, node_execution_id=finished.node.id)
        if batch.variables:
            kept = (await draft_variable.values(scope, self._run.app_id)).get(CONVERSATION, {})
            values = {**kept, **batch.variables}
            given = [Given(name, value, self._types.get(name) or type_of(value)) for name, value in values.items()]
            await draft_variable.put(scope, self._run.app_id, CONVERSATION, given)

    def _note(self, batch: _Batch, emitted: Emitted) -> None:
        """Note what an event changes: rows, and what is known of the run."""
        event = emitted.event
        match event:
            case NodeStarted(node):
                batch.nodes[node.id] = _row(node, "running")
            case NodeRetry(node):
                row = _row(node, "retry", inputs=dict(event.inputs), process_data=dict(event.process_data))
                batch.nodes[node.id] = row | {"error": event.error, "error_type": event.error_type}
            case NodeFinished(node):
                batch.nodes[node.id] = _finished_row(event, emitted.at)
                if event.status == "failed":
                    self.failed = event
                if event.status in ("succeeded", "exception"):
                    batch.drafts[node.node_id] = event
                if event.process_data.get("model_name"):
                    self.model = (str(event.process_data.get("model_provider")), str(event.process_data["model_name"]))
            case HumanInputRequired(node):
                told = {"form_content": event.content, "default_values": dict(event.default_values)}
                batch.nodes[node.id] = _row(node, "paused", inputs=told)
                batch.forms.append(_form(event, emitted.at))
            case HumanInputFilled():
                batch.filled[event.form_id] = event.content
            case VariableUpdated(name, value):
                batch.variables[name] = value
            case TextChunk(text):
                self.answer.append(text)
            case TextReplaced(text):
                self.answer[:] = [text]
            case Retrieved():
                self.resources += [dict(resource) for resource in event.resources]
            case RunPaused():
                self.paused = event

    def _shown(self, taken: list[Emitted]) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = []
        text, selector = "", None
        for emitted in taken:
            event = emitted.event
            if isinstance(event, TextChunk):
                if text and (event.selector != selector or len(text) > MOST_TEXT):
                    shown.append(self._events.text(text, selector))
                    text = ""
                text, selector = text + event.text, event.selector
                continue
            if text:
                shown.append(self._events.text(text, selector))
                text = ""
            made = self._event(emitted)
            if made is not None:
                shown.append(made)
        if text:
            shown.append(self._events.text(text, selector))
        return shown

    def _event(self, emitted: Emitted) -> dict[str, Any] | None:
        """Return what clients are told of an event; None for what they are told otherwise, or at the end."""
        made, event, at = self._events, emitted.event, emitted.at
        match event:
            case RunStarted():
                return made.started(event.reason)
            case NodeStarted():
                return made.node_started(event)
            case NodeFinished():
                return made.node_finished(event, at)
            case NodeRetry():
                return made.node_retry(event, at)
            case IterationStarted() | LoopStarted():
                return made.container_started(event, at)
            case IterationNext() | LoopNext():
                return made.container_next(event, at)
            case IterationCompleted() | LoopCompleted():
                return made.container_completed(event, at)
            case TextReplaced():
                return made.replaced(event.text, event.reason)
            case ReasoningChunk():
                return made.reasoning(event)
            case AgentLog():
                return made.agent_log(event)
            case HumanInputRequired():
                return made.form_required(self.forms[event.form_id])
            case HumanInputFilled():
                return made.form_filled(event)
            case HumanInputTimedOut():
                form = self.forms.get(event.form_id)
                return made.form_timed_out(event, int(form.expires_at.timestamp() if form else at))
        return None


def _row(node: NodeRun, status: str, **told: Any) -> dict[str, Any]:
    return {
        "id": node.id,
        "node_id": node.node_id,
        "node_type": node.node_type,
        "title": node.title,
        "index": node.index,
        "predecessor_node_id": node.predecessor_node_id,
        "status": status,
        "inputs": told.get("inputs"),
        "process_data": told.get("process_data"),
        "outputs": None,
        "error": None,
        "error_type": None,
        "elapsed_time": 0.0,
        "execution_metadata": metadata(node.place, Spent(), {}),
        "created_at": datetime.fromtimestamp(node.started_at, UTC),
        "finished_at": None,
    }


def _finished_row(event: NodeFinished, at: float) -> dict[str, Any]:
    return _row(event.node, event.status, inputs=dict(event.inputs), process_data=dict(event.process_data)) | {
        "outputs": dict(event.outputs),
        "error": event.error,
        "error_type": event.error_type,
        "elapsed_time": event.elapsed,
        "execution_metadata": metadata(event.node.place, event.spent, event.metadata),
        "finished_at": datetime.fromtimestamp(at, UTC),
    }


def _form(event: HumanInputRequired, at: float) -> dict[str, Any]:
    return {
        "id": event.form_id,
        "token": new_token(FORM_PREFIX),
        "node_id": event.node.node_id,
        "node_title": event.node.title,
        "content": event.content,
        "inputs": [dict(entry) for entry in event.inputs],
        "actions": [dict(action) for action in event.actions],
        "default_values": dict(event.default_values),
        "delivery": [dict(method) for method in event.delivery],
        "expires_at": datetime.fromtimestamp(at, UTC) + timedelta(seconds=event.timeout),
    }
