"""variable-aggregator: the first of several variables that has a value, so that branches can meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from engine.workflow.context import NodeContext
from engine.workflow.node import NodeData, NodeResult, NodeType, Part, Problem, Read, SelectorList
from engine.workflow.values import Value


class Group(Part):
    """Variables of which the first with a value becomes `<group name>.output`."""

    group_name: str = Field(min_length=1)
    output_type: str = "any"
    variables: list[SelectorList] = Field(default_factory=list)


class Advanced(Part):
    """Whether there are groups, and which."""

    group_enabled: bool = False
    groups: list[Group] = Field(default_factory=list)


class AggregatorData(NodeData):
    """The data of a variable-aggregator node."""

    output_type: str = "any"
    variables: list[SelectorList] = Field(default_factory=list)
    advanced_settings: Advanced = Advanced()

    @property
    def grouped(self) -> bool:
        """Whether there are groups."""
        return self.advanced_settings.group_enabled


async def run(context: NodeContext, data: AggregatorData) -> NodeResult:
    """Takes the first value in the order in which the variables are declared; without one there is no output."""
    if not data.grouped:
        return NodeResult(_first(context, data.variables))
    outputs: dict[str, Value] = {}
    for group in data.advanced_settings.groups:
        found = _first(context, group.variables)
        if found:
            outputs[group.group_name] = found
    return NodeResult(outputs)


def _first(context: NodeContext, selectors: Sequence[SelectorList]) -> dict[str, Value]:
    for selector in selectors:
        value = context.value(selector)
        if value is not None:
            context.inputs[".".join(selector)] = value
            return {"output": value}
    return {}


def _reads(data: AggregatorData) -> Iterator[Read]:
    if not data.grouped:
        for place, selector in enumerate(data.variables):
            yield Read(f"variables.{place}", tuple(selector), _types(data.output_type))
        return
    for number, group in enumerate(data.advanced_settings.groups):
        for place, selector in enumerate(group.variables):
            field = f"advanced_settings.groups.{number}.variables.{place}"
            yield Read(field, tuple(selector), _types(group.output_type))


def _types(kind: str) -> tuple[str, ...]:
    return () if kind in ("any", "") else (kind,)


def _check(data: AggregatorData) -> Iterator[Problem]:
    if not data.grouped:
        if not data.variables:
            yield Problem("variables", "There is no variable to take.", "required")
        return
    if not data.advanced_settings.groups:
        yield Problem("advanced_settings.groups", "There is no group.", "required")
    for place, group in enumerate(data.advanced_settings.groups):
        if not group.variables:
            field = f"advanced_settings.groups.{place}.variables"
            yield Problem(field, f'The group "{group.group_name}" has no variable to take.', "required")


def _outputs(data: AggregatorData) -> Mapping[str, str]:
    if not data.grouped:
        return {"output": data.output_type}
    return {group.group_name: "object" for group in data.advanced_settings.groups}


TYPE = NodeType("variable-aggregator", AggregatorData, run, outputs=_outputs, reads=_reads, check=_check)
LEGACY = NodeType("variable-assigner", AggregatorData, run, outputs=_outputs, reads=_reads, check=_check)
