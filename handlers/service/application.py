"""What an app is called, asks for and looks like."""

from __future__ import annotations

from handlers import application
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.apps import render_info, render_site
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
    return await application.parameters(call)


async def get_app_meta(call: Call) -> schemas.AppMeta:
    """Get the app's tools and model."""
    return await application.meta(call)


async def get_site(call: Call) -> schemas.Site:
    """Get the look of the app's page."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        site = await apps.get_site(scope, call.app_id)
    return render_site(site)
