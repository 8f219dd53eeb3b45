"""MCP servers whose tools agents use: what a request says of one, and what the server says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.tools import ToolFailure
from engine.tools.mcp_server import McpServer, McpUnauthorised, list_tools
from engine.tools.shelf import mcp_server
from foundation.errors import ApiError, ErrorDetail
from handlers.call import Call
from handlers.kept_secrets import refuse_elsewhere
from handlers.rendering.tools import masked, masked_url
from models import tool_provider as providers
from models.table import now
from models.tool_provider import McpToolProvider

DEFAULT_TIMEOUT = 30.0
DEFAULT_READ_TIMEOUT = 300.0
DEFAULT_ICON = {"content": "🧩", "background": "#EDE9FE"}


def read(body: Mapping[str, Any], stored: McpServer | None = None) -> McpServer:
    """Return the server that a request describes; what comes back masked keeps its stored value."""
    times = body.get("configuration") or {}
    url = body["server_url"]
    headers = dict(body.get("headers") or {})
    if stored is not None:
        url = stored.url if url == masked_url(stored.url) else url
        kept = {
            name for name, value in headers.items() if name in stored.headers and value == masked(stored.headers[name])
        }
        for name in kept:
            refuse_elsewhere(f"headers.{name}", [stored.url], [url])
            headers[name] = stored.headers[name]
    for name, value in headers.items():
        if not (name + value).isascii() or not (name + value).isprintable() or not name.strip():
            message = f"The header {name!r} must be printable ASCII text."
            wrong = ErrorDetail(field=f"headers.{name}", type="header", message=message)
            raise ApiError("invalid_param", message, details=[wrong])
    return McpServer(
        url,
        headers,
        float(body.get("timeout") or times.get("timeout") or DEFAULT_TIMEOUT),
        float(body.get("sse_read_timeout") or times.get("sse_read_timeout") or DEFAULT_READ_TIMEOUT),
    )


def columns(call: Call, body: Mapping[str, Any], server: McpServer) -> dict[str, Any]:
    """Return the columns of an `McpToolProvider` that a request makes."""
    icon = {"content": body.get("icon") or DEFAULT_ICON["content"]}
    icon["background"] = body.get("icon_background") or DEFAULT_ICON["background"]
    return {
        "name": body["name"].strip(),
        "server_identifier": body["server_identifier"],
        "icon": icon,
        "sealed": call.services.sealer.seal({"url": server.url, "headers": dict(server.headers)}),
        "timeout": server.timeout,
        "sse_read_timeout": server.read_timeout,
    }


async def asked(call: Call, server: McpServer) -> dict[str, Any]:
    """Ask a server for its tools; return the columns that its answer makes, also where it gives none.

    Raises:
        ApiError: `egress_denied`.
    """
    try:
        return _listed(await list_tools(server, call.services.egress))
    except ToolFailure:
        return {"authorised": False, "tools": []}


async def probed(call: Call, server: McpServer) -> dict[str, Any]:
    """Ask a server for its tools; return the columns that its answer makes.

    Raises:
        ApiError: `egress_denied`, `credentials_validation_failed` or `tool_provider_unreachable`.
    """
    try:
        return _listed(await list_tools(server, call.services.egress))
    except McpUnauthorised as error:
        raise ApiError("credentials_validation_failed", str(error)) from error
    except ToolFailure as error:
        raise ApiError("tool_provider_unreachable", str(error)) from error


async def refresh(call: Call, provider_id: str) -> McpToolProvider:
    """Ask a stored server for its tools again and keep the answer.

    Raises:
        ApiError: `not_found`, `egress_denied`, `credentials_validation_failed` or `tool_provider_unreachable`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        row = await providers.get(scope, McpToolProvider, provider_id)
    try:
        changes = await probed(call, mcp_server(row, call.services.sealer))
    except ApiError as error:
        if error.code == "credentials_validation_failed":
            await _change(call, provider_id, {"authorised": False})
        raise
    return await _change(call, provider_id, changes)


async def _change(call: Call, provider_id: str, changes: Mapping[str, Any]) -> McpToolProvider:
    async with call.services.database.workspace(call.workspace_id) as scope:
        row = await providers.get(scope, McpToolProvider, provider_id)
        return await providers.change(scope, row, changes)


def _listed(tools: list[dict[str, Any]]) -> dict[str, Any]:
    return {"authorised": True, "tools": tools, "listed_at": now()}
