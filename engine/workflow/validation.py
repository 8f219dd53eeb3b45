"""Everything that keeps a workflow from being published, each with its node, its field and its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.workflow.failure import FAIL_BRANCH, SUCCESS_BRANCH
from engine.workflow.graph import SOURCE, Node, ScopeGraph
from engine.workflow.node import Read
from engine.workflow.nodes.container import IterationData, LoopData, break_reads
from engine.workflow.parse import Draft, Violation, read_graph
from engine.workflow.pool import CONVERSATION, ENVIRONMENT, SPECIAL, SYSTEM
from engine.workflow.values import Selector, types_agree

_ENDINGS = ("end", "answer", "llm")
_SYSTEM_TYPES = {"query": "string", "files": "array[file]", "dialogue_count": "number", "timestamp": "number"}
_FAILURE_OUTPUTS = {"error_message": "string", "error_type": "string"}
_LOOP_END = "loop-end"


def validate_graph(
    value: Mapping[str, Any],
    *,
    environment: Mapping[str, str] | None = None,
    conversation: Mapping[str, str] | None = None,
) -> list[Violation]:
    """Returns every violation of a graph: how it hangs together, each node's data, and the variables it reads.

    Args:
        value: the `graph` object of a workflow.
        environment: the environment variables' types by name; None where they are not to be checked.
        conversation: the conversation variables' types by name; None where they are not to be checked.
    """
    draft = read_graph(value)
    known = {ENVIRONMENT: environment, CONVERSATION: conversation}
    return [
        *draft.violations,
        *_beginning_and_end(draft),
        *_data(draft),
        *_handles(draft),
        *_variables(draft, known),
    ]


def _beginning_and_end(draft: Draft) -> Iterator[Violation]:
    nodes = [node for node in draft.nodes.values() if node.container is None]
    starts = [node for node in nodes if node.type.name == "start"]
    for node in starts[1:]:
        yield Violation(node.id, "type", "unique", "The workflow has another start node already.")
    if nodes and not any(node.type.name in _ENDINGS for node in nodes):
        yield Violation(None, "nodes", "end", "The workflow has no end, no answer and no LLM node.")
    main = draft.scopes.get(None)
    if main is not None:
        reached = _reached(main)
        endings = [node for node in nodes if node.type.name in _ENDINGS]
        if endings and not any(node.id in reached for node in endings):
            yield Violation(None, "edges", "end", "No way leads from the start to an end, an answer or an LLM node.")
    for container, scope in draft.scopes.items():
        reached = _reached(scope)
        for node_id in scope.order:
            if node_id not in reached:
                where = "the start" if container is None else "the beginning of its container"
                yield Violation(node_id, "edges", "unreachable", f"No way leads from {where} to the node.")


def _data(draft: Draft) -> Iterator[Violation]:
    for node in draft.nodes.values():
        for problem in node.problems:
            yield Violation(node.id, problem.field, problem.kind, problem.message)
        if node.data is None:
            continue
        for problem in node.type.check(node.data):
            yield Violation(node.id, problem.field, problem.kind, problem.message)
        if node.type.name == _LOOP_END and not _inside(draft, node, "loop"):
            yield Violation(node.id, "parentId", "scope", "A loop-end node has to be inside of a loop.")
        if node.data.error_strategy == "default-value" and not node.data.default_value:
            yield Violation(node.id, "default_value", "required", "The error strategy has no default values.")
        if node.data.error_strategy == "default-value":
            for place, entry in enumerate(node.data.default_value):
                if not entry.fits:
                    message = f"The default value of {entry.key} is not of type {entry.type}."
                    yield Violation(node.id, f"default_value.{place}.value", "type", message)


def _handles(draft: Draft) -> Iterator[Violation]:
    for edges in draft.edges.values():
        for edge in edges:
            node = draft.nodes[edge.source]
            if node.data is None:
                continue
            allowed = {SOURCE, SUCCESS_BRANCH, FAIL_BRANCH} if node.has_fail_branch else {SOURCE}
            if node.type.kind == "branch":
                allowed = set(node.type.handles(node.data)) | ({FAIL_BRANCH} if node.has_fail_branch else set())
            if edge.handle not in allowed:
                named = ", ".join(sorted(allowed))
                message = f'An edge to {edge.target} leaves the handle "{edge.handle}"; the node has: {named}.'
                yield Violation(node.id, "edges", "handle", message)


def _variables(draft: Draft, known: Mapping[str, Mapping[str, str] | None]) -> Iterator[Violation]:
    before = {scope: _ancestors(graph) for scope, graph in draft.scopes.items()}
    for node in draft.nodes.values():
        if node.data is None:
            continue
        visible = _visible(draft, before, node)
        for read in node.type.reads(node.data):
            yield from _wrong(draft, known, node, read, visible)
        inside = set(draft.scopes[node.id].nodes) if node.id in draft.scopes else set()
        for read in _reads_inside(node):
            yield from _wrong(draft, known, node, read, visible | inside | {node.id})


def _reads_inside(node: Node) -> Iterable[Read]:
    """Returns what a container reads of the nodes inside of it."""
    if isinstance(node.data, IterationData):
        return [Read("output_selector", tuple(node.data.output_selector))]
    return break_reads(node.data) if isinstance(node.data, LoopData) else []


def _wrong(
    draft: Draft,
    known: Mapping[str, Mapping[str, str] | None],
    node: Node,
    read: Read,
    visible: set[str],
) -> Iterator[Violation]:
    """Yields what is wrong with a variable that a node reads."""
    name = ".".join(read.selector)
    if len(read.selector) < 2:
        yield Violation(node.id, read.field, "reference", "The variable is not chosen.")
        return
    owner, variable = _owner(draft, read.selector)
    if owner in SPECIAL:
        declared = known.get(owner)
        if declared is not None and variable not in declared:
            yield Violation(node.id, read.field, "reference", f"There is no variable {name}.")
            return
        given = (declared or {}).get(variable, "any") if owner != SYSTEM else _SYSTEM_TYPES.get(variable, "any")
    elif owner not in draft.nodes:
        yield Violation(node.id, read.field, "reference", f"There is no node {owner}, which {name} refers to.")
        return
    elif owner not in visible:
        message = f"{name} is not known yet when the node runs: {owner} does not come before it."
        yield Violation(node.id, read.field, "order", message)
        return
    else:
        outputs = _outputs(draft.nodes[owner], inside=_around(draft, node, owner))
        if outputs is not None and variable not in outputs:
            names = ", ".join(outputs) or "nothing"
            message = f"{owner} gives no {variable}; it gives: {names}."
            yield Violation(node.id, read.field, "reference", message)
            return
        given = (outputs or {}).get(variable, "any")
    if len(read.selector) == 2 and not types_agree(given, read.types):
        message = f"{name} is of type {given}; here {' or '.join(read.types)} is taken."
        yield Violation(node.id, read.field, "type", message)


def _owner(draft: Draft, selector: Selector) -> tuple[str, str]:
    """Returns whose variable a selector names, and which; a start node gives the system's as `sys.<name>`."""
    owner, variable = selector[:2]
    node = draft.nodes.get(owner)
    prefix = f"{SYSTEM}."
    if node is not None and node.type.name == "start" and variable.startswith(prefix):
        return SYSTEM, variable.removeprefix(prefix)
    return owner, variable


def _outputs(node: Node, *, inside: bool) -> Mapping[str, str] | None:
    """Returns the types of what a node gives, to those after it or to those inside of it; None where unknown."""
    if node.data is None:
        return None
    if inside and isinstance(node.data, IterationData):
        return {"item": "any", "index": "number"}
    outputs = node.type.outputs(node.data)
    if outputs is not None and node.has_fail_branch:
        return {**outputs, **_FAILURE_OUTPUTS}
    if outputs is not None and node.data.error_strategy == "default-value":
        return {**outputs, **_FAILURE_OUTPUTS}
    return outputs


def _visible(draft: Draft, before: Mapping[str | None, Mapping[str, set[str]]], node: Node) -> set[str]:
    """Returns the nodes whose variables may be known when a node runs: those before it and around it."""
    visible: set[str] = set()
    current: Node | None = node
    while current is not None:
        visible |= before.get(current.container, {}).get(current.id, set())
        current = draft.nodes.get(current.container) if current.container is not None else None
        if current is not None:
            visible.add(current.id)
    return visible


def _ancestors(graph: ScopeGraph) -> dict[str, set[str]]:
    before: dict[str, set[str]] = {}
    for node_id in graph.order:
        found: set[str] = set()
        for edge in graph.incoming[node_id]:
            found |= before[edge.source] | {edge.source}
        before[node_id] = found
    return before


def _reached(graph: ScopeGraph) -> set[str]:
    seen = {graph.root}
    todo = [graph.root]
    while todo:
        for edge in graph.outgoing[todo.pop()]:
            if edge.target not in seen:
                seen.add(edge.target)
                todo.append(edge.target)
    return seen


def _around(draft: Draft, node: Node, owner: str) -> bool:
    """Tells whether a node is inside of a container, or is that container reading what is inside of it."""
    current: Node | None = node
    while current is not None:
        if current.container == owner:
            return True
        current = draft.nodes.get(current.container) if current.container is not None else None
    return node.id == owner


def _inside(draft: Draft, node: Node, kind: str) -> bool:
    current: Node | None = node
    while current is not None and current.container is not None:
        current = draft.nodes.get(current.container)
        if current is not None and current.type.name == kind:
            return True
    return False
