"""The pictures of an app's tools, for interfaces that show what an agent does."""

from __future__ import annotations

from typing import Any

from engine.tools.references import read_references
from engine.tools.shelf import read_shelf
from models.app import App
from models.scope import Scope


async def tool_icons(scope: Scope, app: App) -> dict[str, Any]:
    """Return an emoji with its background for each tool of an agent, by the tool's name."""
    if app.mode != "agent-chat":
        return {}
    named = read_references((app.model_config or {}).get("agent_mode"))
    shelf = await read_shelf(scope, named)
    icons = {reference.tool_name: shelf.icon(reference) for reference in named if reference.tool_name}
    return {name: icon for name, icon in icons.items() if icon}
