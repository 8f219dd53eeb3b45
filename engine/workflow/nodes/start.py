"""start: what a person filled in. The hidden beginnings of iterations and loops are here as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from engine.chat.inputs import check_inputs
from engine.workflow.context import NodeContext
from engine.workflow.node import NodeData, NodeResult, NodeType, Part, Problem
from engine.workflow.pool import SYSTEM

_KINDS = {
    "text-input": "string",
    "paragraph": "string",
    "select": "string",
    "number": "number",
    "checkbox": "boolean",
    "file": "file",
    "file-list": "array[file]",
    "json_object": "object",
    "external_data_tool": "string",
}


class StartVariable(Part):
    """A field of the form that a run begins with."""

    variable: str = Field(min_length=1)
    label: Any = ""
    type: str = "text-input"
    required: bool = False
    options: list[Any] = Field(default_factory=list)
    default: Any = None


class StartData(NodeData):
    """The data of a start node."""

    variables: list[StartVariable] = Field(default_factory=list)

    @property
    def form(self) -> list[dict[str, Any]]:
        """The fields in the form of `user_input_form`: `{kind: field}`."""
        return [{variable.type: variable.model_dump()} for variable in self.variables]


async def run(context: NodeContext, data: StartData) -> NodeResult:
    """Checks what was filled in against the form; defaults stand in for what was left out."""
    inputs = check_inputs(data.form, dict(context.pool.node(context.node.node_id)))
    system = {f"{SYSTEM}.{name}": value for name, value in context.pool.node(SYSTEM).items()}
    context.inputs.update(inputs)
    return NodeResult({**inputs, **system})


async def _pass(context: NodeContext, data: NodeData) -> NodeResult:
    return NodeResult()


def _check(data: StartData) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, variable in enumerate(data.variables):
        field = f"variables.{place}"
        if variable.variable in seen:
            yield Problem(f"{field}.variable", f'Two variables are called "{variable.variable}".', "unique")
        seen.add(variable.variable)
        if variable.type not in _KINDS:
            yield Problem(f"{field}.type", f'There is no field type "{variable.type}".', "enum")
        if variable.type == "select" and not variable.options:
            yield Problem(f"{field}.options", "A selection needs options.", "required")


def _outputs(data: StartData) -> Mapping[str, str]:
    return {variable.variable: _KINDS.get(variable.type, "any") for variable in data.variables}


TYPE = NodeType("start", StartData, run, outputs=_outputs, check=_check)
ITERATION_START = NodeType("iteration-start", NodeData, _pass, outputs=lambda data: {})
LOOP_START = NodeType("loop-start", NodeData, _pass, outputs=lambda data: {})
