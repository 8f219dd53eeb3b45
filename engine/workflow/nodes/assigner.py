"""assigner: gives conversation variables and loop variables new values, in both of its versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import orjson
from pydantic import Field

from engine.workflow.context import NodeContext
from engine.workflow.failure import NodeFailure
from engine.workflow.node import NodeData, NodeResult, NodeType, Part, Problem, Read, SelectorList
from engine.workflow.values import Selector, Value, type_of

OPERATIONS = ("over-write", "clear", "append", "extend", "set", "+=", "-=", "*=", "/=", "remove-first", "remove-last")
_WITHOUT_VALUE = frozenset({"clear", "remove-first", "remove-last"})


class Assignment(Part):
    """One change of one variable."""

    variable_selector: SelectorList = Field(min_length=2)
    input_type: Literal["variable", "constant"] = "constant"
    operation: str
    value: Any = None


class AssignerData(NodeData):
    """The data of an assigner node: `items` in version 2, the other three in version 1."""

    items: list[Assignment] = Field(default_factory=list)
    assigned_variable_selector: SelectorList = Field(default_factory=list)
    write_mode: Literal["over-write", "append", "clear"] = "over-write"
    input_variable_selector: SelectorList = Field(default_factory=list)

    @property
    def assignments(self) -> list[Assignment]:
        """The changes, in order."""
        if self.items or not self.assigned_variable_selector:
            return self.items
        return [
            Assignment(
                variable_selector=self.assigned_variable_selector,
                input_type="variable",
                operation=self.write_mode,
                value=self.input_variable_selector,
            )
        ]


async def run(context: NodeContext, data: AssignerData) -> NodeResult:
    """Makes the changes one after the other; each sees those before it."""
    new: dict[Selector, Value] = {}
    updated = []
    for assignment in data.assignments:
        selector = tuple(assignment.variable_selector)
        known, present = (True, new[selector]) if selector in new else context.pool.find(selector)
        if not known:
            raise NodeFailure(f"There is no variable {'.'.join(selector)} to assign to.", "VariableNotFoundError")
        value = _value(context, assignment, new)
        new[selector] = _changed(".".join(selector), assignment.operation, present, value)
        updated.append({"name": selector[-1], "selector": list(selector), "new_value": new[selector]})
    context.process_data["updated_variables"] = updated
    context.inputs["updated_variables"] = updated
    return NodeResult({"updated_variables": updated}, writes=tuple(new.items()))


def _value(context: NodeContext, assignment: Assignment, new: dict[Selector, Value]) -> Value:
    if assignment.operation in _WITHOUT_VALUE:
        return None
    if assignment.input_type == "constant":
        value = assignment.value
        return context.render(value) if isinstance(value, str) else value
    selector = tuple(map(str, assignment.value or ()))
    known, value = (True, new[selector]) if selector in new else context.pool.find(selector)
    if not known:
        raise NodeFailure(f"There is no variable {'.'.join(selector)} to read.", "VariableNotFoundError")
    return value


def _changed(name: str, operation: str, present: Value, value: Value) -> Value:
    match operation:
        case "over-write" | "set":
            return _as(name, value, present)
        case "clear":
            return _cleared(present)
        case "append":
            return [*_list(name, present), value]
        case "extend":
            return [*_list(name, present), *_list("The value", value)]
        case "remove-first":
            return _list(name, present)[1:]
        case "remove-last":
            return _list(name, present)[:-1]
        case "+=" | "-=" | "*=" | "/=":
            return _calculated(name, operation, present, value)
    raise NodeFailure(f'"{operation}" is not an operation; use one of: {", ".join(OPERATIONS)}.', "InvalidOperation")


def _as(name: str, value: Value, present: Value) -> Value:
    """Returns a value for a variable that has another one now: its type stays, and JSON text is read."""
    if isinstance(value, str) and present is not None and not isinstance(present, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            message = f"{name} holds {type_of(present)}, and the new value is a text that is no JSON."
            raise NodeFailure(message, "InvalidDataError") from None
    return value


def _cleared(present: Value) -> Value:
    if isinstance(present, bool):
        return False
    for kind, empty in ((str, ""), (int, 0), (float, 0), (list, []), (dict, {})):
        if isinstance(present, kind):
            return empty
    return None


def _calculated(name: str, operation: str, present: Value, value: Value) -> int | float:
    left, right = _number(name, 0 if present is None else present), _number("The value", value)
    match operation:
        case "+=":
            return left + right
        case "-=":
            return left - right
        case "*=":
            return left * right
    if right == 0:
        raise NodeFailure(f"{name} cannot be divided by zero.", "InvalidDataError")
    return left / right


def _number(name: str, value: Value) -> int | float:
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            value = None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NodeFailure(f"{name} is not a number.", "InvalidDataError")
    return value


def _list(name: str, value: Value) -> list[Value]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise NodeFailure(f"{name} is not a list.", "InvalidDataError")
    return value


def _reads(data: AssignerData) -> Iterator[Read]:
    for place, entry in enumerate(data.assignments):
        yield Read(_field(data, place, "variable_selector"), tuple(entry.variable_selector))
        if entry.input_type == "variable" and entry.operation not in _WITHOUT_VALUE and isinstance(entry.value, list):
            yield Read(_field(data, place, "value"), tuple(map(str, entry.value)))


def _field(data: AssignerData, place: int, name: str) -> str:
    """Returns where the author wrote a part of an assignment, in the version of the node."""
    if data.items:
        return f"items.{place}.{name}"
    return "assigned_variable_selector" if name == "variable_selector" else "input_variable_selector"


def _check(data: AssignerData) -> Iterator[Problem]:
    if not data.assignments:
        yield Problem("items", "Nothing is assigned.", "required")
    for place, entry in enumerate(data.assignments):
        if entry.operation not in OPERATIONS:
            message = f'"{entry.operation}" is not an operation; use one of: {", ".join(OPERATIONS)}.'
            yield Problem(f"items.{place}.operation", message, "enum")
        elif entry.operation not in _WITHOUT_VALUE and entry.value in (None, "", []):
            yield Problem(_field(data, place, "value"), "The value is missing.", "required")


TYPE = NodeType(
    "assigner",
    AssignerData,
    run,
    outputs=lambda data: {"updated_variables": "array[object]"},
    reads=_reads,
    writes=lambda data: [tuple(entry.variable_selector) for entry in data.assignments],
    check=_check,
)
