"""The attempts at nodes that are under way: their tasks, what they see, and how their ends come back.

A task never touches the run's state: everything it has to say goes through the inbox, as a function that the run's
own task calls.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from engine.workflow.answer_stream import AnswerStream
from engine.workflow.context import NodeContext
from engine.workflow.events import Event, HumanInputRequired, NodeRun, ReasoningChunk, Retrieved
from engine.workflow.failure import NodeFailure, NodePaused
from engine.workflow.graph import Node
from engine.workflow.limits import Limits
from engine.workflow.node import NodeResult
from engine.workflow.scope import Scope
from engine.workflow.services import HumanResponse, Services
from engine.workflow.values import size_of


@dataclass(eq=False, slots=True)
class Attempt:
    """One attempt at a node that runs, or waits to be tried again."""

    scope: Scope
    node: Node
    context: NodeContext
    began: float
    task: asyncio.Task[None] | None = None
    waiting: bool = False
    over: bool = False


class Ends(Protocol):
    """Who is told how attempts end."""

    def tell(self, event: Event) -> None:
        """Tells an event."""

    def succeeded(self, attempt: Attempt, result: NodeResult) -> None:
        """Takes what a node gave."""

    def failed(self, attempt: Attempt, error: Exception) -> None:
        """Takes why a node failed."""

    def paused(self, attempt: Attempt, reason: HumanInputRequired) -> None:
        """Takes what a node waits for."""


class Attempts:
    """All attempts of a run."""

    def __init__(
        self,
        ends: Ends,
        stream: AnswerStream,
        services: Services,
        limits: Limits,
        responses: Mapping[str, HumanResponse],
    ) -> None:
        self.inbox: asyncio.Queue[Callable[[], None]] = asyncio.Queue()
        self.running = 0
        self.call_depth = 0
        self._ends = ends
        self._stream = stream
        self._services = services
        self._limits = limits
        self._responses = responses
        self._current: dict[tuple[str, str], Attempt] = {}

    def __bool__(self) -> bool:
        return bool(self._current)

    def __iter__(self) -> Iterator[Attempt]:
        return iter(list(self._current.values()))

    def get(self, scope: Scope, node_id: str) -> Attempt | None:
        """Returns the attempt at a node that is under way."""
        return self._current.get((scope.key, node_id))

    def add(self, scope: Scope, node: Node, run: NodeRun, began: float | None = None) -> Attempt:
        """Returns a new attempt, which takes the place of an earlier one."""
        attempt = Attempt(scope, node, self._context(scope, run), time.monotonic() if began is None else began)
        self._current[scope.key, node.id] = attempt
        return attempt

    def begin(self, attempt: Attempt) -> None:
        """Starts the task of an attempt."""
        self.running += 1
        attempt.task = asyncio.create_task(self._work(attempt))

    def begin_later(self, attempt: Attempt, seconds: float, again: Callable[[], None]) -> None:
        """Calls `again` after a while; only the attempt's own task waits."""

        async def wait() -> None:
            await asyncio.sleep(seconds)
            self.inbox.put_nowait(lambda: None if attempt.over else again())

        attempt.waiting = True
        attempt.task = asyncio.create_task(wait())

    def close(self, attempt: Attempt) -> None:
        """Takes an attempt out, and ends its task if it still runs."""
        if attempt.task is not None and not attempt.over and not attempt.waiting:
            self.running -= 1
        attempt.over = True
        key = (attempt.scope.key, attempt.node.id)
        if self._current.get(key) is attempt:
            del self._current[key]

    async def cancel(self, attempts: Sequence[Attempt]) -> None:
        """Cancels the tasks of attempts and waits until they have gone."""
        tasks = [attempt.task for attempt in attempts if attempt.task is not None]
        for attempt in attempts:
            attempt.over = True
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _context(self, scope: Scope, run: NodeRun) -> NodeContext:
        key = (scope.key, run.node_id)
        streamed = scope.graph.streamed

        def post(handle: Callable[[], None]) -> None:
            attempt = self._current.get(key)
            if attempt is not None and attempt.context is context and not attempt.over:
                self.inbox.put_nowait(lambda: None if attempt.over else handle())

        def stream(name: str, text: str) -> None:
            if (run.node_id, name) in streamed:
                post(lambda: self._stream.chunk(scope, run.node_id, name, text))

        def reason(text: str, final: bool) -> None:
            post(lambda: self._ends.tell(ReasoningChunk(run, text, final)))

        def retrieved(resources: Sequence[Mapping[str, Any]]) -> None:
            post(lambda: self._ends.tell(Retrieved(run, tuple(resources))))

        context = NodeContext(
            run,
            scope.pool,
            self._services,
            self._limits,
            self.call_depth,
            self._responses.get(run.id),
            lambda event: post(lambda: self._ends.tell(event)),
            stream,
            retrieved,
            reason,
        )
        return context

    async def _work(self, attempt: Attempt) -> None:
        node = attempt.node
        assert node.type.run is not None
        assert node.data is not None
        try:
            async with asyncio.timeout(self._limits.node_seconds):
                result = await node.type.run(attempt.context, node.data)
            check_size(result, self._limits)
        except asyncio.CancelledError:
            raise
        except NodePaused as pause:
            reason = pause.reason
            self._end(attempt, lambda: self._ends.paused(attempt, reason))
        except Exception as error:  # a node's failure must never end the run's own task
            failure = error
            self._end(attempt, lambda: self._ends.failed(attempt, failure))
        else:
            self._end(attempt, lambda: self._ends.succeeded(attempt, result))

    def _end(self, attempt: Attempt, handle: Callable[[], None]) -> None:
        def settle() -> None:
            if not attempt.over:
                self.close(attempt)
                handle()

        self.inbox.put_nowait(settle)


def check_size(result: NodeResult, limits: Limits) -> None:
    """Refuses what is larger than outputs and variables may be.

    Raises:
        NodeFailure: it is.
    """
    size = sum(map(size_of, result.outputs.values()))
    if size > limits.output_bytes:
        message = f"The node's outputs have {size} bytes; at most {limits.output_bytes} are allowed."
        raise NodeFailure(message, "OutputTooLarge")
    for selector, value in result.writes:
        if size_of(value) > limits.variable_bytes:
            message = f"{'.'.join(selector)} would be larger than {limits.variable_bytes} bytes."
            raise NodeFailure(message, "VariableTooLarge")
