"""What a front end needs before the first question."""

from __future__ import annotations

from foundation.errors import ApiError
from handlers import application
from handlers.call import Call
from handlers.callers import EndUserCaller
from handlers.contract import schemas
from handlers.rendering.apps import render_site
from handlers.system_features import system_features
from models import account
from models import app as apps


async def get_app_parameters(call: Call) -> schemas.AppParameters:
    """Show the app's inputs and features."""
    return await application.parameters(call)


async def get_app_meta(call: Call) -> schemas.AppMeta:
    """Show the app's tools and model."""
    return await application.meta(call)


async def get_site(call: Call) -> schemas.WebSite:
    """Show the look of the app's page, and who visits it."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, call.app_id)
        site = await apps.get_site(scope, app.id)
        workspace = await account.get_workspace(scope)
    if not app.enable_site:
        raise ApiError("forbidden", "The site of this app is disabled.")
    visitor = call.caller.end_user_id if isinstance(call.caller, EndUserCaller) else None
    return {
        "app_id": app.id,
        "end_user_id": visitor,
        "enable_site": app.enable_site,
        "site": render_site(site),
        "model_config": None,
        "plan": workspace.effective_plan,
        "can_replace_logo": False,
        "custom_config": None,
    }


async def get_access_mode(call: Call) -> schemas.AccessMode:
    """Tell who may use an app's page."""
    return {"accessMode": "public"}


async def get_permission(call: Call) -> schemas.Permission:
    """Tell whether the visitor may use an app."""
    return {"result": True}


async def get_system_features(call: Call) -> schemas.SystemFeatures:
    """Show which ways of signing in there are."""
    return system_features()
