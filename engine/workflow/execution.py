"""Runs a graph. One task owns all state: node tasks only send it messages, and it alone tells events.

Each message is handled without waiting; then the events it led to are told one after the other, each awaited, before
the next message is looked at. A sink can therefore write a row before it shows an event.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from engine.workflow.events import Emitted, RunFinished, RunPaused, RunStarted, RunStatus
from engine.workflow.graph import Graph
from engine.workflow.limits import Limits
from engine.workflow.pool import VariablePool
from engine.workflow.progress import Progress
from engine.workflow.redaction import Redaction
from engine.workflow.request import Control, Outcome
from engine.workflow.scope import Scope, ScopeFailure
from engine.workflow.services import HumanResponse, Services
from engine.workflow.snapshot import dump
from engine.workflow.values import Value, files_in

EventSink: TypeAlias = Callable[[Emitted], Awaitable[None]]


class Execution(Progress):
    """One run, from its start or from a snapshot to its end or to a pause."""

    def __init__(
        self,
        graph: Graph,
        services: Services,
        sink: EventSink,
        *,
        control: Control | None = None,
        limits: Limits | None = None,
        secrets: frozenset[str] = frozenset(),
        responses: Mapping[str, HumanResponse] | None = None,
    ) -> None:
        super().__init__(graph, services, limits or Limits(), control or Control(), Redaction(secrets), responses or {})
        self._sink = sink
        self._began = time.monotonic()

    async def start(self, pool: VariablePool, inputs: Mapping[str, Value]) -> Outcome:
        """Runs from the start."""
        self.tell(RunStarted("initial", inputs))
        main = self.scopes[""] = Scope("", self.graph.main, pool)
        if self.attempts.call_depth > self.limits.call_depth:
            reason = f"Workflows may call each other {self.limits.call_depth} deep; this one is deeper."
            main.failure = ScopeFailure(self.graph.main.root, reason, "CallDepthExceeded")
        else:
            self._begin(main)
        return await self._run(main)

    async def go_on(self, inputs: Mapping[str, Value]) -> Outcome:
        """Runs from a snapshot that was loaded."""
        self.tell(RunStarted("resumption", inputs))
        for scope in self.scopes.values():
            for node_id, state in scope.states.items():
                if state == "paused":
                    scope.states[node_id] = "ready"
                    scope.ready.append(node_id)
        self.stream.flush()
        return await self._run(self.scopes[""])

    async def _run(self, main: Scope) -> Outcome:
        inbox = self.attempts.inbox
        self._control.bind(lambda: inbox.put_nowait(lambda: None))
        left = max(0.0, self.limits.seconds - self.tally.elapsed)
        reason = f"The run took longer than {self.limits.seconds:g} seconds."
        timer = asyncio.get_running_loop().call_later(left, self._control.stop, reason)
        self._began = time.monotonic()
        try:
            while True:
                self._start_ready(main)
                await self._drain()
                if self._control.stopped or main.failure is not None:
                    break
                if not self.attempts and (self._waiting_for or not main.waits):
                    break
                handle = await inbox.get()
                handle()
            return await self._end(main)
        finally:
            timer.cancel()
            await self.attempts.cancel(list(self.attempts))

    async def _end(self, main: Scope) -> Outcome:
        status = self._status(main)
        if status in ("stopped", "failed"):
            running = list(self.attempts)
            self._abandon(main)
            await self.attempts.cancel(running)
        elif status != "paused":
            self.stream.leave(main)
        tally = self.tally
        tally.elapsed += time.monotonic() - self._began
        outputs = self._outputs(main, status)
        error = main.failure.message if main.failure is not None else None
        if status == "stopped":
            error = self._control.reason
        used = (tally.elapsed, tally.spent, tally.steps)
        if status == "paused":
            self.tell(RunPaused(tuple(self._waiting_for), outputs, *used))
        else:
            files = tuple(files_in(outputs))
            self.tell(RunFinished(status, outputs, self.stream.text, error, *used, tally.exceptions, files))
        await self._drain()
        snapshot = dump(self) if status == "paused" else None
        return Outcome(status, outputs, self.stream.text, error, *used, tally.exceptions, snapshot)

    def _status(self, main: Scope) -> RunStatus:
        if main.failure is not None:
            return "failed"
        if self._control.stopped:
            return "stopped"
        if self._waiting_for:
            return "paused"
        return "partial-succeeded" if self.tally.exceptions else "succeeded"

    def _outputs(self, main: Scope, status: RunStatus) -> dict[str, Value]:
        if status == "failed":
            return {}
        outputs = dict(main.outputs)
        for node_id in main.graph.answering_models:
            outputs.update(main.pool.node(node_id))
        return outputs

    async def _drain(self) -> None:
        while self._outbox:
            self.tally.seq += 1
            await self._sink(Emitted(self.tally.seq, time.time(), self._outbox.popleft()))
