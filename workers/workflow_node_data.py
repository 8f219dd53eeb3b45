"""What the events of a node say, of a node that runs and of one whose row is all that is left."""

from __future__ import annotations

from typing import Any

from engine.workflow.events import NodeFinished, NodeRetry, NodeRun, NodeStarted, Spent
from models.node_execution import NodeExecution
from workers.workflow_event_data import metadata


def started(event: NodeStarted) -> dict[str, Any]:
    """Return the data of `node_started`."""
    node = event.node
    strategy = dict(node.agent_strategy) if node.agent_strategy else None
    return {**_node(node), **_beginning(int(node.started_at)), "agent_strategy": strategy}


def finished(event: NodeFinished, at: float) -> dict[str, Any]:
    """Return the data of `node_finished`, at a unix time."""
    node = event.node
    return {
        **_node(node),
        **_values(dict(event.inputs), dict(event.process_data), dict(event.outputs)),
        "status": event.status,
        "error": event.error,
        "elapsed_time": round(event.elapsed, 6),
        "execution_metadata": metadata(node.place, event.spent, event.metadata),
        "created_at": int(node.started_at),
        "finished_at": int(at),
        "files": [dict(file) for file in event.files],
    }


def retried(event: NodeRetry, at: float) -> dict[str, Any]:
    """Return the data of `node_retry`, at a unix time."""
    node = event.node
    return {
        **_node(node),
        **_values(dict(event.inputs), dict(event.process_data), {}),
        "status": "retry",
        "error": event.error,
        "elapsed_time": round(event.elapsed, 6),
        "execution_metadata": metadata(node.place, Spent(), {}),
        "created_at": int(node.started_at),
        "finished_at": int(at),
        "files": [],
        "retry_index": event.retry_index,
    }


def started_row(row: NodeExecution) -> dict[str, Any]:
    """Return the data of `node_started` from a row."""
    return {**_row(row), **_beginning(int(row.created_at.timestamp())), "agent_strategy": None}


def finished_row(row: NodeExecution) -> dict[str, Any] | None:
    """Return the data of `node_finished` from a row; None where the node has not ended."""
    if row.finished_at is None:
        return None
    return {
        **_row(row),
        **_values(row.inputs or {}, row.process_data or {}, row.outputs or {}),
        "status": row.status,
        "error": row.error,
        "elapsed_time": round(row.elapsed_time, 6),
        "execution_metadata": row.execution_metadata,
        "created_at": int(row.created_at.timestamp()),
        "finished_at": int(row.finished_at.timestamp()),
        "files": [],
    }


def _node(node: NodeRun) -> dict[str, Any]:
    return {
        "id": node.id,
        "node_id": node.node_id,
        "node_type": node.node_type,
        "title": node.title,
        "index": node.index,
        "predecessor_node_id": node.predecessor_node_id,
        "iteration_id": node.place.iteration_id,
        "loop_id": node.place.loop_id,
    }


def _row(row: NodeExecution) -> dict[str, Any]:
    return {
        "id": row.id,
        "node_id": row.node_id,
        "node_type": row.node_type,
        "title": row.title,
        "index": row.index,
        "predecessor_node_id": row.predecessor_node_id,
        "iteration_id": row.execution_metadata.get("iteration_id"),
        "loop_id": row.execution_metadata.get("loop_id"),
    }


def _beginning(created_at: int) -> dict[str, Any]:
    return {"inputs": None, "inputs_truncated": False, "created_at": created_at, "extras": {}}


def _values(inputs: dict[str, Any], process_data: dict[str, Any], outputs: dict[str, Any]) -> dict[str, Any]:
    """Return what a node read, worked out and gave: whole, for nothing is cut here."""
    return {
        "inputs": inputs,
        "inputs_truncated": False,
        "process_data": process_data,
        "process_data_truncated": False,
        "outputs": outputs,
        "outputs_truncated": False,
    }
