"""tool: has a tool do something: built in, described by an OpenAPI document, served by MCP, or another workflow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast, get_args

from pydantic import Field

from engine.tools.references import ToolReference
from engine.tools.tool import ProviderType, ToolFailure, ToolFile, ToolResult
from engine.workflow.context import NodeContext
from engine.workflow.events import Spent
from engine.workflow.failure import NodeFailure
from engine.workflow.node import NodeData, NodeResult, NodeType, Part, Problem, Read
from engine.workflow.references import references
from engine.workflow.values import Value, as_text, to_json


class ToolInput(Part):
    """What a parameter is given: a text with references, a variable, or a constant."""

    type: str = "mixed"
    value: Any = None


class ToolData(NodeData):
    """The data of a tool node."""

    provider_id: str = Field(min_length=1)
    provider_type: str = "builtin"
    provider_name: str = ""
    tool_name: str = Field(min_length=1)
    tool_label: str = ""
    tool_configurations: dict[str, Any] = Field(default_factory=dict)
    tool_parameters: dict[str, ToolInput] = Field(default_factory=dict)
    credential_id: str | None = None

    @property
    def reference(self) -> ToolReference:
        """Which tool is meant."""
        return ToolReference(cast(ProviderType, self.provider_type), self.provider_id, self.tool_name)


async def run(context: NodeContext, data: ToolData) -> NodeResult:
    """Calls the tool with its settings and its parameters; values that are left empty are not passed."""
    tools = context.need(context.services.tools, "tools")
    settings = {name: _setting(context, value) for name, value in data.tool_configurations.items()}
    parameters = {name: _given(context, entry) for name, entry in data.tool_parameters.items()}
    context.inputs.update(parameters)
    arguments = {name: value for name, value in {**settings, **parameters}.items() if value not in (None, "")}
    provided = (await tools.find([data.reference], context.call_depth))[0]
    seconds = provided.seconds or tools.context.timeout
    try:
        async with asyncio.timeout(seconds):
            result = await provided.tool.invoke({**provided.settings, **arguments}, tools.context)
    except ToolFailure as failure:
        raise NodeFailure(f"{data.tool_name}: {failure}", "ToolInvokeError") from failure
    except TimeoutError as error:
        message = f"{data.tool_name} did not answer within {seconds:g} seconds."
        raise NodeFailure(message, "ToolInvokeError") from error
    if result.resources:
        context.retrieved(result.resources)
    context.chunk("text", result.text)
    spent = Spent(result.tokens, result.price)
    return NodeResult(await tool_outputs(context, result), spent=spent, metadata={"tool_info": _info(data)})


async def tool_outputs(context: NodeContext, result: ToolResult) -> dict[str, Value]:
    """Returns what a tool gave as outputs: text, json, files, and the fields of a single JSON object by name."""
    values = list(result.json)
    named = dict(values[0]) if len(values) == 1 and isinstance(values[0], Mapping) else {}
    files = [*result.kept, *await kept_files(context, result.files)]
    text = result.text or "\n".join(map(to_json, values))
    return {**named, "text": text, "files": files, "json": values}


async def kept_files(context: NodeContext, made: Sequence[ToolFile]) -> list[dict[str, Any]]:
    """Stores files that a tool made and returns their values."""
    if not made:
        return []
    storage = context.need(context.services.files, "file storage")
    return [await storage.keep(file.content, file.name, file.mime_type) for file in made]


def _given(context: NodeContext, entry: ToolInput) -> Value:
    match entry.type:
        case "variable":
            return context.value(tuple(map(str, entry.value or ())))
        case "mixed":
            return context.render(entry.value) if isinstance(entry.value, str) else entry.value
    return entry.value


def _setting(context: NodeContext, value: Any) -> Value:
    """Returns a setting, which newer graphs write like a parameter and older ones plainly."""
    if isinstance(value, Mapping) and "value" in value:
        return _given(context, ToolInput.model_validate(value))
    return context.render(value) if isinstance(value, str) else value


def _info(data: ToolData) -> dict[str, Any]:
    return {"provider_type": data.provider_type, "provider_id": data.provider_id}


def _reads(data: ToolData) -> Iterator[Read]:
    for name, entry in data.tool_parameters.items():
        if entry.type == "variable" and isinstance(entry.value, list) and len(entry.value) > 1:
            yield Read(f"tool_parameters.{name}.value", tuple(map(str, entry.value)))
        elif entry.type == "mixed":
            for selector in references(as_text(entry.value)):
                yield Read(f"tool_parameters.{name}.value", selector)


def _check(data: ToolData) -> Iterator[Problem]:
    if data.provider_type not in get_args(ProviderType):
        kinds = ", ".join(get_args(ProviderType))
        yield Problem(
            "provider_type", f'There is no provider type "{data.provider_type}"; use one of: {kinds}.', "enum"
        )


TYPE = NodeType("tool", ToolData, run, reads=_reads, check=_check)
