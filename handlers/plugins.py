"""The catalogue of plugins as requests meet it, and the installation of an MCP server out of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from engine.plugins import Plugin, catalogue
from engine.tools.shelf import mcp_server
from foundation.errors import ApiError
from foundation.settings import Settings
from handlers import mcp_tools
from handlers.call import Call
from handlers.service.server import server_version
from models import tool_provider as providers
from models.tool_provider import McpToolProvider


async def offered(settings: Settings) -> list[Plugin]:
    """Return every plugin of the catalogue, by its id."""
    return await asyncio.to_thread(catalogue, server_version(), settings.plugin_catalog_dir)


async def named(settings: Settings, identifier: str) -> Plugin:
    """Return the plugin that an identifier names.

    Raises:
        ApiError: `not_found`; or `plugin_changed` where the catalogue has another version of it, or another content.
    """
    plugin_id = identifier.partition(":")[0]
    plugin = next((each for each in await offered(settings) if each.plugin_id == plugin_id), None)
    if plugin is None:
        raise ApiError("not_found", f"There is no plugin {plugin_id!r}.")
    if plugin.unique_identifier != identifier:
        message = f"{plugin_id} is another one by now. Its present identifier is {plugin.unique_identifier}."
        raise ApiError("plugin_changed", message)
    return plugin


async def install(
    call: Call, plugin: Plugin, former: McpToolProvider | None, headers: Mapping[str, str]
) -> McpToolProvider:
    """Ask an MCP server for its tools and keep it, in the place of what was installed of the plugin before.

    Args:
        call: the request.
        plugin: one that has a manifest.
        former: what the workspace has installed of the plugin.
        headers: what the workspace tells the server, beside what the manifest says.

    Raises:
        ApiError: `egress_denied`, `credentials_validation_failed`, `tool_provider_unreachable` or
            `tool_provider_exists`. Then nothing is changed.
    """
    assert plugin.manifest is not None
    described = plugin.manifest.server
    kept = mcp_server(former, call.services.sealer).headers if former is not None else {}
    body = {
        "name": plugin.label,
        "server_identifier": plugin.name,
        "server_url": described.url,
        "headers": {**kept, **described.headers, **headers},
        "icon": plugin.icon,
        "icon_background": plugin.manifest.icon_background,
        "timeout": described.timeout,
        "sse_read_timeout": described.sse_read_timeout,
    }
    server = mcp_tools.read(body)
    columns = {
        **mcp_tools.columns(call, body, server),
        **await mcp_tools.probed(call, server),
        "plugin_id": plugin.plugin_id,
        "plugin_unique_identifier": plugin.unique_identifier,
    }
    async with call.services.database.workspace(call.workspace_id) as scope:
        if former is None:
            return await providers.add(scope, McpToolProvider(**columns, created_by=call.account.account_id))
        return await providers.change(scope, await providers.get(scope, McpToolProvider, former.id), columns)
