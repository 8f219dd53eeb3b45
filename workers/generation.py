"""The generation job: one message's run, from its claimed row to its end state.

The row is the truth and the event log a view of it: the answer is saved even where the log cannot be
written. No database session is open while the model, a peer or Redis is waited for.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engine import chat
from engine.chat import Delta, Finished, Replaced, Retrieved, conversation_name
from foundation.errors import ApiError
from foundation.ids import new_id
from foundation.telemetry import trace_id
from models import conversation as conversations
from models import message_run
from models.message import Message
from workers import envelopes, turns
from workers.process import GenerationProcess, current
from workers.rq.worker import FENCED, STOP, TIMEOUT
from workers.turns import Answering, Background

log = logging.getLogger(__name__)
R = TypeVar("R")

DRAIN_SECONDS = 30.0
DATABASE_TRIES = 6
DATABASE_DOWN = (OperationalError, InterfaceError, PoolTimeout, OSError)


async def generate(workspace_id: str, message_id: str) -> str:
    """Run a queued message; the RQ job.

    Returns:
        How it ended: `normal`, `stopped`, `error`, `fenced`, or `not queued`.
    """
    process = current()

    async def claim() -> tuple[Message, Background] | None:
        async with process.database.workspace(workspace_id) as scope:
            message = await message_run.claim(scope, message_id)
            return (message, await turns.read(process, scope, message)) if message else None

    claimed = await _persistently(claim)
    if claimed is None:
        return "not queued"
    message, background = claimed
    trace_id.set(message.trace_id or "")
    return await Run(process, message, background).complete()


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
        self._events = envelopes.for_message(message)
        self._progress = _Progress()
        self._began = time.monotonic()
        self._answering: Answering | None = None

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
        publisher.event(message.task_id, self._events.text(""))
        try:
            outcome = await self._attempt()
        finally:
            partials.end(message.id)
        ended = await self._save(outcome) if outcome else None
        if ended is None:
            publisher.close(message.task_id)
            return FENCED
        publisher.event(message.task_id, self._events.ended(ended), last=True)
        if not await publisher.drain(message.task_id, DRAIN_SECONDS):
            log.warning("the log of %s is not complete yet; its row is", message.task_id)
        return ended.status

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
        answering = self._answering = await turns.prepare(self._process, self._message, self._background)
        task_id, publisher, pieces = self._message.task_id, self._process.publisher, self._answer.pieces
        async for event in chat.run(answering.turn, answering.model, answering.retrieve):
            if isinstance(event, Delta):
                if self._progress.first_text is None:
                    self._progress.first_text = time.monotonic()
                pieces.append(event.text)
                publisher.text(task_id, event.text)
            elif isinstance(event, Replaced):
                pieces[:] = [event.text]
                publisher.event(task_id, self._events.replaced(event.text, event.reason))
            elif isinstance(event, Retrieved):
                self._progress.resources = [dict(resource) for resource in event.resources]
            else:
                self._progress.finished = event

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

        return await _persistently(ask)

    async def _save(self, outcome: _Outcome) -> Message | None:
        message = self._message
        values = self._account()
        values |= {"answer": self._answer.text(), "error_code": outcome.code, "error_message": outcome.reason}

        async def save() -> Message | None:
            async with self._process.database.workspace(message.workspace_id) as scope:
                ended = await message_run.finish(scope, message.id, message.attempt, outcome.status, values)
                name = conversation_name(message.query)
                if ended is not None and ended.conversation_id is not None and name:
                    await conversations.name_unnamed(scope, ended.conversation_id, name)
                return ended

        return await _persistently(save)

    def _account(self) -> dict[str, Any]:
        """Return what the row will say of cost and sources, estimated where the answer broke off."""
        if self._answering is None:
            return {}
        progress, model = self._progress, self._answering.model
        if progress.finished is not None:
            receipt, metadata = progress.finished.usage, dict(progress.finished.metadata)
        else:
            latency = time.monotonic() - self._began
            first = latency if progress.first_text is None else progress.first_text - self._began
            receipt = turns.estimate(self._answering, self._answer.text(), latency, first)
            metadata = {"usage": receipt.as_dict(), "usage_estimated": True}
            if progress.resources and self._answering.turn.shows_sources:
                metadata["retriever_resources"] = progress.resources
        metadata.setdefault("retriever_resources", [])
        return {"metadata_": metadata, **turns.receipt(receipt, model)}


async def _persistently(call: Callable[[], Awaitable[R]]) -> R:
    """Do a short transaction, again if the database is away for a moment."""
    for attempt in range(DATABASE_TRIES - 1):
        try:
            return await call()
        except DATABASE_DOWN as error:
            log.warning("the database is away: %s", error)
            await asyncio.sleep(0.2 * 2**attempt)
    return await call()
