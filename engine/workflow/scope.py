"""One scope at work: which nodes are ready, which ways are taken, and which can never be taken any more.

A scope only keeps books; the execution starts nodes and tells events. A node is ready when every way that leads to
it is settled and one of them is taken; it is skipped, with all that hangs on it, when none is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from engine.workflow.events import MAIN_PLACE, NOTHING_SPENT, NodeRun, Place, Spent
from engine.workflow.graph import Edge, ScopeGraph
from engine.workflow.pool import VariablePool
from engine.workflow.values import Value

if TYPE_CHECKING:
    from engine.workflow.containers import ContainerRun

NodeState: TypeAlias = Literal["ready", "running", "paused", "skipped", "succeeded", "exception", "failed", "stopped"]


@dataclass(frozen=True, slots=True)
class ScopeFailure:
    """Why a scope failed: the node that nothing could help."""

    node_id: str
    message: str
    kind: str


@dataclass(eq=False, slots=True)
class Scope:
    """The state of one scope.

    Attributes:
        key: names the scope within the run; empty for the main one.
        edges: the settled ways, and whether they are taken.
        ready: the nodes that can start.
        runs: the executions of nodes that started and have not ended.
        retries: how often each node was tried again.
        opened: the responses that stream, or streamed.
        failure: why the scope failed.
        ends_loop: whether a loop-end node ran.
        changed: the conversation variables that nodes of the scope wrote.
    """

    key: str
    graph: ScopeGraph
    pool: VariablePool
    place: Place = MAIN_PLACE
    parent: Scope | None = None
    container_id: str | None = None
    index: int = 0
    edges: dict[str, bool] = field(default_factory=dict)
    states: dict[str, NodeState] = field(default_factory=dict)
    ready: list[str] = field(default_factory=list)
    runs: dict[str, NodeRun] = field(default_factory=dict)
    retries: dict[str, int] = field(default_factory=dict)
    predecessors: dict[str, str] = field(default_factory=dict)
    containers: dict[str, ContainerRun] = field(default_factory=dict)
    outputs: dict[str, Value] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    changed: dict[str, Value] = field(default_factory=dict)
    exceptions: int = 0
    spent: Spent = NOTHING_SPENT
    failure: ScopeFailure | None = None
    ends_loop: bool = False
    _unsettled: dict[str, int] = field(init=False)
    _reached: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self._unsettled = {node_id: len(edges) for node_id, edges in self.graph.incoming.items()}
        self._reached = set()
        if self.edges:
            for edges in self.graph.outgoing.values():
                for edge in edges:
                    if edge.id in self.edges:
                        self._unsettled[edge.target] -= 1
                        if self.edges[edge.id]:
                            self._reached.add(edge.target)

    def begin(self) -> None:
        """Makes the root ready, and skips every other node that nothing leads to."""
        self.states[self.graph.root] = "ready"
        self.ready.append(self.graph.root)
        for node_id in self.graph.idle_roots:
            self.states[node_id] = "skipped"
            self._settle((edge, False) for edge in self.graph.outgoing[node_id])

    def leave(self, node_id: str, handle: str | None) -> bool:
        """Settles the ways out of a node that ended.

        Args:
            node_id: the node.
            handle: what it chose; None where it chooses nothing.

        Returns:
            Whether this made something certain that was not before, so that a response may begin to stream.
        """
        node = self.graph.nodes[node_id]
        self._settle((edge, edge.taken(handle)) for edge in self.graph.outgoing[node_id])
        return node.decides or bool(node.writes)

    def certain_responses(self) -> list[str]:
        """Returns the responses, not opened yet, that nothing undecided stands before any more; opens them.

        A response is certain when a way from the root leads to it on which no edge is unsettled that leaves a
        node that decides, or that writes a variable the response shows. Looked for from the response backwards,
        so that the number of ways does not matter.
        """
        found = []
        for node_id in self.graph.texts:
            if node_id not in self.opened and self.states.get(node_id) != "skipped" and self._certain(node_id):
                self.opened.add(node_id)
                found.append(node_id)
        return found

    @property
    def waits(self) -> bool:
        """Whether a node of the scope runs, can start, or waits for a person."""
        return bool(self.ready or self.runs)

    def owner(self, node_id: str) -> Scope | None:
        """Returns the scope, this one or one around it, that a node belongs to."""
        scope: Scope | None = self
        while scope is not None and node_id not in scope.graph.nodes:
            scope = scope.parent
        return scope

    def merge(self, outputs: dict[str, Any]) -> None:
        """Adds what a response gave to the outputs: answers follow each other, of anything else the last stays."""
        for name, value in outputs.items():
            if name == "answer" and isinstance(value, str):
                value = str(self.outputs.get("answer", "")) + value
            self.outputs[name] = value

    def _certain(self, response: str) -> bool:
        reads = self.graph.reads[response]
        seen = {response}
        todo = [response]
        while todo:
            node_id = todo.pop()
            if node_id == self.graph.root:
                return True
            for edge in self.graph.incoming[node_id]:
                if edge.source not in seen and self._passable(edge, reads):
                    seen.add(edge.source)
                    todo.append(edge.source)
        return False

    def _passable(self, edge: Edge, reads: frozenset[Sequence[str]]) -> bool:
        settled = self.edges.get(edge.id)
        if settled is not None:
            return settled
        source = self.graph.nodes[edge.source]
        return not source.decides and not (source.writes and source.writes & reads)

    def _settle(self, edges: Iterable[tuple[Edge, bool]]) -> None:
        pending = deque(edges)
        while pending:
            edge, taken = pending.popleft()
            target = edge.target
            self.edges[edge.id] = taken
            self._unsettled[target] -= 1
            if taken:
                self._reached.add(target)
                self.predecessors.setdefault(target, edge.source)
            if self._unsettled[target] or target in self.states:
                continue
            if target in self._reached:
                self.states[target] = "ready"
                self.ready.append(target)
            else:
                self.states[target] = "skipped"
                pending.extend((following, False) for following in self.graph.outgoing[target])
