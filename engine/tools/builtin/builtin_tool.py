"""A tool that is a function of this program."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from engine.tools.tool import NO_PARAMETERS, ToolContext, ToolResult, Words

Function: TypeAlias = Callable[[Mapping[str, Any], ToolContext], Awaitable[ToolResult]]


@dataclass(frozen=True, slots=True)
class BuiltinTool:
    """A function with what people and models are told of it."""

    name: str
    label: Words
    description: str
    human_description: Words
    function: Function
    parameters: Mapping[str, Any] = field(default_factory=lambda: NO_PARAMETERS)

    async def invoke(self, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        """Does it; see `Tool.invoke`."""
        return await self.function(arguments, context)


@dataclass(frozen=True, slots=True)
class BuiltinProvider:
    """Tools that belong together. The names are those that existing apps know them by."""

    name: str
    label: Words
    description: Words
    emoji: str
    background: str
    labels: tuple[str, ...]
    tools: tuple[BuiltinTool, ...]

    @property
    def icon(self) -> dict[str, str]:
        """Its picture, as interfaces draw it."""
        return {"content": self.emoji, "background": self.background}

    def tool(self, name: str) -> BuiltinTool | None:
        """Returns the tool of that name, or None."""
        return next((tool for tool in self.tools if tool.name == name), None)


def schema(required: tuple[str, ...] = (), **properties: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a JSON Schema of an object with these properties and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def result(text: str, value: Any = None) -> ToolResult:
    """Returns a result of a text and one value."""
    return ToolResult(text, () if value is None else (value,))
