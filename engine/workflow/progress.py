"""The state of a run and each of its steps: nodes begin and end, scopes open and close, events are put in order.

Nothing here waits. `execution.py` calls these steps one after the other and tells the events in between.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.workflow import reports
from engine.workflow.answer_stream import AnswerStream
from engine.workflow.attempts import Attempt, Attempts, check_size
from engine.workflow.containers import ContainerRun, make_container
from engine.workflow.events import (
    Event,
    HumanInputRequired,
    NodeRun,
    NodeStarted,
    NodeStatus,
    Place,
    Spent,
    VariableUpdated,
)
from engine.workflow.failure import SUCCESS_BRANCH, NodeFailure, Retry, TakeOver, decide, describe
from engine.workflow.graph import Graph, Node
from engine.workflow.limits import Limits
from engine.workflow.node import NodeResult
from engine.workflow.pool import CONVERSATION, VariablePool
from engine.workflow.redaction import Redaction
from engine.workflow.request import Control
from engine.workflow.scope import Scope, ScopeFailure
from engine.workflow.services import HumanResponse, Services
from engine.workflow.values import Selector, Value
from foundation.ids import new_id


@dataclass(eq=False, slots=True)
class Tally:
    """What a run has used so far; it goes on after a pause."""

    seq: int = 0
    steps: int = 0
    exceptions: int = 0
    elapsed: float = 0.0
    spent: Spent = field(default_factory=Spent)


class Progress:
    """How far a run has come."""

    def __init__(
        self,
        graph: Graph,
        services: Services,
        limits: Limits,
        control: Control,
        redaction: Redaction,
        responses: Mapping[str, HumanResponse],
    ) -> None:
        self.graph = graph
        self.limits = limits
        self.tally = Tally()
        self.scopes: dict[str, Scope] = {}
        self.stream = AnswerStream(self.tell)
        self.attempts = Attempts(self, self.stream, services, limits, responses)
        self._control = control
        self._redaction = redaction
        self._outbox: deque[Event] = deque()
        self._waiting_for: list[HumanInputRequired] = []

    def tell(self, event: Event) -> None:
        """Puts an event where it is told next."""
        self._outbox.append(event)

    # Scopes

    def open_scope(self, scope: Scope, run: NodeRun, index: int, pool: VariablePool, place: Place) -> Scope:
        """Begins a round inside of a container."""
        key = f"{scope.key}{run.node_id}:{index}/"
        inner = Scope(key, self.graph.scopes[run.node_id], pool, place, scope, run.node_id, index)
        self.scopes[key] = inner
        self._begin(inner)
        return inner

    def conversation_changed(self, scope: Scope, changed: Mapping[str, Value]) -> None:
        """Writes what a round changed of the conversation variables into the scope around the container."""
        for name, value in changed.items():
            self._write(scope, (CONVERSATION, name), value)

    def _begin(self, scope: Scope) -> None:
        scope.begin()
        self._open_responses(scope)

    def _open_responses(self, scope: Scope) -> None:
        if len(scope.opened) < len(scope.graph.texts):
            for node_id in scope.certain_responses():
                self.stream.open(scope, node_id)

    def _leave(self, scope: Scope) -> None:
        """Ends a round that has nothing left to do, and tells its container."""
        if scope.parent is not None and scope.container_id is not None:
            self.stream.leave(scope)
            del self.scopes[scope.key]
            scope.parent.containers[scope.container_id].round_ended(scope)

    def _abandon(self, scope: Scope) -> None:
        """Cancels what runs in a scope and inside of its containers, innermost first, and tells their ends."""
        reason = self._control.reason or "Another node of the run failed."
        for node_id in sorted(scope.runs, key=scope.graph.rank.__getitem__):
            container = scope.containers.get(node_id)
            attempt = self.attempts.get(scope, node_id)
            if container is not None:
                self._discard(container)
                attempt = self._container_attempt(scope, container)
                self.tell(container.completed("stopped", {}, reason))
            if attempt is None:
                continue
            self.attempts.close(attempt)
            if attempt.task is not None:
                attempt.task.cancel()
            scope.states[node_id] = "stopped"
            self._report(attempt, "stopped", NodeResult(), reason)
        scope.runs.clear()
        scope.ready.clear()

    def _discard(self, container: ContainerRun) -> None:
        """Ends the rounds of a container that goes no further."""
        for inner in list(container.open.values()):
            self._abandon(inner)
            self.stream.leave(inner)
            del self.scopes[inner.key]
        container.open.clear()

    # Beginnings of nodes

    def _start_ready(self, main: Scope) -> None:
        """Starts what can start. The order is that of the scopes, and within one that of the graph."""
        progress = True
        while progress:
            progress = False
            for scope in list(self.scopes.values()):
                if len(scope.ready) > 1:
                    scope.ready.sort(key=scope.graph.rank.__getitem__)
                while scope.ready and self._may_start(main):
                    self._start(scope, scope.graph.nodes[scope.ready.pop(0)])
                    progress = True

    def _may_start(self, main: Scope) -> bool:
        if self._waiting_for or self._control.stopped or main.failure is not None:
            return False
        if self.tally.steps >= self.limits.steps:
            self._control.stop(f"The run took more than {self.limits.steps} steps.")
            return False
        return self.attempts.running < self.limits.parallel_nodes

    def _start(self, scope: Scope, node: Node) -> None:
        self.tally.steps += 1
        scope.states[node.id] = "running"
        run = scope.runs.get(node.id) or NodeRun(
            new_id(),
            node.id,
            node.type.name,
            node.title,
            self.tally.steps,
            scope.predecessors.get(node.id),
            scope.place,
            time.time(),
            _agent_strategy(node),
        )
        scope.runs[node.id] = run
        if node.type.kind == "response":
            self.stream.settle(scope, node.id)
        self.tell(NodeStarted(run))
        self._try(scope, node, run)

    def _try(self, scope: Scope, node: Node, run: NodeRun) -> None:
        attempt = self.attempts.add(scope, node, run)
        if node.data is None:
            self.attempts.close(attempt)
            self.failed(attempt, NodeFailure(_problems(node), "InvalidNodeData"))
        elif node.type.run is not None:
            self.attempts.begin(attempt)
        else:
            self.attempts.close(attempt)
            container = scope.containers[node.id] = make_container(self, scope, run, node.data)
            try:
                container.begin()
            except NodeFailure as failure:
                self.container_failed(scope, container, failure.message, failure.kind)

    # Ends of nodes

    def paused(self, attempt: Attempt, reason: HumanInputRequired) -> None:
        """Lets a node wait; no other is started until the run is resumed."""
        attempt.scope.states[attempt.node.id] = "paused"
        self._waiting_for.append(reason)
        self.tell(reason)

    def succeeded(self, attempt: Attempt, result: NodeResult) -> None:
        """Takes what a node gave."""
        scope, node = attempt.scope, attempt.node
        handle = result.handle
        if node.type.kind == "branch" and node.data is not None and handle not in node.type.handles(node.data):
            message = f'The node chose the way "{handle}", which it does not have.'
            self.failed(attempt, NodeFailure(message, "UnknownHandle"))
            return
        if node.has_fail_branch and handle is None:
            handle = SUCCESS_BRANCH
        if result.spent.tokens or result.spent.price:
            self.tally.spent += result.spent
            scope.spent += result.spent
        for selector, value in result.writes:
            self._write(scope, selector, value)
        scope.ends_loop = scope.ends_loop or result.ends_loop
        self._finish(attempt, result, handle, "succeeded")

    def failed(self, attempt: Attempt, error: Exception) -> None:
        """Tries a node again, lets its error strategy take over, or fails its scope."""
        scope, node = attempt.scope, attempt.node
        message, kind = describe(error)
        retries = scope.retries.get(node.id, 0)
        decision = decide(node.data.recovery, retries, message, kind, self.limits) if node.data is not None else None
        if isinstance(decision, Retry):
            scope.retries[node.id] = retries + 1
            self.stream.reset(scope, node.id, "retry")
            self.tell(reports.retried(attempt, self._redaction, retries + 1, message, kind))
            run = attempt.context.node
            waiting = self.attempts.add(scope, node, run)
            self.attempts.begin_later(waiting, decision.wait, lambda: self._try(scope, node, run))
        elif isinstance(decision, TakeOver):
            self.tally.exceptions += 1
            scope.exceptions += 1
            self.stream.reset(scope, node.id, "error")
            self._finish(attempt, NodeResult(decision.outputs), decision.handle, "exception", message, kind)
        else:
            self._give_up(attempt, message, kind)

    def container_done(self, scope: Scope, container: ContainerRun, outputs: Mapping[str, Value]) -> None:
        """Ends a container that did its work."""
        attempt = self._container_attempt(scope, container)
        if container.answer is not None:
            scope.merge({"answer": container.answer})
        scope.exceptions += container.exceptions
        scope.spent += container.spent
        result = NodeResult(outputs, spent=container.spent, metadata=container.metadata)
        try:
            check_size(result, self.limits)
        except NodeFailure as failure:
            self.tell(container.completed("failed", {}, failure.message))
            self.failed(attempt, failure)
            return
        self.tell(container.completed("succeeded", outputs, None))
        self._finish(attempt, result, SUCCESS_BRANCH if attempt.node.has_fail_branch else None, "succeeded")

    def container_failed(self, scope: Scope, container: ContainerRun, message: str, kind: str) -> None:
        """Ends a container that failed."""
        attempt = self._container_attempt(scope, container)
        scope.spent += container.spent
        self._discard(container)
        self.tell(container.completed("failed", {}, message))
        self.failed(attempt, NodeFailure(message, kind))

    def _container_attempt(self, scope: Scope, container: ContainerRun) -> Attempt:
        """Returns an attempt that stands for a container, for what all nodes have in common at their end."""
        node_id = container.run.node_id
        scope.containers.pop(node_id)
        attempt = self.attempts.add(scope, scope.graph.nodes[node_id], container.run, container.began)
        attempt.context.inputs.update(container.inputs)
        self.attempts.close(attempt)
        return attempt

    def _finish(
        self,
        attempt: Attempt,
        result: NodeResult,
        handle: str | None,
        status: NodeStatus,
        error: str | None = None,
        kind: str | None = None,
    ) -> None:
        """Ends a node that gave something: its outputs can be read, and its ways are settled, before it is told."""
        scope, node = attempt.scope, attempt.node
        scope.states[node.id] = "exception" if status == "exception" else "succeeded"
        scope.runs.pop(node.id)
        scope.pool.put(node.id, result.outputs)
        if node.type.kind == "response":
            scope.merge(dict(result.outputs))
        if scope.leave(node.id, handle):
            self._open_responses(scope)
        self.stream.close(scope, node.id)
        self.stream.flush()
        self._report(attempt, status, result, error, kind)
        if not scope.waits:
            self._leave(scope)

    def _give_up(self, attempt: Attempt, message: str, kind: str) -> None:
        """Ends a node that nothing helps, and with it its scope: what else runs there is cancelled."""
        scope, node = attempt.scope, attempt.node
        scope.states[node.id] = "failed"
        scope.runs.pop(node.id)
        self._report(attempt, "failed", NodeResult(), message, kind)
        scope.failure = ScopeFailure(node.id, message, kind)
        if scope.parent is not None:
            self._abandon(scope)
            self._leave(scope)

    def _report(
        self,
        attempt: Attempt,
        status: NodeStatus,
        result: NodeResult,
        error: str | None = None,
        kind: str | None = None,
    ) -> None:
        self.tell(reports.finished(attempt, self._redaction, status, result, error, kind))

    def _write(self, scope: Scope, selector: Selector, value: Value) -> None:
        """Gives a variable of another owner a new value; what an iteration writes is told when its item ends."""
        scope.pool.replace(selector, value)
        if selector[0] == CONVERSATION:
            scope.changed[selector[1]] = value
            if scope.place.iteration_id is None:
                self.tell(VariableUpdated(selector[1], value))


def _agent_strategy(node: Node) -> Mapping[str, Value] | None:
    name = getattr(node.data, "agent_strategy_name", None)
    return {"name": name, "icon": None} if name else None


def _problems(node: Node) -> str:
    told = " ".join(f"{problem.field}: {problem.message}" for problem in node.problems)
    return f"The node's data cannot be used. {told}"
