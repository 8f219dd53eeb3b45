"""What is told of a node's attempt, without the secrets that it used."""

from __future__ import annotations

import time

from engine.workflow.attempts import Attempt
from engine.workflow.events import NodeFinished, NodeRetry, NodeStatus
from engine.workflow.node import NodeResult
from engine.workflow.redaction import Redaction
from engine.workflow.values import files_in


def finished(
    attempt: Attempt,
    redaction: Redaction,
    status: NodeStatus,
    result: NodeResult,
    error: str | None = None,
    kind: str | None = None,
) -> NodeFinished:
    """Returns the event that a node ended."""
    context = attempt.context
    return NodeFinished(
        context.node,
        status,
        redaction.hide(context.inputs),
        redaction.hide(context.process_data),
        result.outputs,
        time.monotonic() - attempt.began,
        result.spent,
        error,
        kind,
        result.metadata,
        tuple(files_in(dict(result.outputs))),
        attempt.scope.retries.get(context.node.node_id, 0),
    )


def retried(attempt: Attempt, redaction: Redaction, index: int, message: str, kind: str) -> NodeRetry:
    """Returns the event that a node is tried again."""
    context = attempt.context
    return NodeRetry(
        context.node,
        index,
        message,
        kind,
        redaction.hide(context.inputs),
        redaction.hide(context.process_data),
        time.monotonic() - attempt.began,
    )
