"""What the events of iterations and loops say."""

from __future__ import annotations

from typing import Any

from engine.workflow.events import (
    IterationCompleted,
    IterationNext,
    IterationStarted,
    LoopCompleted,
    LoopNext,
    LoopStarted,
    NodeRun,
)
from workers.workflow_event_data import metadata


def started(event: IterationStarted | LoopStarted, at: float) -> dict[str, Any]:
    """Return the data of `iteration_started` or `loop_started`, at a unix time."""
    length = "iterator_length" if isinstance(event, IterationStarted) else "loop_length"
    return {
        **_container(event.node, at),
        "metadata": {length: event.length},
        "inputs": dict(event.inputs),
        "inputs_truncated": False,
    }


def following(event: IterationNext | LoopNext, at: float) -> dict[str, Any]:
    """Return the data of `iteration_next` or `loop_next`, at a unix time."""
    data: dict[str, Any] = {**_container(event.node, at), "index": event.index}
    if isinstance(event, LoopNext):
        data["pre_loop_output"] = dict(event.previous) if event.previous is not None else None
    return data


def completed(event: IterationCompleted | LoopCompleted, at: float) -> dict[str, Any]:
    """Return the data of `iteration_completed` or `loop_completed`, at a unix time."""
    word = "iteration" if isinstance(event, IterationCompleted) else "loop"
    return {
        **_container(event.node, event.node.started_at),
        "inputs": dict(event.inputs),
        "inputs_truncated": False,
        "outputs": dict(event.outputs),
        "outputs_truncated": False,
        "status": event.status,
        "error": event.error,
        "elapsed_time": round(event.elapsed, 6),
        "total_tokens": event.spent.tokens,
        "execution_metadata": {
            **metadata(event.node.place, event.spent, {}),
            f"{word}_duration_map": dict(event.durations),
        },
        "finished_at": int(at),
        "steps": event.steps,
    }


def _container(node: NodeRun, at: float) -> dict[str, Any]:
    return {
        "id": node.node_id,
        "node_id": node.node_id,
        "node_type": node.node_type,
        "title": node.title,
        "created_at": int(at),
        "extras": {},
    }
