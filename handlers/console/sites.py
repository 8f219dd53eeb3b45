"""The web page of an app: its words and looks, and the code that names it."""

from __future__ import annotations

from typing import Any

from foundation.secrets import new_token
from handlers.apps import SITE_CODE_LENGTH
from handlers.call import Call
from handlers.contract import schemas
from handlers.credentials.recent import forget_all
from handlers.rendering.console_apps import render_site
from models import app as apps

CHANGEABLE = (
    "title",
    "icon_type",
    "icon",
    "icon_background",
    "description",
    "default_language",
    "chat_color_theme",
    "chat_color_theme_inverted",
    "customize_domain",
    "copyright",
    "privacy_policy",
    "custom_disclaimer",
    "customize_token_strategy",
    "prompt_public",
    "show_workflow_steps",
    "use_icon_as_answer_icon",
)


async def update_app_site(call: Call, *, app_id: str, body: schemas.SiteUpdateRequest) -> schemas.AppSite:
    """Change what is given of an app's site."""
    changes = {field: value for field, value in body.items() if field in CHANGEABLE and value is not None}
    return await _change(call, app_id, changes)


async def reset_app_site_code(call: Call, *, app_id: str) -> schemas.AppSite:
    """Give an app's site another code."""
    return await _change(call, app_id, {"code": new_token()[:SITE_CODE_LENGTH]})


async def _change(call: Call, app_id: str, changes: dict[str, Any]) -> schemas.AppSite:
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        site = await apps.change_site(scope, app.id, changes, call.account.account_id)
        shown = render_site(site, call.services.settings)
    forget_all(call.services.database)
    return shown
