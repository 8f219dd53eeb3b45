"""Tools and their providers as the Console shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from engine.tools import Tool, words
from engine.tools.builtin import BuiltinProvider, BuiltinTool
from engine.tools.mcp_server import McpServer, tools_of
from engine.tools.openapi import ApiOperation, ApiTool
from engine.tools.workflow_tool import WorkflowTool
from handlers.contract import schemas
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from models.tool_provider import ApiToolProvider, McpToolProvider, WorkflowToolProvider

AUTHOR = "Parley"
MASK = "******"
_TYPES = {"integer": "number", "number": "number", "boolean": "boolean", "object": "object", "array": "array"}


def masked(secret: str) -> str:
    """Return a secret by which its owner can tell it, and nobody else use it."""
    return f"{secret[:2]}{MASK}{secret[-2:]}" if len(secret) > 12 else MASK


def masked_url(url: str) -> str:
    """Return an address without its path, which can hold a secret."""
    parts = urlsplit(url)
    rest = parts.path.strip("/") or parts.query
    return f"{parts.scheme}://{parts.netloc}/{MASK}" if rest else f"{parts.scheme}://{parts.netloc}"


def render_builtin(provider: BuiltinProvider) -> schemas.ToolProvider:
    """Render a `ToolProvider` that comes with the server."""
    return {
        "id": provider.name,
        "author": AUTHOR,
        "name": provider.name,
        "description": _text(provider.description),
        "icon": trusted(provider.icon),
        "label": _text(provider.label),
        "type": "builtin",
        "team_credentials": {},
        "is_team_authorization": True,
        "allow_delete": False,
        "tools": render_tools(provider.tools, AUTHOR, provider.labels),
        "labels": list(provider.labels),
    }


def render_api(row: ApiToolProvider, credentials: Mapping[str, Any]) -> schemas.ToolProvider:
    """Render a `ToolProvider` of an API; `credentials` are masked already."""
    return {
        "id": row.id,
        "author": "",
        "name": row.name,
        "description": _text(words(row.description)),
        "icon": trusted(row.icon),
        "label": _text(words(row.name)),
        "type": "api",
        "team_credentials": dict(credentials),
        "is_team_authorization": True,
        "allow_delete": True,
        "tools": render_api_tools(row),
        "labels": row.labels,
    }


def render_api_tools(row: ApiToolProvider) -> list[schemas.Tool]:
    """Render the operations of an API as `Tool`s."""
    return render_tools([ApiTool(ApiOperation.from_dict(kept)) for kept in row.operations], "", row.labels)


def render_mcp(row: McpToolProvider, server: McpServer) -> schemas.ToolProvider:
    """Render a `ToolProvider` of an MCP server, its address and headers masked."""
    return {
        "id": row.id,
        "author": "",
        "name": row.name,
        "description": _text(words("")),
        "icon": trusted(row.icon),
        "label": _text(words(row.name)),
        "type": "mcp",
        "team_credentials": {},
        "is_team_authorization": row.authorised,
        "allow_delete": True,
        "tools": render_tools(tools_of(server, row.tools), "", ()),
        "labels": [],
        "server_url": masked_url(server.url),
        "server_identifier": row.server_identifier,
        "timeout": row.timeout,
        "sse_read_timeout": row.sse_read_timeout,
        "masked_headers": {name: masked(value) for name, value in server.headers.items()},
        "updated_at": unix(row.updated_at),
    }


def render_workflow(row: WorkflowToolProvider) -> schemas.ToolProvider:
    """Render a `ToolProvider` of a workflow."""
    return {
        "id": row.id,
        "author": "",
        "name": row.name,
        "description": _text(words(row.description)),
        "icon": trusted(row.icon),
        "label": _text(words(row.label)),
        "type": "workflow",
        "team_credentials": {},
        "is_team_authorization": True,
        "allow_delete": True,
        "tools": render_workflow_tools(row),
        "labels": row.labels,
        "workflow_app_id": row.app_id,
    }


def render_workflow_tools(row: WorkflowToolProvider) -> list[schemas.Tool]:
    """Render a workflow as a `Tool`, in a list."""
    tools = render_tools([WorkflowTool(row)], "", row.labels)
    forms = {str(each["name"]): each.get("form") for each in row.parameters}
    for parameter in tools[0]["parameters"]:
        parameter["form"] = trusted(forms.get(parameter["name"]) or "llm")
    return tools


def render_workflow_tool(row: WorkflowToolProvider, *, synced: bool) -> schemas.WorkflowTool:
    """Render a `WorkflowTool`; `synced` is whether the tool is the version that its app runs."""
    return {
        "workflow_tool_id": row.id,
        "workflow_app_id": row.app_id,
        "version": row.version,
        "synced": synced,
        "name": row.name,
        "label": row.label,
        "description": row.description,
        "icon": trusted(row.icon),
        "parameters": trusted(row.parameters),
        "output_schema": {},
        "tool": render_workflow_tools(row)[0],
        "privacy_policy": row.privacy_policy,
    }


def render_tools(tools: Iterable[Tool], author: str, labels: Sequence[str]) -> list[schemas.Tool]:
    """Render `Tool`s."""
    return [
        {
            "author": author,
            "name": tool.name,
            "label": _text(tool.label),
            "description": _text(tool.human_description if isinstance(tool, BuiltinTool) else words(tool.description)),
            "parameters": render_parameters(tool.parameters),
            "labels": list(labels),
            "output_schema": {},
        }
        for tool in tools
    ]


def render_operation(operation: ApiOperation) -> schemas.ApiToolOperation:
    """Render an `ApiToolOperation`."""
    return {
        "server_url": operation.server_url,
        "method": operation.method,
        "path": operation.path,
        "summary": operation.summary,
        "operation_id": operation.name,
        "parameters": render_parameters(operation.parameters),
    }


def render_parameters(schema: Mapping[str, Any]) -> list[schemas.ToolParameter]:
    """Render a JSON Schema of an object as `ToolParameter`s, one for each property."""
    required = set(schema.get("required") or ())
    return [
        _parameter(name, declared if isinstance(declared, Mapping) else {}, name in required)
        for name, declared in (schema.get("properties") or {}).items()
    ]


def _parameter(name: str, declared: Mapping[str, Any], required: bool) -> schemas.ToolParameter:
    said = declared.get("type")
    kinds = [kind for kind in (said if isinstance(said, list) else [said]) if kind != "null"]
    options = [str(value) for value in declared.get("enum") or () if value is not None]
    about = str(declared.get("description") or "")
    shown: schemas.ToolParameter = {
        "name": name,
        "label": _text(words(str(declared.get("title") or name))),
        "human_description": _text(words(about)),
        "llm_description": about,
        "type": trusted("select" if options else _TYPES.get(str(kinds[0]) if kinds else "", "string")),
        "form": "llm",
        "required": required,
        "options": [{"value": option, "label": _text(words(option))} for option in options],
    }
    if declared.get("default") is not None:
        shown["default"] = declared["default"]
    return shown


def _text(said: Mapping[str, str]) -> schemas.LocalizedText:
    return {"en_US": said["en_US"], "zh_Hans": said["zh_Hans"]}
