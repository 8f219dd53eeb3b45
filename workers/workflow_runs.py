"""The job of a workflow's run: from its claimed row to its end, or to a pause that a later job goes on from.

The row is the truth and the event log a view of it. The engine runs in a task of its own, so that a stop reaches it as
a request and not in the middle of a write: it ends what runs and says what it has.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.chat import conversation_name
from engine.moderation import Moderator
from engine.workflow import Control, EventSink, Limits, Outcome, RunRequest, execute, parse_graph, resume
from engine.workflow.events import MAIN_PLACE, NOTHING_SPENT, Emitted, RunStarted, TextChunk
from engine.workflow.snapshot import text_before
from foundation.error_table import error_table
from foundation.errors import ApiError
from foundation.ids import new_id
from foundation.telemetry import trace_id
from models import conversation as conversations
from models import message as messages
from models import workflow_run_state as state
from models.message import Message
from models.workflow_run import WorkflowRun
from models.workflow_run_state import EndStatus
from workers import tallies, workflow_backgrounds
from workers.announcing import announce_run
from workers.narration import narration
from workers.openings import answer_moderator, open_question
from workers.persistence import persistently, to_the_end
from workers.process import GenerationProcess, current
from workers.rq.interruption import FENCED, SHUTDOWN, STOP, TIMEOUT
from workers.workflow_answer import AnswerSink
from workers.workflow_backgrounds import RunBackground
from workers.workflow_calls import Calling, WorkflowCaller
from workers.workflow_costs import message_account, run_account
from workers.workflow_events import FAILED, RunEvents
from workers.workflow_files import RunFiles
from workers.workflow_journal import Fenced, Journal
from workers.workflow_naming import find_name
from workers.workflow_services import RunModels, run_services

log = logging.getLogger(__name__)

DRAIN_SECONDS = 30.0
RESTARTING = "The server is restarting; please run it again."
REASONS = {
    STOP: "The run was stopped.",
    TIMEOUT: "The run took longer than a run may.",
    SHUTDOWN: RESTARTING,
}


async def run_workflow(workspace_id: str, run_id: str) -> str:
    """Run a queued workflow run, or resume it; the RQ job.

    Returns:
        The status that the row has now, `fenced`, or `not queued`.
    """
    process = current()
    ended = "not queued"
    while True:

        async def claim() -> tuple[WorkflowRun, RunBackground] | None:
            async with process.database.workspace(workspace_id) as scope:
                run = await state.claim(scope, run_id)
                return (run, await workflow_backgrounds.read(process, scope, run)) if run else None

        claimed = await persistently(claim)
        if claimed is None:
            return ended
        trace_id.set(claimed[0].trace_id or "")
        ended = await Run(process, *claimed).complete()
        if ended != "queued":
            return ended


async def run_called(process: GenerationProcess, run: WorkflowRun, background: RunBackground) -> Outcome | None:
    """Run a claimed workflow run in the job of its caller.

    Returns:
        How it ended; None if the run was no longer ours.
    """
    attempt = Run(process, run, background)
    return None if await attempt.complete() == FENCED else attempt.outcome


class Run:
    """One attempt at a run.

    Attributes:
        outcome: how it ended, once it has.
    """

    def __init__(self, process: GenerationProcess, run: WorkflowRun, background: RunBackground) -> None:
        """Prepare the attempt of a run that has just been claimed."""
        self._process = process
        self._run = run
        self._background = background
        self._events = RunEvents(run)
        self._control = Control()
        self._cut: str | None = None
        self.outcome: Outcome | None = None
        self._began = time.monotonic()
        self._deliveries: list[str] = []
        self._ending: list[dict[str, Any]] = []
        self._answer: list[str] = [background.message.answer] if background.message and run.snapshot else []
        self._files = RunFiles(process, run)
        self._sink: AnswerSink | None = None
        self._opening_metadata: Mapping[str, Any] = {}
        self._named = ""

    async def complete(self) -> str:
        """Run, save the end state or the pause, and end the log where the run has ended.

        Returns:
            The status that the row has now, or `fenced` if the run was no longer ours.
        """
        run, process, message = self._run, self._process, self._background.message
        task = asyncio.current_task()
        assert task is not None
        process.watch.begin(run.id, run.attempt, task.cancel)
        if message is not None:
            process.partials.begin(message.id, run.attempt, task.cancel).pieces = self._answer
        process.publisher.open(run.task_id, run.attempt, self._events.envelope)
        journal = Journal(
            process,
            run,
            self._events,
            self._answer,
            variable_types=self._background.variable_types,
            forms=self._background.forms,
        )
        try:
            self.outcome = outcome = await self._watchfully(asyncio.create_task(self._attempt(journal)))
            return await to_the_end(self._settle(journal, outcome))
        finally:
            process.watch.end(run.id)
            if message is not None:
                process.partials.end(message.id)
            if self._sink is not None:
                self._sink.close()
            await journal.close()
            self._files.close()

    async def _watchfully(self, engine: asyncio.Task[Outcome]) -> Outcome | None:
        """Wait for the engine, and pass on to it what this task is told; None if another attempt owns the run."""
        while True:
            try:
                return await asyncio.shield(engine)
            except asyncio.CancelledError as cancelled:
                if engine.cancelled():
                    return None
                if task := asyncio.current_task():
                    task.uncancel()
                reason = str(cancelled.args[0]) if cancelled.args else SHUTDOWN
                if reason == FENCED:
                    engine.cancel()
                    await asyncio.gather(engine, return_exceptions=True)
                    return None
                self._cut = self._cut or reason
                self._control.stop(REASONS.get(reason, RESTARTING))
                if self._sink is not None and self._sink.narration is not None:
                    self._sink.narration.abandon()
            except Fenced:
                return None

    async def _attempt(self, journal: Journal) -> Outcome:
        """Run the graph; whatever goes wrong outside of a node ends the run as failed, with a reason."""
        try:
            outcome = await self._execute(journal)
        except Fenced:
            raise
        except ApiError as error:
            outcome = await self._failed(journal, error.message)
        except Exception:
            incident = new_id()
            log.exception("run %s failed, incident %s", self._run.task_id, incident)
            outcome = await self._failed(journal, f"The run failed; incident {incident}.")
        await journal.written()
        if self._sink is None:
            return outcome
        outcome = await self._read_out(self._sink, self._sink.judged(outcome))
        await journal.written()
        return outcome

    async def _read_out(self, sink: AnswerSink, outcome: Outcome) -> Outcome:
        """Have what was said read aloud before a pause; return how the run ends, which may be stopped meanwhile."""
        if outcome.status != "paused" or sink.narration is None:
            return outcome
        await sink.narration.finish()
        if self._cut != STOP:
            return outcome
        return replace(outcome, status="stopped", error=REASONS[STOP], snapshot=None)

    async def _execute(self, journal: Journal) -> Outcome:
        run, background, process = self._run, self._background, self._process
        graph = parse_graph(run.graph)
        graph = graph.only(run.node_id) if run.node_id else graph
        models = RunModels(process, background.available, background.refusal)
        services = run_services(process, run, self._files, models, background.history, self._caller)
        limits = Limits(seconds=float(process.settings.answer_seconds))
        message, turn = background.message, background.turn
        if run.snapshot is not None:
            moderator = await answer_moderator(process, message, turn) if message and turn else None
            snapshot = process.sealer.open(run.snapshot)
            return await resume(
                graph,
                snapshot,
                background.responses(),
                services,
                self._listen(journal, moderator, message.answer if message else text_before(snapshot)),
                control=self._control,
                limits=limits,
                secrets=background.secrets,
            )
        inputs, system = run.filled_in, run.system
        if message is None or turn is None:
            sink = self._listen(journal, None)
        else:
            opening = await open_question(process, message, turn)
            self._opening_metadata = opening.metadata
            sink = self._listen(journal, opening.moderator)
            if opening.answer is not None:
                return await self._say(sink, opening.answer)
            system["query"] = opening.query
            inputs |= {name: value for name, value in opening.inputs.items() if isinstance(value, str)}
        request = RunRequest(
            graph,
            inputs=inputs,
            system=system,
            environment=background.environment,
            conversation=background.conversation,
            secrets=background.secrets,
            call_depth=run.call_depth,
            variables=background.variables,
        )
        return await execute(request, services, sink, control=self._control, limits=limits)

    def _listen(self, journal: Journal, moderator: Moderator | None, said: str = "") -> EventSink:
        """Return what takes the run's events: the journal, behind whoever moderates and reads the text aloud.

        Nothing is read of a node that runs alone, nor of a run that another calls.
        """

        def give(sound: str) -> None:
            journal.aside(self._events.sound(sound))

        run, available = self._run, self._background.available
        heard = run.node_id is None and not run.call_depth
        reader = narration(self._process, run, available, give, said) if heard else None
        if moderator is None and reader is None:
            return journal.sink
        self._sink = AnswerSink(journal.sink, self._control.stop, moderator=moderator, narration=reader, said=said)
        return self._sink

    def _caller(self, depth: int) -> WorkflowCaller:
        """Return what calls workflows for this run, so many calls deep."""
        calling = Calling.of_run(self._run, depth, self._files)
        return WorkflowCaller(self._process, calling, run_called)

    async def _say(self, sink: EventSink, answer: str) -> Outcome:
        """Answer without running the graph: a moderator or an annotation has said what."""
        await sink(Emitted(1, time.time(), RunStarted("initial", self._run.filled_in)))
        await sink(Emitted(2, time.time(), TextChunk(answer, None, "", MAIN_PLACE)))
        elapsed = time.monotonic() - self._began
        return Outcome("succeeded", {"answer": answer}, answer, None, elapsed, NOTHING_SPENT, 0, 0)

    async def _failed(self, journal: Journal, reason: str) -> Outcome:
        """Return the end of a run that the engine could not run; its beginning is told all the same."""
        if not journal.begun:
            await journal.sink(Emitted(1, time.time(), RunStarted("initial", self._run.filled_in)))
        elapsed = self._run.elapsed_time + time.monotonic() - self._began
        return Outcome("failed", {}, "".join(self._answer), reason, elapsed, NOTHING_SPENT, 0, 0)

    async def _settle(self, journal: Journal, outcome: Outcome | None) -> str:
        """Save how the attempt ended, and tell it."""
        run, publisher = self._run, self._process.publisher
        if outcome is not None and outcome.status == "paused" and outcome.snapshot is not None:
            return await self._pause(journal, outcome)
        ended = await self._save(journal, outcome) if outcome else None
        self._tally(ended)
        if ended is None:
            publisher.close(run.task_id)
            return FENCED
        reading = self._sink.narration if self._sink is not None and ended.status != "failed" else None
        for number, event in enumerate(self._ending, 1):
            publisher.event(run.task_id, event, last=reading is None and number == len(self._ending))
        for delivery_id in self._deliveries:
            await self._process.queues.enqueue_delivery(run.workspace_id, delivery_id)
        if ended.status in ("succeeded", "partial-succeeded"):
            await find_name(self._process, run, self._background, journal.model, self._named)
        if reading is not None:
            if self._cut is None:
                await reading.finish()
            await journal.written()
            publisher.event(run.task_id, self._events.sound_end(), last=True)
        if not await publisher.drain(run.task_id, DRAIN_SECONDS):
            log.warning("the log of %s is not complete yet; its row is", run.task_id)
        return ended.status

    async def _pause(self, journal: Journal, outcome: Outcome) -> str:
        """Keep the state of a run that waits for people, and tell it; its log goes on with the resumption."""
        run, process, told = self._run, self._process, journal.paused
        assert told is not None
        assert outcome.snapshot is not None
        sealed = process.sealer.seal(dict(outcome.snapshot))
        awaited = [reason.form_id for reason in told.reasons]
        values = {"outputs": dict(outcome.outputs), **run_account(outcome)}
        message_values: dict[str, Any] = {}
        if self._background.message is not None:
            shown = {**self._background.message.metadata_, "retriever_resources": self._resources(journal)}
            message_values = {"answer": "".join(self._answer), "metadata_": shown}

        async def save() -> WorkflowRun | None:
            async with process.database.workspace(run.workspace_id) as scope:
                return await state.pause(scope, run.id, run.attempt, sealed, awaited, values, message_values)

        paused = await persistently(save)
        if paused is None:
            process.publisher.close(run.task_id)
            return FENCED
        forms = [journal.forms[form_id] for form_id in awaited]
        process.publisher.event(run.task_id, self._events.paused(told, forms))
        if not await process.publisher.drain(run.task_id, DRAIN_SECONDS):
            log.warning("the log of %s does not tell its pause yet; its row does", run.task_id)
        process.publisher.close(run.task_id)
        return paused.status

    async def _save(self, journal: Journal, outcome: Outcome) -> WorkflowRun | None:
        """Write how the run ended, its message with it, and what its end causes."""
        run, process, message = self._run, self._process, self._background.message
        status, error, code = await self._verdict(journal, outcome)
        values = {"outputs": dict(outcome.outputs), "error": error, "error_code": code, **run_account(outcome)}

        async def save() -> WorkflowRun | None:
            async with process.database.workspace(run.workspace_id) as scope:
                message_values: dict[str, Any] = {}
                if message is not None:
                    message_values = await message_account(scope, run, outcome, self._resources(journal), journal.model)
                    message_values["metadata_"] |= self._opening_metadata
                    message_values |= {"error_code": code, "error_message": error if status == "failed" else None}
                ended = await state.finish(scope, run.id, run.attempt, status, values, message_values)
                if ended is None:
                    return None
                written: Message | None = None
                if message is not None and ended.conversation_id is not None:
                    written = await messages.load(scope, message.id)
                    if name := conversation_name(message.query):
                        renamed = await conversations.rename_if(scope, ended.conversation_id, "", name)
                        self._named = name if renamed else ""
                self._deliveries = await announce_run(scope, ended, written)
                self._ending = self._events.ended(ended, written, self._background.creator)
                return ended

        return await persistently(save)

    async def _verdict(self, journal: Journal, outcome: Outcome) -> tuple[EndStatus, str | None, str | None]:
        """Return the run's end status, why it ended so, and the error code of a failure."""
        if outcome.status == "stopped" and self._cut == SHUTDOWN and not await self._asked_to_stop():
            return "failed", RESTARTING, "generation_interrupted"
        if outcome.status == "failed":
            kind = journal.failed.error_type if journal.failed else None
            return "failed", outcome.error, kind if kind in error_table() else FAILED
        if outcome.status in ("succeeded", "partial-succeeded"):
            return ("succeeded" if outcome.status == "succeeded" else "partial-succeeded"), None, None
        return "stopped", outcome.error, None

    async def _asked_to_stop(self) -> bool:
        async def ask() -> bool:
            async with self._process.database.workspace(self._run.workspace_id) as scope:
                return await state.to_stop(scope, self._run.id)

        return await persistently(ask)

    def _resources(self, journal: Journal) -> list[dict[str, Any]]:
        """Return the passages that the answer rests on, those found before a pause first."""
        if (self._run.features.get("retriever_resource") or {}).get("enabled") is False:
            return []
        before = (
            (self._background.message.metadata_ or {}).get("retriever_resources") if self._background.message else []
        )
        return [{**found, "position": place} for place, found in enumerate([*(before or []), *journal.resources], 1)]

    def _tally(self, ended: WorkflowRun | None) -> None:
        """Count how the run ended and what it took."""
        counted, run = self._process.tallies, self._run
        counted.add(tallies.RUNS, run.mode, ended.status if ended else FENCED)
        if ended is not None:
            counted.observe(tallies.RUN_SECONDS, run.mode, seconds=time.monotonic() - self._began)
