"""A paused run as JSON, and back: scopes, containers, variables, the stream's place, and what was used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from engine.workflow.containers import ContainerRun, LoopRun, load_spent, make_container
from engine.workflow.events import NodeRun, Place, Spent
from engine.workflow.pool import VariablePool
from engine.workflow.progress import Progress
from engine.workflow.scope import Scope
from foundation.errors import ApiError

VERSION = 1


def dump(run: Progress) -> dict[str, Any]:
    """Returns the state of a run whose nodes all ended or wait."""
    tally = run.tally
    return {
        "version": VERSION,
        "tally": {
            "seq": tally.seq,
            "steps": tally.steps,
            "exceptions": tally.exceptions,
            "elapsed": tally.elapsed,
            "spent": _spent(tally.spent),
        },
        "call_depth": run.attempts.call_depth,
        "scopes": [_scope(scope) for scope in run.scopes.values()],
        "stream": run.stream.dump(),
    }


def load(run: Progress, snapshot: Mapping[str, Any]) -> None:
    """Takes up a dumped state; the graph must be the one that was paused.

    Raises:
        ApiError: `invalid_param`: the snapshot is of another version, or of another graph.
    """
    if snapshot.get("version") != VERSION:
        raise ApiError("invalid_param", "The paused run was written by another version and cannot be resumed.")
    tally = snapshot["tally"]
    run.tally.seq, run.tally.steps = tally["seq"], tally["steps"]
    run.tally.exceptions, run.tally.elapsed = tally["exceptions"], tally["elapsed"]
    run.tally.spent = load_spent(tally["spent"])
    run.attempts.call_depth = snapshot["call_depth"]
    try:
        for state in snapshot["scopes"]:
            _load_scope(run, state)
    except KeyError as error:
        message = f"The workflow was changed while the run was paused: {error} is gone."
        raise ApiError("invalid_param", message) from error
    run.stream.load(snapshot["stream"], run.scopes)


def text_before(snapshot: Mapping[str, Any]) -> str:
    """Returns what a run streamed before its pause and did not take back; nothing for a snapshot of another version."""
    return "".join(snapshot["stream"]["sent"]) if snapshot.get("version") == VERSION else ""


def _scope(scope: Scope) -> dict[str, Any]:
    return {
        "key": scope.key,
        "parent": scope.parent.key if scope.parent is not None else None,
        "container_id": scope.container_id,
        "index": scope.index,
        "place": asdict(scope.place),
        "pool": scope.pool.values,
        "edges": scope.edges,
        "states": scope.states,
        "ready": scope.ready,
        "runs": {node_id: asdict(entry) for node_id, entry in scope.runs.items()},
        "retries": scope.retries,
        "predecessors": scope.predecessors,
        "containers": {node_id: container.dump() for node_id, container in scope.containers.items()},
        "outputs": scope.outputs,
        "opened": sorted(scope.opened),
        "changed": scope.changed,
        "exceptions": scope.exceptions,
        "spent": _spent(scope.spent),
        "ends_loop": scope.ends_loop,
    }


def _load_scope(run: Progress, state: Mapping[str, Any]) -> None:
    container_id = state["container_id"]
    parent = run.scopes[state["parent"]] if state["parent"] is not None else None
    container = parent.containers[container_id] if parent is not None else None
    scope = Scope(
        state["key"],
        run.graph.scopes[container_id],
        VariablePool(state["pool"], _around(parent, container)),
        Place(**state["place"]),
        parent,
        container_id,
        state["index"],
        edges=dict(state["edges"]),
        states=dict(state["states"]),
        ready=list(state["ready"]),
        runs={node_id: _node_run(entry) for node_id, entry in state["runs"].items()},
        retries=dict(state["retries"]),
        predecessors=dict(state["predecessors"]),
        outputs=dict(state["outputs"]),
        opened=set(state["opened"]),
        changed=dict(state["changed"]),
        exceptions=state["exceptions"],
        spent=load_spent(state["spent"]),
        ends_loop=state["ends_loop"],
    )
    run.scopes[scope.key] = scope
    if container is not None:
        container.open[scope.index] = scope
    for node_id, inner in state["containers"].items():
        data = scope.graph.nodes[node_id].data
        assert data is not None
        made = make_container(run, scope, scope.runs[node_id], data)
        made.load(inner)
        scope.containers[node_id] = made


def _around(parent: Scope | None, container: ContainerRun | None) -> VariablePool | None:
    if isinstance(container, LoopRun):
        return container.layer
    return parent.pool if parent is not None else None


def _node_run(state: Mapping[str, Any]) -> NodeRun:
    return NodeRun(**{**state, "place": Place(**state["place"])})


def _spent(spent: Spent) -> list[Any]:
    price: Decimal = spent.price
    return [spent.tokens, str(price), spent.currency]
