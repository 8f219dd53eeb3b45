"""Reads the graph of a workflow as the editor writes it: `{"nodes": [...], "edges": [...]}`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from engine.workflow.graph import SOURCE, Edge, Graph, GraphCycle, Node, ScopeGraph
from engine.workflow.node import Problem
from engine.workflow.nodes import NODE_TYPES
from foundation.errors import ApiError, ErrorDetail

NOTE = "custom-note"
_STARTS = {"iteration": "iteration-start", "loop": "loop-start"}


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that keeps a graph from running: where, which rule, and what would be right.

    `node_id` is None for what concerns the graph as a whole.
    """

    node_id: str | None
    field: str
    kind: str
    message: str

    def detail(self) -> ErrorDetail:
        """Returns the violation as an entry of `details`: its field is `nodes.<node id>.<field>`."""
        place = f"nodes.{self.node_id}.{self.field}" if self.node_id is not None else self.field
        return {"field": place, "type": self.kind, "message": self.message}


@dataclass(slots=True)
class Draft:
    """A graph that was read as far as possible, and everything that is wrong with how it hangs together."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[str | None, list[Edge]] = field(default_factory=dict)
    scopes: dict[str | None, ScopeGraph] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)

    def refuse(self, node_id: str | None, place: str, kind: str, message: str) -> None:
        """Notes a violation."""
        self.violations.append(Violation(node_id, place, kind, message))


def parse_graph(value: Mapping[str, Any]) -> Graph:
    """Returns the graph to be run. Nodes with unusable data are kept, and fail when they are reached.

    Args:
        value: the `graph` object of a workflow.

    Raises:
        ApiError: `invalid_param`, with one detail for each violation: a node type that is unknown, an edge into
            nowhere, nodes that wait for each other, no start.
    """
    draft = read_graph(value)
    if draft.violations:
        raise invalid_graph(draft.violations)
    return Graph(draft.nodes, draft.scopes)


def invalid_graph(violations: Sequence[Violation]) -> ApiError:
    """Returns the error that names every violation."""
    first = violations[0].message
    more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
    return ApiError(
        "invalid_param", f"The workflow cannot run: {first}{more}", details=[v.detail() for v in violations]
    )


def read_graph(value: Mapping[str, Any]) -> Draft:
    """Reads a graph as far as possible; its violations are those of the structure, not of the nodes' data."""
    draft = Draft()
    raw_nodes, raw_edges = value.get("nodes"), value.get("edges")
    if not isinstance(raw_nodes, list) or not isinstance(raw_edges or [], list):
        draft.refuse(None, "nodes", "type", "A graph has a list of nodes and a list of edges.")
        return draft
    for place, raw in enumerate(raw_nodes):
        _read_node(draft, place, raw)
    _check_containers(draft)
    for place, raw in enumerate(raw_edges or []):
        _read_edge(draft, place, raw)
    starts = [node.id for node in draft.nodes.values() if node.type.name == "start" and node.container is None]
    _build(draft, None, starts[0] if starts else None)
    for node in list(draft.nodes.values()):
        if node.type.name in _STARTS:
            _build(draft, node.id, _inner_root(draft, node))
    return draft


def _read_node(draft: Draft, place: int, raw: Any) -> None:
    data = raw.get("data") if isinstance(raw, Mapping) else None
    node_id = raw.get("id") if isinstance(raw, Mapping) else None
    if not isinstance(node_id, str) or not node_id or not isinstance(data, Mapping):
        draft.refuse(None, f"nodes.{place}", "type", "A node is an object with an id and data.")
        return
    if raw.get("type") == NOTE or not data.get("type"):
        if raw.get("type") != NOTE:
            draft.refuse(node_id, "type", "required", "The node has no type.")
        return
    if node_id in draft.nodes:
        draft.refuse(node_id, "id", "unique", f'Two nodes have the id "{node_id}".')
        return
    kind = NODE_TYPES.get(str(data["type"]))
    if kind is None:
        known = ", ".join(sorted(NODE_TYPES))
        draft.refuse(node_id, "type", "enum", f'There is no node type "{data["type"]}". There are: {known}.')
        return
    problems: Iterable[Problem] = ()
    parsed = None
    try:
        parsed = kind.data.model_validate(data)
    except ValidationError as error:
        problems = _problems(error)
    around = (raw.get("parentId"), data.get("iteration_id"), data.get("loop_id"))
    container = next((str(named) for named in around if named), None)
    title = str(data.get("title") or data["type"])
    draft.nodes[node_id] = Node(node_id, kind, title, parsed, container, tuple(problems))


def _problems(error: ValidationError) -> Iterator[Problem]:
    for entry in error.errors(include_url=False, include_context=False, include_input=False):
        place = ".".join(map(str, entry["loc"])) or "data"
        yield Problem(place, f"{entry['msg']}.", "required" if entry["type"] == "missing" else entry["type"])


def _check_containers(draft: Draft) -> None:
    for node in list(draft.nodes.values()):
        around = draft.nodes.get(node.container) if node.container is not None else None
        if node.container is not None and (around is None or around.type.kind != "container"):
            message = f'The node is inside of "{node.container}", which is no iteration and no loop.'
            draft.refuse(node.id, "parentId", "reference", message)
            del draft.nodes[node.id]
        elif _within_itself(draft, node):
            draft.refuse(node.id, "parentId", "cycle", "The node is inside of itself.")
            del draft.nodes[node.id]


def _within_itself(draft: Draft, node: Node) -> bool:
    seen = {node.id}
    around = node.container
    while around is not None and around in draft.nodes:
        if around in seen:
            return True
        seen.add(around)
        around = draft.nodes[around].container
    return False


def _read_edge(draft: Draft, place: int, raw: Any) -> None:
    name = f"edges.{place}"
    if not isinstance(raw, Mapping):
        draft.refuse(None, name, "type", "An edge is an object with a source and a target.")
        return
    ends = []
    for end in ("source", "target"):
        node = draft.nodes.get(str(raw.get(end)))
        if node is None:
            refused = any(violation.node_id == raw.get(end) for violation in draft.violations)
            if not refused:
                draft.refuse(None, f"{name}.{end}", "reference", f'There is no node "{raw.get(end)}".')
            return
        ends.append(node)
    source, target = ends
    if source.container != target.container:
        message = f"The edge from {source.id} to {target.id} leads into or out of a container."
        draft.refuse(None, name, "scope", message)
        return
    edges = draft.edges.setdefault(source.container, [])
    edge_id = str(raw.get("id") or name)
    taken = {edge.id for edge in edges}
    if edge_id in taken:
        edge_id = f"{edge_id}#{place}"
    edges.append(Edge(edge_id, source.id, target.id, str(raw.get("sourceHandle") or SOURCE)))


def _inner_root(draft: Draft, container: Node) -> str | None:
    inside = [node for node in draft.nodes.values() if node.container == container.id]
    named = getattr(container.data, "start_node_id", "")
    starts = [node.id for node in inside if node.type.name == _STARTS[container.type.name]]
    if any(node.id == named for node in inside):
        return str(named)
    targets = {edge.target for edge in draft.edges.get(container.id, [])}
    return next(iter([*starts, *(node.id for node in inside if node.id not in targets)]), None)


def _build(draft: Draft, container: str | None, root: str | None) -> None:
    if root is None:
        if container is None:
            draft.refuse(None, "nodes", "start", "The workflow has no start node.")
        else:
            draft.refuse(container, "start_node_id", "required", "There is no node inside of it to begin with.")
        return
    nodes = [node for node in draft.nodes.values() if node.container == container]
    try:
        edges = draft.edges.get(container, [])
        draft.scopes[container] = ScopeGraph(nodes, edges, root, main=container is None)
    except GraphCycle as cycle:
        for node_id in cycle.nodes:
            message = "The node waits for itself: the edges form a cycle. Use a loop node to repeat steps."
            draft.refuse(node_id, "edges", "cycle", message)
