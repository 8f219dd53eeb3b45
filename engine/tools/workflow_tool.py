"""A published workflow as a tool: others call it with what its start node asks for, and get what it ends with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.tools.tool import ToolContext, ToolResult, Words, words
from models.tool_provider import WorkflowToolProvider

WorkflowCall = Callable[[WorkflowToolProvider, Mapping[str, Any]], Awaitable[ToolResult]]
"""Runs a workflow to its end, given the tool and its arguments; raises `ToolFailure` where it fails."""

NO_FILES = ("file", "file-list")
_TYPES = {
    "number": "number",
    "checkbox": "boolean",
    "json_object": "object",
    "file": "object",
    "file-list": "array",
}


@dataclass(frozen=True, slots=True)
class WorkflowTool:
    """One workflow; `call` is None where it is only shown."""

    row: WorkflowToolProvider
    call: WorkflowCall | None = None

    @property
    def name(self) -> str:
        """The name that its owner gave the tool."""
        return self.row.name

    @property
    def label(self) -> Words:
        """The tool's name for people."""
        return words(self.row.label)

    @property
    def description(self) -> str:
        """What the workflow does, in its owner's words."""
        return self.row.description or self.row.label

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What the start node asks for."""
        return parameters_schema(self.row.variables, self.row.parameters)

    @property
    def for_authors(self) -> frozenset[str]:
        """The parameters that an app's author fills in, so that a model is not asked for them; files among them."""
        by_form = {str(each["name"]) for each in self.row.parameters if each.get("form") == "form"}
        return frozenset(by_form | {str(each["variable"]) for each in self.row.variables if each["type"] in NO_FILES})

    async def invoke(self, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        """Runs the workflow and returns what it ended with.

        Raises:
            ToolFailure: the workflow failed, was stopped, or cannot be called so deep.
        """
        assert self.call is not None
        return await self.call(self.row, arguments)


def parameters_schema(variables: Sequence[Mapping[str, Any]], told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns the JSON Schema of a workflow's arguments.

    Args:
        variables: the fields of its start node.
        told: `{name, description, form}` of them.
    """
    about = {str(each["name"]): str(each.get("description") or "") for each in told}
    properties = {}
    for variable in variables:
        name = str(variable["variable"])
        declared: dict[str, Any] = {"type": _TYPES.get(variable["type"], "string")}
        declared["description"] = about.get(name) or str(variable.get("label") or name)
        if options := variable.get("options"):
            declared["enum"] = [str(option) for option in options]
        if variable.get("default") not in (None, ""):
            declared["default"] = variable["default"]
        properties[name] = declared
    required = [str(each["variable"]) for each in variables if each.get("required")]
    return {"type": "object", "properties": properties, "required": required}
