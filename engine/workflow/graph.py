"""A workflow's graph: nodes, edges, and one scope for the whole and for the inside of each container."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.workflow.failure import FAIL_BRANCH, SUCCESS_BRANCH
from engine.workflow.node import NodeData, NodeType, Problem
from engine.workflow.references import Reference, Segment
from engine.workflow.values import Selector

SOURCE = "source"


class GraphCycle(ValueError):
    """Nodes wait for each other; `nodes` are those that can never start."""

    def __init__(self, nodes: Sequence[str]) -> None:
        super().__init__(f"The nodes {', '.join(nodes)} wait for each other.")
        self.nodes = tuple(nodes)


@dataclass(frozen=True)
class Node:
    """A node. `data` is None where its author's data cannot be used; `problems` say why."""

    id: str
    type: NodeType[NodeData]
    title: str
    data: NodeData | None
    container: str | None = None
    problems: tuple[Problem, ...] = ()

    @cached_property
    def text(self) -> tuple[Segment, ...]:
        """What the node streams where it is a response."""
        return tuple(self.type.text(self.data)) if self.data is not None else ()

    @cached_property
    def has_fail_branch(self) -> bool:
        """Whether a failure takes a branch of its own."""
        return self.data is not None and self.data.error_strategy == FAIL_BRANCH

    @cached_property
    def decides(self) -> bool:
        """Whether its outgoing edges are certain only after it has run."""
        return self.type.kind != "node" or self.has_fail_branch

    @cached_property
    def writes(self) -> frozenset[Selector]:
        """The variables of other owners that the node changes."""
        return frozenset(self.type.writes(self.data)) if self.data is not None else frozenset()


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from a handle of one node to another node."""

    id: str
    source: str
    target: str
    handle: str = SOURCE

    def taken(self, chosen: str | None) -> bool:
        """Tells whether the edge is taken where its source chose a handle (None: it chooses nothing)."""
        if chosen is None:
            return self.handle != FAIL_BRANCH
        return self.handle == chosen or (chosen == SUCCESS_BRANCH and self.handle == SOURCE)


class ScopeGraph:
    """The nodes that run together: those of the workflow itself, or those inside one container."""

    def __init__(self, nodes: Iterable[Node], edges: Iterable[Edge], root: str, *, main: bool = False) -> None:
        """Puts nodes and ways together.

        Args:
            nodes: the nodes of the scope, in the order of the graph.
            edges: the ways between them.
            root: the node that starts.
            main: whether these are the nodes of the workflow itself, where language models at the end of a way
                answer if no response node does.

        Raises:
            GraphCycle: nodes wait for each other.
        """
        self.nodes = {node.id: node for node in nodes}
        self.root = root
        self.outgoing: dict[str, list[Edge]] = {node_id: [] for node_id in self.nodes}
        self.incoming: dict[str, list[Edge]] = {node_id: [] for node_id in self.nodes}
        for edge in edges:
            self.outgoing[edge.source].append(edge)
            self.incoming[edge.target].append(edge)
        self.order = self._sorted()
        self.rank = {node_id: place for place, node_id in enumerate(self.order)}
        responses = [node_id for node_id in self.order if self.nodes[node_id].type.kind == "response"]
        self.answering_models = [] if responses or not main else self._last_models()
        self.texts: dict[str, tuple[Segment, ...]] = {node_id: self.nodes[node_id].text for node_id in responses}
        for node_id in self.answering_models:
            self.texts[node_id] = (Reference((node_id, "text"), ""),)
        self.reads = {
            node_id: frozenset(segment.selector[:2] for segment in text if isinstance(segment, Reference))
            for node_id, text in self.texts.items()
        }
        self.streamed = frozenset().union(*self.reads.values())

    @property
    def idle_roots(self) -> list[str]:
        """The nodes that nothing leads to, other than the root: they and all that hangs on them never run."""
        return [node_id for node_id in self.order if not self.incoming[node_id] and node_id != self.root]

    def _last_models(self) -> list[str]:
        return [
            node_id for node_id in self.order if self.nodes[node_id].type.name == "llm" and not self.outgoing[node_id]
        ]

    def _sorted(self) -> list[str]:
        waiting = {node_id: len(edges) for node_id, edges in self.incoming.items()}
        order = [node_id for node_id, edges in waiting.items() if not edges]
        for node_id in order:
            for edge in self.outgoing[node_id]:
                waiting[edge.target] -= 1
                if not waiting[edge.target]:
                    order.append(edge.target)
        if len(order) < len(self.nodes):
            placed = set(order)
            raise GraphCycle([node_id for node_id in self.nodes if node_id not in placed])
        return order


@dataclass(frozen=True)
class Graph:
    """A whole workflow. `scopes` has the main scope under None and each container's inside under its id."""

    nodes: Mapping[str, Node]
    scopes: Mapping[str | None, ScopeGraph]

    @property
    def main(self) -> ScopeGraph:
        """The scope of the workflow itself."""
        return self.scopes[None]

    def only(self, node_id: str) -> Graph:
        """Returns the graph of one node with what is inside of it, to be run alone.

        Raises:
            KeyError: there is no such node.
        """
        main = ScopeGraph([self.nodes[node_id]], [], node_id, main=True)
        return Graph(self.nodes, {**self.scopes, None: main})
