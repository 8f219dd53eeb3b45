"""iteration, loop and loop-end: what their authors fill in. `containers.py` runs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import orjson
from pydantic import Field, field_validator

from engine.workflow.context import NodeContext
from engine.workflow.failure import NodeFailure
from engine.workflow.node import NodeData, NodeResult, NodeType, Part, Problem, Read, SelectorList
from engine.workflow.nodes.if_else import Condition, condition_problems, condition_reads
from engine.workflow.pool import VariablePool
from engine.workflow.values import Value, fits_type

_MODES = {"continue_on_error": "continue-on-error", "remove_abnormal_output": "remove-abnormal-output"}


class IterationData(NodeData):
    """The data of an iteration node."""

    iterator_selector: SelectorList = Field(min_length=2)
    output_selector: SelectorList = Field(min_length=2)
    start_node_id: str = ""
    is_parallel: bool = False
    parallel_nums: int = Field(default=10, ge=1, le=10)
    error_handle_mode: Literal["terminated", "continue-on-error", "remove-abnormal-output"] = "terminated"
    flatten_output: bool = True
    output_type: str = "array[any]"

    @field_validator("error_handle_mode", mode="before")
    @classmethod
    def _spelling(cls, value: Any) -> Any:
        return _MODES.get(value, value) if isinstance(value, str) else value


class LoopVariable(Part):
    """A variable that lives through the rounds of a loop."""

    label: str = Field(min_length=1)
    var_type: str = "string"
    value_type: Literal["variable", "constant"] = "constant"
    value: Any = None


class LoopData(NodeData):
    """The data of a loop node."""

    loop_count: int = Field(ge=1, le=100)
    break_conditions: list[Condition] = Field(default_factory=list)
    logical_operator: Literal["and", "or"] = "and"
    loop_variables: list[LoopVariable] = Field(default_factory=list)
    start_node_id: str = ""


def first_values(data: LoopData, pool: VariablePool) -> dict[str, Value]:
    """Returns the loop's variables as the first round sees them.

    Raises:
        NodeFailure: a value is not of its variable's type.
    """
    values: dict[str, Value] = {}
    for variable in data.loop_variables:
        value = pool.get(tuple(variable.value or ())) if variable.value_type == "variable" else _constant(variable)
        if value is not None and not fits_type(value, variable.var_type):
            raise NodeFailure(f"The loop variable {variable.label} is not of type {variable.var_type}.", "TypeError")
        values[variable.label] = value
    return values


def _constant(variable: LoopVariable) -> Value:
    value = variable.value
    if not isinstance(value, str) or variable.var_type == "string":
        return value
    if not value.strip():
        return [] if variable.var_type.startswith("array") else None
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        message = f"The loop variable {variable.label} is not JSON of type {variable.var_type}."
        raise NodeFailure(message, "TypeError") from None


async def _loop_end(context: NodeContext, data: NodeData) -> NodeResult:
    return NodeResult(ends_loop=True)


def _iteration_reads(data: IterationData) -> Iterator[Read]:
    yield Read("iterator_selector", tuple(data.iterator_selector), ("array[any]",))


def _loop_reads(data: LoopData) -> Iterator[Read]:
    for place, variable in enumerate(data.loop_variables):
        if variable.value_type == "variable" and isinstance(variable.value, list) and len(variable.value) > 1:
            selector = tuple(map(str, variable.value))
            yield Read(f"loop_variables.{place}.value", selector, (variable.var_type,))


def _loop_check(data: LoopData) -> Iterator[Problem]:
    yield from condition_problems(data.break_conditions, "break_conditions")
    for place, variable in enumerate(data.loop_variables):
        field = f"loop_variables.{place}.value"
        if variable.value_type == "variable":
            if not isinstance(variable.value, list) or len(variable.value) < 2:
                yield Problem(field, "The loop variable names no variable.", "required")
            continue
        try:
            first_values(LoopData(type="loop", loop_count=1, loop_variables=[variable]), VariablePool())
        except NodeFailure as failure:
            yield Problem(field, failure.message, "type")


def _loop_outputs(data: LoopData) -> Mapping[str, str]:
    return {**{variable.label: variable.var_type for variable in data.loop_variables}, "loop_round": "number"}


def break_reads(data: LoopData) -> Iterator[Read]:
    """Yields what the break conditions look at, which the nodes inside may give."""
    return condition_reads(data.break_conditions, "break_conditions")


ITERATION = NodeType(
    "iteration",
    IterationData,
    kind="container",
    outputs=lambda data: {"output": data.output_type if data.output_type.startswith("array") else "array[any]"},
    reads=_iteration_reads,
)
LOOP = NodeType("loop", LoopData, kind="container", outputs=_loop_outputs, reads=_loop_reads, check=_loop_check)
LOOP_END = NodeType("loop-end", NodeData, _loop_end, outputs=lambda data: {})
