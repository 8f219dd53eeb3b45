"""list-operator: filters, picks, sorts and cuts a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from engine.workflow.conditions import OPERATORS, ConditionError, holds
from engine.workflow.context import NodeContext
from engine.workflow.failure import NodeFailure
from engine.workflow.node import NodeData, NodeResult, NodeType, Part, Problem, Read, SelectorList
from engine.workflow.pool import VariablePool
from engine.workflow.values import Value, type_of


class FilterCondition(Part):
    """A condition that entries have to meet; `key` names an attribute of files and objects."""

    key: str = ""
    comparison_operator: str
    value: Any = None


class Filter(Part):
    """Which entries stay."""

    enabled: bool = False
    conditions: list[FilterCondition] = Field(default_factory=list)


class Order(Part):
    """By which attribute the entries are sorted, and in which direction."""

    enabled: bool = False
    key: str = ""
    value: Literal["asc", "desc"] = "asc"


class Limit(Part):
    """How many entries stay."""

    enabled: bool = False
    size: int = Field(default=10, ge=1)


class Extract(Part):
    """Which one entry stays, counted from 1; references are allowed."""

    enabled: bool = False
    serial: str = "1"


class ListData(NodeData):
    """The data of a list-operator node."""

    variable: SelectorList = Field(min_length=2)
    filter_by: Filter = Filter()
    order_by: Order = Order()
    limit: Limit = Limit()
    extract_by: Extract = Extract()
    item_var_type: str = "any"
    var_type: str = "array[any]"


async def run(context: NodeContext, data: ListData) -> NodeResult:
    """Filters, then extracts, then sorts, then cuts."""
    name = ".".join(data.variable)
    items = context.value(data.variable)
    if items is None:
        items = []
    if not isinstance(items, list):
        raise NodeFailure(f"{name} is not a list.", "ListOperatorError")
    context.inputs["variable"] = items
    kept = list(items)
    try:
        if data.filter_by.enabled:
            kept = [item for item in kept if all(_meets(context, item, each) for each in data.filter_by.conditions)]
    except ConditionError as error:
        raise NodeFailure(f"The filter: {error}", "ListOperatorError") from error
    if data.extract_by.enabled:
        kept = _extracted(context.render(data.extract_by.serial), kept)
    if data.order_by.enabled:
        kept = _sorted(kept, data.order_by)
    if data.limit.enabled:
        kept = kept[: data.limit.size]
    outputs = {"result": kept, "first_record": kept[0] if kept else None, "last_record": kept[-1] if kept else None}
    return NodeResult(outputs)


def _meets(context: NodeContext, item: Value, condition: FilterCondition) -> bool:
    expected = condition.value
    if isinstance(expected, str):
        expected = context.render(expected)
    return holds(condition.comparison_operator, _attribute(item, condition.key), expected)


def _attribute(item: Value, key: str) -> Value:
    if not key or not isinstance(item, Mapping):
        return item
    return VariablePool({"item": {"value": item}}).get(("item", "value", key))


def _extracted(serial: str, items: list[Value]) -> list[Value]:
    if not serial.strip().isdecimal() or int(serial) < 1:
        raise NodeFailure(f'"{serial}" is no place in a list; places count from 1.', "ListOperatorError")
    place = int(serial)
    if place > len(items):
        raise NodeFailure(f"There is no entry {place}: the list has {len(items)}.", "ListOperatorError")
    return [items[place - 1]]


def _sorted(items: list[Value], order: Order) -> list[Value]:
    keys = [_attribute(item, order.key) for item in items]
    if len({type_of(key) for key in keys}) > 1 or any(isinstance(key, list | Mapping) for key in keys):
        raise NodeFailure("Entries can be sorted only by texts or only by numbers.", "ListOperatorError")
    if any(key is None for key in keys):
        return items
    return sorted(items, key=lambda item: _attribute(item, order.key), reverse=order.value == "desc")


def _reads(data: ListData) -> Iterator[Read]:
    yield Read("variable", tuple(data.variable), ("array[any]",))


def _check(data: ListData) -> Iterator[Problem]:
    if data.filter_by.enabled:
        for place, condition in enumerate(data.filter_by.conditions):
            if condition.comparison_operator not in OPERATORS:
                field = f"filter_by.conditions.{place}.comparison_operator"
                yield Problem(field, f'"{condition.comparison_operator}" is not a comparison.', "enum")


def _outputs(data: ListData) -> Mapping[str, str]:
    item = data.var_type[6:-1] if data.var_type.startswith("array[") else "any"
    return {"result": data.var_type, "first_record": item, "last_record": item}


TYPE = NodeType("list-operator", ListData, run, outputs=_outputs, reads=_reads, check=_check)
