"""The generation job: one message's run, from its claimed row to its end state.

The row is the truth and the event log a view of it: the answer is saved even where the log cannot be written. No
database session is open while the model, a peer or Redis is waited for.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from engine import chat
from engine.chat import Delta, Finished, Replaced, Retrieved, conversation_name
from engine.moderation import guard
from engine.providers.pricing import Receipt
from foundation.errors import ApiError
from foundation.ids import new_id
from foundation.telemetry import trace_id
from models import message_attempt as attempts
from models import message_run
from models import provider as providers
from models.message import Message
from models.message_attempt import Begun
from models.scope import Scope
from workers import agent_runs, envelopes, openings, tallies, turns
from workers.agent_runs import AgentRun
from workers.announcing import announce
from workers.message_replay import answer_files
from workers.narration import Narration, narration
from workers.openings import Opening
from workers.persistence import persistently, to_the_end
from workers.process import GenerationProcess, current
from workers.rq.interruption import FENCED, STOP, TIMEOUT
from workers.turns import Answering, Background

log = logging.getLogger(__name__)

DRAIN_SECONDS = 30.0
SPENT = "provider_quota_exceeded"


async def generate(workspace_id: str, message_id: str) -> str:
    """Run a queued message; the RQ job.

    Returns:
        How it ended: `normal`, `stopped`, `error`, `fenced`, or `not queued`.
    """
    process = current()

    async def claim() -> Begun | None:
        async with process.database.statements(workspace_id) as scope:
            return await attempts.begin(scope, message_id)

    async def read(begun: Begun) -> Background:
        async with process.database.reading(workspace_id) as scope:
            return await turns.read_begun(process, scope, begun)

    begun = await persistently(claim)
    if begun is None:
        return "not queued"
    background = await persistently(lambda: read(begun))
    trace_id.set(begun.message.trace_id or "")
    return await Run(process, begun.message, background).complete()


@dataclass(slots=True)
class _Outcome:
    """How a run ended, as far as its row will say."""

    status: message_run.EndStatus
    code: str | None = None
    reason: str | None = None


@dataclass(slots=True)
class _Progress:
    """What the engine has told so far."""

    resources: list[dict[str, Any]] = field(default_factory=list)
    finished: Finished | None = None
    first_text: float | None = None


class Run:
    """One attempt at a message."""

    def __init__(self, process: GenerationProcess, message: Message, background: Background) -> None:
        """Prepare the run of a message that has just been claimed."""
        self._background = background
        self._process = process
        self._message = message
        self._task_id = message.task_id
        self._events = envelopes.for_message(message)
        self._progress = _Progress()
        self._began = time.monotonic()
        self._opening: Opening | None = None
        self._narration: Narration | None = None
        self._answering: Answering | None = None
        self._deliveries: list[str] = []
        self._named = ""
        self._agent = AgentRun(process, message, self._events) if message.mode == agent_runs.MODE else None

    async def complete(self) -> str:
        """Answer, save the end state, and end the log.

        Returns:
            The status that the row has now, or `fenced` if the run was no longer ours.
        """
        message, publisher, partials = self._message, self._process.publisher, self._process.partials
        task = asyncio.current_task()
        assert task is not None
        self._answer = partials.begin(message.id, message.attempt, task.cancel)
        publisher.open(message.task_id, message.attempt, self._events.envelope)
        if self._agent is None:
            publisher.event(message.task_id, self._events.text(""))
        try:
            outcome = await self._attempt()
        finally:
            partials.end(message.id)
        try:
            return await to_the_end(self._end(outcome))
        finally:
            if self._narration is not None:
                self._narration.abandon()

    async def _end(self, outcome: _Outcome | None) -> str:
        """Save how the run ended, end its log, and tell the app's webhooks."""
        message, publisher = self._message, self._process.publisher
        ended = await self._save(outcome) if outcome else None
        self._tally(ended)
        if ended is None:
            publisher.close(message.task_id)
            return FENCED
        reading = self._narration if ended.status != "error" else None
        files = answer_files(self._process.settings, ended)
        publisher.event(message.task_id, self._events.ended(ended, files), last=reading is None)
        if ended.status == "normal":
            self._find_name()
        for delivery_id in self._deliveries:
            await self._process.queues.enqueue_delivery(message.workspace_id, delivery_id)
        if reading is not None:
            if ended.status == "normal":
                await reading.finish()
            publisher.event(message.task_id, self._events.sound_end(), last=True)
        if not await publisher.drain(message.task_id, DRAIN_SECONDS):
            log.warning("the log of %s is not complete yet; its row is", message.task_id)
        return ended.status

    def _find_name(self) -> None:
        """Have the model name a conversation that this run began; what administrators try needs no name."""
        message, process, answering = self._message, self._process, self._answering
        asked = process.settings.conversation_names == "model" and message.invoke_from != "debugger"
        if asked and self._named and answering is not None and message.conversation_id is not None:
            process.namer.begin(
                answering.model, message.workspace_id, message.conversation_id, answering.turn.query, self._named
            )

    def _tally(self, ended: Message | None) -> None:
        """Count how the run ended and what it took."""
        counted, message, first = self._process.tallies, self._message, self._progress.first_text
        counted.add(tallies.RUNS, message.mode, ended.status if ended else FENCED)
        if ended is None:
            return
        counted.observe(tallies.RUN_SECONDS, message.mode, seconds=time.monotonic() - self._began)
        if first is not None:
            counted.observe(tallies.FIRST_TEXT_SECONDS, message.mode, seconds=first - self._began)
        model = (ended.model_provider or "none", ended.model_id or "none")
        counted.add(tallies.TOKENS, *model, "prompt", by=ended.message_tokens)
        counted.add(tallies.TOKENS, *model, "completion", by=ended.answer_tokens)

    async def _attempt(self) -> _Outcome | None:
        """Answer; return None if another attempt owns the run."""
        try:
            async with asyncio.timeout(self._process.settings.answer_seconds):
                await self._make_answer()
            return _Outcome("normal")
        except TimeoutError:
            return self._too_long()
        except asyncio.CancelledError as cancelled:
            if task := asyncio.current_task():
                task.uncancel()
            return await self._interrupted(str(cancelled.args[0]) if cancelled.args else "")
        except ApiError as error:
            return _Outcome("error", error.code, error.message)
        except Exception:
            incident = new_id()
            log.exception("run %s failed, incident %s", self._message.task_id, incident)
            return _Outcome("error", "internal_server_error", f"The run failed; incident {incident}.")

    async def _make_answer(self) -> None:
        process, message, background = self._process, self._message, self._background
        opening = self._opening = await openings.open_question(process, message, background)
        self._narration = narration(process, message, background.available, self._give_sound)
        if opening.answer is not None:
            self._say(opening.answer)
            return
        answering = self._answering = await turns.prepare(
            process, message, background, query=opening.query, inputs=opening.inputs
        )
        told = self._told(answering)
        if opening.moderator is not None:
            told = guard(told, opening.moderator, self._cut_off)
        async for event in told:
            if isinstance(event, Delta):
                self._say(event.text)
            elif isinstance(event, Replaced):
                await to_the_end(self._replace(event))
            elif isinstance(event, Retrieved):
                self._progress.resources = [dict(resource) for resource in event.resources]
            else:
                self._progress.finished = event

    def _say(self, text: str) -> None:
        """Add a piece to the answer."""
        if self._progress.first_text is None:
            self._progress.first_text = time.monotonic()
        self._answer.pieces.append(text)
        self._process.publisher.text(self._task_id, text)
        if self._narration is not None:
            self._narration.add(text)

    async def _replace(self, event: Replaced) -> None:
        """Put a text in the place of all that was said, in an agent's thoughts as well."""
        self._answer.pieces[:] = [event.text]
        self._process.publisher.event(self._task_id, self._events.replaced(event.text, event.reason))
        if self._narration is not None:
            self._narration.restart(event.text)
        if self._agent is not None:
            await self._agent.replace(event.text)

    def _give_sound(self, sound: str) -> None:
        self._process.publisher.event(self._message.task_id, self._events.sound(sound))

    def _cut_off(self, said: str) -> Finished:
        """Return the end of an answer that its moderator cut off after `said`."""
        assert self._answering is not None
        receipt = self._estimate(self._answering, said)
        return Finished(receipt, receipt.metadata())

    def _told(self, answering: Answering) -> AsyncIterator[chat.ChatEvent]:
        if self._agent is not None:
            return self._agent.answer(answering)
        return chat.run(answering.turn, answering.model, answering.retrieve)

    def _too_long(self) -> _Outcome:
        seconds = self._process.settings.answer_seconds
        return _Outcome("error", "generation_timed_out", f"The answer took longer than {seconds} seconds.")

    async def _interrupted(self, reason: str) -> _Outcome | None:
        if reason == FENCED:
            return None
        if reason == TIMEOUT:
            return self._too_long()
        if reason == STOP or await self._asked_to_stop():
            return _Outcome("stopped")
        return _Outcome("error", "generation_interrupted", "The server is restarting; please ask again.")

    async def _asked_to_stop(self) -> bool:
        async def ask() -> bool:
            async with self._process.database.workspace(self._message.workspace_id) as scope:
                return await message_run.to_stop(scope, self._message.id)

        return await persistently(ask)

    async def _save(self, outcome: _Outcome) -> Message | None:
        message, name = self._message, conversation_name(self._message.query)
        for column, value in self._account().items():
            setattr(message, column, value)
        if self._agent is not None and self._agent.files:
            message.files = [*message.files, *self._agent.files]
        message.answer, message.error_code, message.error_message = self._answer.text(), outcome.code, outcome.reason

        async def save() -> Message | None:
            if not self._changes_quota(outcome):
                async with self._process.database.statements(message.workspace_id) as scope:
                    ended = await attempts.end_unheard(scope, message, outcome.status, name)
                if ended is not None:
                    self._named, self._deliveries = name if ended.named else "", []
                    return message
            async with self._process.database.workspace(message.workspace_id) as scope:
                ended = await attempts.end(scope, message, outcome.status, name)
                if ended is None:
                    return None
                self._named = name if ended.named else ""
                self._deliveries = await announce(scope, message, ended.webhooks)
                await self._note_quota(scope, outcome)
                return message

        return await persistently(save)

    def _changes_quota(self, outcome: _Outcome) -> bool:
        """Tell whether the provider's quota is spent now, or is so no longer."""
        if self._answering is None or self._background.available is None:
            return False
        relieved = outcome.status == "normal" and self._answering.model.provider in self._background.available.exceeded
        return relieved or outcome.code == SPENT

    async def _note_quota(self, scope: Scope, outcome: _Outcome) -> None:
        """Keep that the provider's quota is spent, or that it is so no longer."""
        if self._answering is not None and self._changes_quota(outcome):
            await providers.note_quota(scope, self._answering.model.provider, exceeded=outcome.code == SPENT)

    def _account(self) -> dict[str, Any]:
        """Return what the row will say of cost and sources, estimated where the answer broke off."""
        if self._answering is None:
            return self._account_without_model()
        progress, model = self._progress, self._answering.model
        if progress.finished is not None:
            receipt, metadata = progress.finished.usage, dict(progress.finished.metadata)
        else:
            receipt = self._estimate(self._answering, self._answer.text())
            metadata = receipt.metadata()
            if progress.resources and self._answering.turn.shows_sources:
                metadata["retriever_resources"] = progress.resources
        metadata.setdefault("retriever_resources", [])
        return {"metadata_": metadata, **turns.receipt(receipt, model)}

    def _account_without_model(self) -> dict[str, Any]:
        """Return what the row will say of an answer that no model was asked for, or of a run that came to none."""
        nothing = Receipt.nothing(time.monotonic() - self._began)
        told = self._opening.metadata if self._opening else {}
        metadata = {"usage": nothing.as_dict(), "retriever_resources": [], **told}
        return {"metadata_": metadata, "provider_response_latency": nothing.latency}

    def _estimate(self, answering: Answering, said: str) -> Receipt:
        """Return what an answer that broke off after `said` has cost."""
        latency, first = time.monotonic() - self._began, self._progress.first_text
        first = latency if first is None else first - self._began
        if (agent := self._agent) is None:
            return turns.estimate(answering, said, latency, first)
        usage = agent.spent
        if agent.asking or not usage.total_tokens:
            usage = turns.estimate(answering, said, latency, first, agent.spent).usage
        charge = answering.model.price(usage)
        return Receipt(usage, charge, latency, first, latency - first, agent.tokens_below, agent.price_below)
