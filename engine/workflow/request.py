"""What a run starts from, how it is stopped, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.workflow.events import RunStatus, Spent
from engine.workflow.graph import Graph
from engine.workflow.values import Value


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What is run.

    Attributes:
        graph: the workflow.
        inputs: what the start node's form was filled in with.
        system: the `sys` variables: query, files, user_id, app_id, workflow_id, workflow_run_id…
        environment: the environment variables by name, secrets in the clear.
        conversation: the conversation variables by name, with their present values.
        secrets: texts that are hidden from inputs and process data that are told.
        call_depth: how many workflows called each other down to this one (0: called by a person).
        variables: outputs of nodes that did not run, by node id, for running one node alone.
    """

    graph: Graph
    inputs: Mapping[str, Value] = field(default_factory=dict)
    system: Mapping[str, Value] = field(default_factory=dict)
    environment: Mapping[str, Value] = field(default_factory=dict)
    conversation: Mapping[str, Value] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    call_depth: int = 0
    variables: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. `snapshot` is JSON to resume from, where it is paused."""

    status: RunStatus
    outputs: Mapping[str, Value]
    answer: str
    error: str | None
    elapsed: float
    spent: Spent
    steps: int
    exceptions: int
    snapshot: Mapping[str, Any] | None = None


class Control:
    """Stops a run from outside, on the event loop that it runs on."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._wake: Callable[[], None] | None = None

    @property
    def stopped(self) -> bool:
        """Whether the run is asked to stop."""
        return self.reason is not None

    def stop(self, reason: str = "The run was stopped.") -> None:
        """Asks the run to stop: what runs is cancelled, and what was streamed is kept."""
        if self.reason is None:
            self.reason = reason
            if self._wake is not None:
                self._wake()

    def bind(self, wake: Callable[[], None]) -> None:
        """Names what wakes the run that waits."""
        self._wake = wake
