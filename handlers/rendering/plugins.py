"""Plugins as the Console shows them."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

from engine.plugins import Plugin
from handlers.contract import schemas
from handlers.rendering.times import unix
from models.account import Workspace
from models.tool_provider import McpToolProvider


def built_in_id(plugin: Plugin, workspace_id: str) -> str:
    """Return what stands for the installation of a plugin that comes with the server: it is nowhere written down."""
    return str(uuid5(NAMESPACE_URL, f"{workspace_id}/{plugin.plugin_id}"))


def render_plugin(
    plugin: Plugin, workspace_id: str, row: McpToolProvider | None, counts: Mapping[str, int]
) -> schemas.Plugin:
    """Render a `Plugin`.

    Args:
        plugin: what the catalogue says.
        workspace_id: the workspace that looks.
        row: what it has installed of the plugin.
        counts: how many workspaces have installed each plugin.
    """
    installation, current = (row.id, _version(row)) if row else (None, None)
    if plugin.built_in:
        installation, current = built_in_id(plugin, workspace_id), plugin.version
    return {
        "plugin_id": plugin.plugin_id,
        "plugin_unique_identifier": plugin.unique_identifier,
        "name": plugin.name,
        "label": plugin.label,
        "description": plugin.description,
        "version": current or plugin.version,
        "author": plugin.author,
        "icon": plugin.icon,
        "category": plugin.category,
        "tags": list(plugin.tags),
        "verified": plugin.built_in,
        "install_count": counts.get(plugin.plugin_id, 0),
        "installed": current is not None,
        "latest_version": plugin.version,
        "current_version": current,
        "installation_id": installation,
    }


def render_gone(row: McpToolProvider, counts: Mapping[str, int]) -> schemas.Plugin:
    """Render a `Plugin` that is installed and is not in the catalogue any more."""
    plugin_id = row.plugin_id or ""
    author, _, name = plugin_id.partition("/")
    return {
        "plugin_id": plugin_id,
        "plugin_unique_identifier": row.plugin_unique_identifier or "",
        "name": name,
        "label": row.name,
        "description": "",
        "version": _version(row),
        "author": author,
        "icon": str(row.icon["content"]),
        "category": "tool",
        "tags": [],
        "verified": False,
        "install_count": counts.get(plugin_id, 0),
        "installed": True,
        "latest_version": _version(row),
        "current_version": _version(row),
        "installation_id": row.id,
    }


def render_installation(plugin: Plugin, row: McpToolProvider) -> schemas.PluginInstallation:
    """Render a `PluginInstallation` of an MCP server."""
    return _installation(plugin, row.id, row.workspace_id, unix(row.created_at))


def render_built_in(plugin: Plugin, workspace: Workspace) -> schemas.PluginInstallation:
    """Render a `PluginInstallation` of what a workspace has had from its first day on."""
    return _installation(plugin, built_in_id(plugin, workspace.id), workspace.id, unix(workspace.created_at))


def _installation(plugin: Plugin, install_id: str, workspace_id: str, at: int) -> schemas.PluginInstallation:
    return {
        "result": "success",
        "plugin": {
            "install_id": install_id,
            "plugin_id": plugin.plugin_id,
            "plugin_unique_identifier": plugin.unique_identifier,
            "version": plugin.version,
            "tenant_id": workspace_id,
            "installed_at": at,
        },
        "all_installed": True,
        "task_id": "",
    }


def _version(row: McpToolProvider) -> str:
    """Return the version out of an identifier, `author/name:version@hash`."""
    return (row.plugin_unique_identifier or "").partition(":")[2].partition("@")[0]
