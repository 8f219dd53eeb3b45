"""The plugins of a workspace: what comes with the server, and MCP servers out of its catalogue."""

from __future__ import annotations

from foundation.errors import ApiError
from handlers import plugins
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.plugins import built_in_id, render_built_in, render_gone, render_installation, render_plugin
from models import plugin as installations
from models.account import get_workspace


async def list_plugins(
    call: Call, *, page: int = 1, page_size: int = 20, category: str | None = None, search: str | None = None
) -> schemas.PluginList:
    """List what is offered and what is installed, by their ids."""
    offered = await plugins.offered(call.services.settings)
    async with call.services.database.workspace(call.workspace_id) as scope:
        installed = {row.plugin_id: row for row in await installations.installed(scope)}
    async with call.services.database.system() as system:
        counts = await installations.counts(system)
    shown = [
        render_plugin(plugin, call.workspace_id, installed.pop(plugin.plugin_id, None), counts) for plugin in offered
    ]
    shown += [render_gone(row, counts) for row in installed.values()]
    wanted = (search or "").casefold()
    found = [
        plugin
        for plugin in sorted(shown, key=lambda each: each["plugin_id"])
        if category in (None, plugin["category"])
        and any(wanted in plugin[field].casefold() for field in ("name", "label", "description"))
    ]
    start = (page - 1) * page_size
    return {"plugins": found[start : start + page_size], "total": len(found)}


async def install_plugin(call: Call, *, body: schemas.PluginInstallRequest) -> schemas.PluginInstallation:
    """Make an MCP server of the catalogue a tool provider of the workspace."""
    plugin = await plugins.named(call.services.settings, body["plugin_unique_identifier"])
    if plugin.built_in:
        async with call.services.database.workspace(call.workspace_id) as scope:
            return render_built_in(plugin, await get_workspace(scope))
    async with call.services.database.workspace(call.workspace_id) as scope:
        row = await installations.find(scope, plugin.plugin_id)
    if row is None or row.plugin_unique_identifier != plugin.unique_identifier:
        row = await plugins.install(call, plugin, row, body.get("headers") or {})
    return render_installation(plugin, row)


async def uninstall_plugin(call: Call, *, body: schemas.PluginUninstallRequest) -> schemas.PluginUninstallation:
    """Remove the tool provider that an installed plugin is."""
    wanted = body["plugin_installation_id"].lower()
    for plugin in await plugins.offered(call.services.settings):
        if plugin.built_in and built_in_id(plugin, call.workspace_id) == wanted:
            raise ApiError("plugin_built_in", f"{plugin.label} is a part of the server and cannot be uninstalled.")
    async with call.services.database.workspace(call.workspace_id) as scope:
        if not await installations.uninstall(scope, wanted):
            raise ApiError("not_found", "The plugin is not installed.")
    return {"success": True}
