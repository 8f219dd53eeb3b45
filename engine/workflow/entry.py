"""The two ways into a run: from the start, and from a pause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.workflow.events import Emitted
from engine.workflow.execution import EventSink, Execution
from engine.workflow.graph import Graph
from engine.workflow.limits import Limits
from engine.workflow.pool import CONVERSATION, ENVIRONMENT, SYSTEM, VariablePool
from engine.workflow.request import Control, Outcome, RunRequest
from engine.workflow.services import HumanResponse, Services
from engine.workflow.snapshot import load
from engine.workflow.values import size_of
from foundation.errors import ApiError


async def nobody(emitted: Emitted) -> None:
    """A sink for runs that nobody watches."""


async def execute(
    request: RunRequest,
    services: Services,
    sink: EventSink = nobody,
    *,
    control: Control | None = None,
    limits: Limits | None = None,
) -> Outcome:
    """Runs a workflow to its end, or to a pause.

    Args:
        request: what is run.
        services: what nodes may ask for.
        sink: awaited for each event, one at a time. What it raises ends the run without further events.
        control: stops the run from outside.
        limits: what the run may cost.

    Returns:
        How it ended; a run that fails returns, too.

    Raises:
        ApiError: `invalid_param`: a variable is larger than variables may be.
    """
    limits = limits or Limits()
    for place, variables in ((ENVIRONMENT, request.environment), (CONVERSATION, request.conversation)):
        for name, value in variables.items():
            if size_of(value) > limits.variable_bytes:
                message = f"{place}.{name} is larger than {limits.variable_bytes} bytes."
                raise ApiError("invalid_param", message)
    values = {
        **request.variables,
        SYSTEM: request.system,
        ENVIRONMENT: request.environment,
        CONVERSATION: request.conversation,
    }
    root = request.graph.main.nodes[request.graph.main.root]
    if root.type.name == "start":
        values[root.id] = request.inputs
    execution = Execution(
        request.graph,
        services,
        sink,
        control=control,
        limits=limits,
        secrets=request.secrets,
    )
    execution.attempts.call_depth = request.call_depth
    return await execution.start(VariablePool(values), request.inputs)


async def resume(
    graph: Graph,
    snapshot: Mapping[str, Any],
    responses: Mapping[str, HumanResponse],
    services: Services,
    sink: EventSink = nobody,
    *,
    control: Control | None = None,
    limits: Limits | None = None,
    secrets: frozenset[str] = frozenset(),
) -> Outcome:
    """Goes on with a paused run.

    Args:
        graph: the workflow as it was when the run began.
        snapshot: the `Outcome.snapshot` of the pause.
        responses: what people answered, by form id; a form without an answer pauses the run again.
        services: what nodes may ask for.
        sink: awaited for each event; numbers go on where the pause left them.
        control: stops the run from outside.
        limits: what the run may cost, with what it has cost already.
        secrets: texts that are hidden from inputs and process data that are told.

    Raises:
        ApiError: `invalid_param`: the snapshot belongs to another version or another graph.
    """
    execution = Execution(graph, services, sink, control=control, limits=limits, secrets=secrets, responses=responses)
    load(execution, snapshot)
    start = execution.scopes[""].pool.node(graph.main.root)
    return await execution.go_on({name: value for name, value in start.items() if not name.startswith(f"{SYSTEM}.")})
