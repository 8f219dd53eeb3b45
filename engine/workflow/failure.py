"""How a node can fail, and what happens then.

NodeFailure            a node cannot do its work; `kind` becomes `error_type`
    CodeFailure        code or a template is wrong, raised, or broke a limit
NodePaused             not a failure: the node waits for something from outside
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from engine.workflow.events import HumanInputRequired
from engine.workflow.limits import Limits
from foundation.errors import ApiError

FAIL_BRANCH, SUCCESS_BRANCH = "fail-branch", "success-branch"


class NodeFailure(Exception):
    """A node cannot do its work; the message says why, for a person."""

    def __init__(self, message: str, kind: str = "NodeFailure") -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind


class CodeFailure(NodeFailure):
    """Code or a template is wrong, raised, or broke a limit."""

    def __init__(self, message: str, kind: str = "CodeExecutionError") -> None:
        super().__init__(message, kind)


class NodePaused(Exception):
    """The node waits for a person, and starts again when the run is resumed."""

    def __init__(self, reason: HumanInputRequired) -> None:
        super().__init__(reason.form_id)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Retry:
    """The node is tried again after `wait` seconds."""

    wait: float


@dataclass(frozen=True, slots=True)
class TakeOver:
    """The error strategy gives the outputs, and the handle where a branch is taken."""

    outputs: Mapping[str, Any]
    handle: str | None


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nothing helps: the scope fails."""


Decision: TypeAlias = Retry | TakeOver | GiveUp


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a node's author wants in case of failure. `wait` is in seconds."""

    retries: int = 0
    wait: float = 0.0
    strategy: Literal["fail-branch", "default-value"] | None = None
    defaults: Mapping[str, Any] | None = None


def decide(recovery: Recovery, attempt: int, message: str, kind: str, limits: Limits) -> Decision:
    """Returns what happens after a failure.

    Args:
        recovery: what the node's author wants.
        attempt: how often the node was tried again already.
        message: why it failed.
        kind: the failure's type.
        limits: the most retries, and the longest wait.
    """
    if attempt < min(recovery.retries, limits.retries):
        return Retry(min(recovery.wait, limits.retry_seconds))
    told = {"error_message": message, "error_type": kind}
    match recovery.strategy:
        case "default-value":
            return TakeOver({**(recovery.defaults or {}), **told}, None)
        case "fail-branch":
            return TakeOver(told, FAIL_BRANCH)
    return GiveUp()


def describe(error: BaseException) -> tuple[str, str]:
    """Returns the message and the type of a failure, in words for a person."""
    if isinstance(error, NodeFailure):
        return error.message, error.kind
    if isinstance(error, ApiError):
        return error.message, error.code
    if isinstance(error, TimeoutError):
        return str(error) or "The node took longer than it may.", "TimeoutError"
    return str(error) or type(error).__name__, type(error).__name__
