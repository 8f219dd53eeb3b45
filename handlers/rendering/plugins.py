"""Plugins as the Console shows them."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

from engine.plugins import Plugin
from handlers.contract import schemas
from handlers.rendering.times import iso, unix
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


def render_installed(plugin: Plugin, row: McpToolProvider) -> schemas.InstalledPlugin:
    """Render an `InstalledPlugin` that is an MCP server."""
    return _installed(plugin, row.id, row.workspace_id, unix(row.created_at))


def render_built_in(plugin: Plugin, workspace: Workspace) -> schemas.InstalledPlugin:
    """Render an `InstalledPlugin` that a workspace has had from its first day on."""
    return _installed(plugin, built_in_id(plugin, workspace.id), workspace.id, unix(workspace.created_at))


def render_entry(
    shown: schemas.Plugin, installation_id: str, row: McpToolProvider | None, workspace: Workspace
) -> schemas.InstalledPluginEntry:
    """Render an `InstalledPluginEntry`.

    Args:
        shown: the plugin as the catalogue's list shows it.
        installation_id: by what it is uninstalled.
        row: what is installed of it; None for what comes with the server.
        workspace: where it is installed.
    """
    identifier = shown["plugin_unique_identifier"]
    installed = (row.plugin_unique_identifier if row else None) or identifier
    began, changed = (row.created_at, row.updated_at) if row else (workspace.created_at, workspace.created_at)
    return {
        "id": installation_id,
        "installation_id": installation_id,
        "tenant_id": workspace.id,
        "created_at": iso(began),
        "updated_at": iso(changed),
        "plugin_id": shown["plugin_id"],
        "plugin_unique_identifier": installed,
        "name": shown["name"],
        "version": shown["version"],
        "checksum": installed.partition("@")[2],
        "latest_version": shown["latest_version"],
        "latest_unique_identifier": identifier,
        "source": "package",
        "runtime_type": "remote" if row else "local",
        "endpoints_setups": 0,
        "endpoints_active": 0,
        "declaration": {
            "author": shown["author"],
            "name": shown["name"],
            "version": shown["version"],
            "category": shown["category"],
            "label": _text(shown["label"]),
            "description": _text(shown["description"]),
            "icon": shown["icon"],
            "tags": shown["tags"],
            "verified": shown["verified"],
        },
    }


def render_task(row: McpToolProvider) -> schemas.PluginTask:
    """Render the `PluginTask` that an installation was."""
    return {
        "id": row.id,
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
        "status": "success",
        "total_plugins": 1,
        "completed_plugins": 1,
        "plugins": [
            {
                "plugin_id": row.plugin_id or "",
                "plugin_unique_identifier": row.plugin_unique_identifier or "",
                "status": "success",
                "message": "",
                "icon": str(row.icon["content"]),
                "labels": _text(row.name),
            }
        ],
    }


def _installed(plugin: Plugin, install_id: str, workspace_id: str, at: int) -> schemas.InstalledPlugin:
    return {
        "install_id": install_id,
        "plugin_id": plugin.plugin_id,
        "plugin_unique_identifier": plugin.unique_identifier,
        "version": plugin.version,
        "tenant_id": workspace_id,
        "installed_at": at,
    }


def _text(words: str) -> schemas.LocalizedText:
    return {"en_US": words, "zh_Hans": words}


def _version(row: McpToolProvider) -> str:
    """Return the version out of an identifier, `author/name:version@hash`."""
    return (row.plugin_unique_identifier or "").partition(":")[2].partition("@")[0]
