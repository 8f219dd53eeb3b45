"""Variables whose values an API extension gives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.extension import Extension
from foundation.errors import ApiError


@dataclass(frozen=True, slots=True)
class ExternalVariable:
    """A variable and the extension that knows its value."""

    name: str
    extension_id: str


def external_variables(config: Mapping[str, Any]) -> list[ExternalVariable]:
    """Returns the variables of an app that extensions give: those of its form, and its `external_data_tools`."""
    declared = [
        field
        for entry in config.get("user_input_form") or ()
        for kind, field in entry.items()
        if kind == "external_data_tool" and isinstance(field, Mapping)
    ]
    tools: Sequence[Any] = [*(config.get("external_data_tools") or ()), *declared]
    found: dict[str, ExternalVariable] = {}
    for tool in tools:
        extension_id = (tool.get("config") or {}).get("api_based_extension_id")
        if tool.get("enabled") is not False and tool.get("variable") and tool.get("type") == "api" and extension_id:
            found[str(tool["variable"])] = ExternalVariable(str(tool["variable"]), str(extension_id))
    return list(found.values())


async def external_values(
    variables: Sequence[ExternalVariable],
    find: Callable[[str], Awaitable[Extension]],
    *,
    app_id: str,
    query: str,
    inputs: Mapping[str, Any],
) -> dict[str, Any]:
    """Asks all extensions at once and returns the inputs with their answers.

    Args:
        variables: what is asked for.
        find: returns the extension of an id.
        app_id: the app.
        query: what the person asked.
        inputs: what the person filled in.

    Raises:
        ApiError: an extension failed or gave no `result`.
    """

    async def value(variable: ExternalVariable) -> Any:
        extension = await find(variable.extension_id)
        params = {"app_id": app_id, "tool_variable": variable.name, "inputs": inputs, "query": query}
        said = await extension.ask("app.external_data_tool.query", params)
        if "result" not in said:
            message = f"The API extension {extension.name} failed: its answer has no `result`."
            raise ApiError("completion_request_error", message)
        return said["result"]

    values = await asyncio.gather(*map(value, variables))
    return {**inputs, **{variable.name: found for variable, found in zip(variables, values, strict=True)}}
