"""What an app is called, asks for and looks like."""

from __future__ import annotations

from handlers.call import Call
from handlers.contract import schemas
from handlers.effective_config import config_of
from handlers.rendering.apps import render_info, render_meta, render_parameters, render_site
from handlers.tool_icons import tool_icons
from models import account as accounts
from models import app as apps
from models import tag as tags


async def get_app_info(call: Call) -> schemas.AppInfo:
    """Get the app's name and description."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, call.app_id)
        names = await accounts.names(scope, {app.created_by} if app.created_by else set())
        bound = (await tags.of_targets(scope, "app", [app.id]))[app.id]
    return render_info(app, names.get(app.created_by or "", ""), [tag.name for tag in bound])


async def get_app_parameters(call: Call) -> schemas.AppParameters:
    """Get the app's inputs and features."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        config = await config_of(scope, await apps.get(scope, call.app_id))
    return render_parameters(config, call.services.settings)


async def get_app_meta(call: Call) -> schemas.AppMeta:
    """Get the app's tools and model."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, call.app_id)
        icons = await tool_icons(scope, app)
    return render_meta(app, icons)


async def get_site(call: Call) -> schemas.Site:
    """Get the look of the app's page."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        site = await apps.get_site(scope, call.app_id)
    return render_site(site)
