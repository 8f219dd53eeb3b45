"""template-transform: a Jinja template, rendered in the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from engine.workflow.context import NodeContext
from engine.workflow.node import NodeData, NodeResult, NodeType, Problem, Read, VariableInput


class TemplateData(NodeData):
    """The data of a template-transform node."""

    template: str = ""
    variables: list[VariableInput] = Field(default_factory=list)


async def run(context: NodeContext, data: TemplateData) -> NodeResult:
    """Renders the template with the variables by their names."""
    renderer = context.need(context.services.templates, "template renderer")
    context.inputs.update({entry.variable: context.value(entry.value_selector) for entry in data.variables})
    return NodeResult({"output": await renderer.render(data.template, context.inputs)})


def variable_reads(variables: list[VariableInput], field: str = "variables") -> Iterator[Read]:
    """Yields the variables that code or a template is given."""
    for place, entry in enumerate(variables):
        yield Read(f"{field}.{place}.value_selector", tuple(entry.value_selector))


def _check(data: TemplateData) -> Iterator[Problem]:
    if not data.template.strip():
        yield Problem("template", "The template is empty.", "required")


TYPE = NodeType(
    "template-transform",
    TemplateData,
    run,
    outputs=lambda data: {"output": "string"},
    reads=lambda data: variable_reads(data.variables),
    check=_check,
)
