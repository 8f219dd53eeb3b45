"""The plugins of a workspace: what comes with the server, and MCP servers out of its catalogue."""

from __future__ import annotations

from collections.abc import Sequence

from engine.plugins import Plugin
from foundation.errors import ApiError
from handlers import plugins
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.plugins import (
    built_in_id,
    render_built_in,
    render_entry,
    render_gone,
    render_installed,
    render_plugin,
    render_task,
)
from models import plugin as installations
from models.account import get_workspace
from models.tool_provider import McpToolProvider


async def list_plugins(
    call: Call, *, page: int = 1, page_size: int = 20, category: str | None = None, search: str | None = None
) -> schemas.PluginList:
    """List what is offered and what is installed, by their ids."""
    wanted = (search or "").casefold()
    found = [
        plugin
        for plugin, _ in await _shown(call)
        if category in (None, plugin["category"])
        and any(wanted in plugin[field].casefold() for field in ("name", "label", "description"))
    ]
    start = (page - 1) * page_size
    return {"plugins": found[start : start + page_size], "total": len(found)}


async def list_installed_plugins(call: Call, *, page: int = 1, page_size: int = 256) -> schemas.InstalledPluginList:
    """List what comes with the server and what the workspace has installed, by their ids."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        workspace = await get_workspace(scope)
    found = [
        render_entry(plugin, plugin["installation_id"], row, workspace)
        for plugin, row in await _shown(call)
        if plugin["installation_id"] is not None
    ]
    start = (page - 1) * page_size
    return {"plugins": found[start : start + page_size], "total": len(found)}


async def install_plugin(call: Call, *, body: schemas.PluginInstallRequest) -> schemas.PluginInstallation:
    """Make an MCP server of the catalogue a tool provider of the workspace."""
    done = await plugins.install(call, [body["plugin_unique_identifier"]], body.get("headers"))
    [installed] = await _rendered(call, done)
    return {"result": "success", "plugin": installed, "all_installed": True, "task_id": _task_id(done)}


async def install_plugin_packages(call: Call, *, body: schemas.PluginsInstallRequest) -> schemas.PluginInstallations:
    """Make MCP servers of the catalogue tool providers of the workspace, all or none."""
    return await _install(call, body["plugin_unique_identifiers"])


async def install_plugins_from_marketplace(
    call: Call, *, body: schemas.PluginsInstallRequest
) -> schemas.PluginInstallations:
    """Install out of the catalogue, which is all the marketplace there is."""
    return await _install(call, body["plugin_unique_identifiers"])


async def install_plugin_from_github(
    call: Call, *, body: schemas.GithubPluginInstallRequest
) -> schemas.PluginInstallations:
    """Install out of the catalogue what a release on GitHub holds elsewhere."""
    return await _install(call, [body["plugin_unique_identifier"]])


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


async def list_plugin_tasks(call: Call, *, page: int = 1, page_size: int = 100) -> schemas.PluginTaskList:
    """List the installations that made what is installed now, the newest first."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        rows = await installations.installed(scope)
    newest = sorted(rows, key=lambda row: (row.created_at, row.id), reverse=True)
    start = (page - 1) * page_size
    return {"tasks": [render_task(row) for row in newest[start : start + page_size]], "total": len(newest)}


async def get_plugin_task(call: Call, *, task_id: str) -> schemas.PluginTaskAnswer:
    """Show the installation of one plugin."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        rows = await installations.installed(scope)
    for row in rows:
        if row.id == task_id.lower():
            return {"task": render_task(row)}
    raise ApiError("not_found", "There is no such installation.")


async def _shown(call: Call) -> list[tuple[schemas.Plugin, McpToolProvider | None]]:
    """Return everything that is offered or installed, by its id, with what is installed of it."""
    offered = await plugins.offered(call.services.settings)
    async with call.services.database.workspace(call.workspace_id) as scope:
        installed = {row.plugin_id: row for row in await installations.installed(scope)}
    async with call.services.database.system() as system:
        counts = await installations.counts(system)
    shown: list[tuple[schemas.Plugin, McpToolProvider | None]] = []
    for plugin in offered:
        row = installed.pop(plugin.plugin_id, None)
        shown.append((render_plugin(plugin, call.workspace_id, row, counts), row))
    shown += [(render_gone(row, counts), row) for row in installed.values()]
    return sorted(shown, key=lambda pair: pair[0]["plugin_id"])


async def _install(call: Call, identifiers: Sequence[str]) -> schemas.PluginInstallations:
    done = await plugins.install(call, identifiers)
    installed = await _rendered(call, done)
    return {"result": "success", "plugins": installed, "all_installed": True, "task_id": _task_id(done)}


async def _rendered(call: Call, done: Sequence[tuple[Plugin, McpToolProvider | None]]) -> list[schemas.InstalledPlugin]:
    async with call.services.database.workspace(call.workspace_id) as scope:
        workspace = await get_workspace(scope)
    return [render_installed(plugin, row) if row else render_built_in(plugin, workspace) for plugin, row in done]


def _task_id(done: Sequence[tuple[Plugin, McpToolProvider | None]]) -> str:
    """Return the id of the first installation that was one; what comes with the server was never installed."""
    return next((row.id for _, row in done if row), "")
