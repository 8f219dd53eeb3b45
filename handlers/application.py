"""What an app asks for and is made of, for callers of the Service and the Web tier."""

from __future__ import annotations

from handlers.call import Call
from handlers.contract import schemas
from handlers.effective_config import config_of
from handlers.rendering.apps import render_meta, render_parameters
from handlers.tool_icons import tool_icons
from models import app as apps


async def parameters(call: Call) -> schemas.AppParameters:
    """Return the inputs and features of the call's app."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        config = await config_of(scope, await apps.get(scope, call.app_id))
    return render_parameters(config, call.services.settings)


async def meta(call: Call) -> schemas.AppMeta:
    """Return the tools and the model of the call's app."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, call.app_id)
        icons = await tool_icons(scope, app)
    return render_meta(app, icons)
