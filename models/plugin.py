"""Plugins that a workspace has installed: MCP servers that were added out of a catalogue."""

from collections.abc import Mapping

from sqlalchemy import delete, func, select

from models.scope import Scope, SystemScope
from models.tool_provider import McpToolProvider


async def installed(scope: Scope) -> list[McpToolProvider]:
    """Return what the workspace has installed, by the plugin's id."""
    query = select(McpToolProvider).where(
        McpToolProvider.workspace_id == scope.workspace_id, McpToolProvider.plugin_id.is_not(None)
    )
    return list(await scope.session.scalars(query.order_by(McpToolProvider.plugin_id)))


async def uninstall(scope: Scope, installation_id: str) -> bool:
    """Remove what was installed under an id; return whether there was such a plugin."""
    statement = delete(McpToolProvider).where(
        McpToolProvider.workspace_id == scope.workspace_id,
        McpToolProvider.id == installation_id,
        McpToolProvider.plugin_id.is_not(None),
    )
    return await scope.session.scalar(statement.returning(McpToolProvider.id)) is not None


async def counts(scope: SystemScope) -> Mapping[str, int]:
    """Return how many workspaces have installed each plugin, by the plugin's id."""
    query = select(McpToolProvider.plugin_id, func.count()).where(McpToolProvider.plugin_id.is_not(None))
    rows = await scope.session.execute(query.group_by(McpToolProvider.plugin_id))
    return {str(plugin_id): count for plugin_id, count in rows}
