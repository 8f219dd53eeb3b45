"""The catalogue of plugins as requests meet it, and the installation of MCP servers out of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.plugins import Plugin, catalogue
from engine.tools.shelf import mcp_server
from foundation.errors import ApiError
from foundation.settings import Settings
from handlers import mcp_tools
from handlers.call import Call
from handlers.service.server import server_version
from models import plugin as installations
from models import tool_provider as providers
from models.scope import Scope
from models.tool_provider import McpToolProvider


async def offered(settings: Settings) -> list[Plugin]:
    """Return every plugin of the catalogue, by its id."""
    return await asyncio.to_thread(catalogue, server_version(), settings.plugin_catalog_dir)


async def install(
    call: Call, identifiers: Iterable[str], headers: Mapping[str, str] | None = None
) -> list[tuple[Plugin, McpToolProvider | None]]:
    """Ask MCP servers for their tools and keep them, in the place of what was installed of the plugins before.

    What is installed already stays as it is.

    Args:
        call: the request.
        identifiers: which versions of which plugins.
        headers: what the workspace tells the servers, beside what their manifests say.

    Returns:
        Each of the plugins with what the workspace has of it; nothing of one that comes with the server.

    Raises:
        ApiError: `not_found`, `plugin_changed`, `egress_denied`, `credentials_validation_failed`,
            `tool_provider_unreachable` or `tool_provider_exists`. Then nothing is changed.
    """
    known = await offered(call.services.settings)
    wanted = [_named(known, identifier) for identifier in dict.fromkeys(identifiers)]
    async with call.services.database.workspace(call.workspace_id) as scope:
        rows = {row.plugin_id: row for row in await installations.installed(scope)}
    new = [plugin for plugin in wanted if not plugin.built_in and not _is_installed(plugin, rows.get(plugin.plugin_id))]
    described = await asyncio.gather(
        *(_columns(call, plugin, rows.get(plugin.plugin_id), headers or {}) for plugin in new)
    )
    if new:
        async with call.services.database.workspace(call.workspace_id) as scope:
            for plugin, columns in zip(new, described, strict=True):
                former = rows.get(plugin.plugin_id)
                rows[plugin.plugin_id] = await _keep(scope, former, columns, call.account.account_id)
    return [(plugin, rows.get(plugin.plugin_id)) for plugin in wanted]


def _named(known: Sequence[Plugin], identifier: str) -> Plugin:
    """Return the plugin that an identifier names.

    Raises:
        ApiError: `not_found`; or `plugin_changed` where the catalogue has another version of it, or another content.
    """
    plugin_id = identifier.partition(":")[0]
    plugin = next((each for each in known if each.plugin_id == plugin_id), None)
    if plugin is None:
        message = f"There is no plugin {plugin_id!r} in the catalogue of this server, and it downloads none."
        raise ApiError("not_found", message)
    if plugin.unique_identifier != identifier:
        message = f"{plugin_id} is another one by now. Its present identifier is {plugin.unique_identifier}."
        raise ApiError("plugin_changed", message)
    return plugin


def _is_installed(plugin: Plugin, row: McpToolProvider | None) -> bool:
    return row is not None and row.plugin_unique_identifier == plugin.unique_identifier


async def _columns(
    call: Call, plugin: Plugin, former: McpToolProvider | None, headers: Mapping[str, str]
) -> dict[str, Any]:
    """Return the columns that an MCP server's manifest and its list of tools make; it is asked for them."""
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
    return {
        **mcp_tools.columns(call, body, server),
        **await mcp_tools.probed(call, server),
        "plugin_id": plugin.plugin_id,
        "plugin_unique_identifier": plugin.unique_identifier,
    }


async def _keep(
    scope: Scope, former: McpToolProvider | None, columns: Mapping[str, Any], account_id: str
) -> McpToolProvider:
    if former is None:
        return await providers.add(scope, McpToolProvider(**columns, created_by=account_id))
    return await providers.change(scope, await providers.get(scope, McpToolProvider, former.id), columns)
