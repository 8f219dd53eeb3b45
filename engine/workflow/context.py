"""What a running node sees: variables, services, and ways to tell what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from engine.workflow.events import AgentLog, Event, HumanInputFilled, HumanInputTimedOut, NodeRun
from engine.workflow.failure import NodeFailure
from engine.workflow.limits import Limits
from engine.workflow.pool import VariablePool
from engine.workflow.references import render
from engine.workflow.services import HumanResponse, Services
from engine.workflow.values import Value, as_text
from foundation.ids import new_id

Service = TypeVar("Service")


@dataclass(slots=True)
class NodeContext:
    """One attempt at a node. What is put into `inputs` and `process_data` is told even where the node fails."""

    node: NodeRun
    pool: VariablePool
    services: Services
    limits: Limits
    call_depth: int
    response: HumanResponse | None
    _tell: Callable[[Event], None]
    _stream: Callable[[str, str], None]
    _retrieved: Callable[[Sequence[Mapping[str, Any]]], None]
    _reason: Callable[[str, bool], None]
    inputs: dict[str, Value] = field(default_factory=dict)
    process_data: dict[str, Value] = field(default_factory=dict)

    def value(self, selector: Sequence[str]) -> Value:
        """Returns the value that a selector names, or None."""
        return self.pool.get(tuple(selector))

    def render(self, text: str, show: Callable[[Value], str] = as_text) -> str:
        """Returns a text with its references replaced."""
        return render(text, self.pool, show)

    def chunk(self, name: str, text: str) -> None:
        """Streams a piece of the output `name`, before the node ends."""
        if text:
            self._stream(name, text)

    def reasoning(self, text: str, *, final: bool = False) -> None:
        """Streams a piece of what the model thinks; `final` after the last one."""
        self._reason(text, final)

    def retrieved(self, resources: Sequence[Mapping[str, Any]]) -> None:
        """Tells which passages an answer will rest on, in the shape of `retriever_resources`."""
        self._retrieved(resources)

    def filled(self, action_id: str, action_title: str, content: str) -> None:
        """Tells that a person submitted the node's form."""
        self._tell(HumanInputFilled(self.node, self.node.id, action_id, action_title, content))

    def timed_out(self) -> None:
        """Tells that nobody submitted the node's form in time."""
        self._tell(HumanInputTimedOut(self.node, self.node.id))

    def log(
        self,
        label: str,
        data: Mapping[str, Any],
        *,
        status: Literal["start", "success", "error"] = "start",
        id: str | None = None,
        parent_id: str | None = None,
        error: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> str:
        """Tells a step of an agent, and returns its id, under which its end is told."""
        step = id or new_id()
        self._tell(AgentLog(self.node, step, label, parent_id, status, error, data, metadata or {}))
        return step

    def need(self, service: Service | None, what: str) -> Service:
        """Returns a service that the node cannot do without.

        Raises:
            NodeFailure: it is not there.
        """
        if service is None:
            raise NodeFailure(f"This run has no {what}.", "ServiceUnavailable")
        return service
