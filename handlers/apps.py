"""What the Console and programs with a workspace key do with apps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foundation.secrets import new_token
from handlers import app_config
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.console_apps import render_app, render_app_list
from models import account
from models import app as apps
from models import tag as tags
from models import workflow as workflows
from models.scope import Scope

SITE_CODE_LENGTH = 16
DEFAULT_ICON = {"icon_type": "emoji", "icon": "🤖", "icon_background": "#FFEAD5"}


async def page_of(
    call: Call,
    page: int,
    limit: int,
    name: str | None,
    mode: str | None,
    created_by: str | None = None,
    tag_ids: list[str] | None = None,
) -> schemas.ConsoleAppList:
    """Return one page of the workspace's apps, newest first.

    Args:
        call: the call.
        page: the number of the page, from 1.
        limit: how many it holds.
        name: a part of the name or the description.
        mode: one mode; None means any.
        created_by: the account that made them.
        tag_ids: tags that they have.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await apps.page(
            scope,
            page=page,
            limit=limit,
            name=name,
            mode=mode,
            created_by=created_by,
            app_ids=await tags.apps_with(scope, tag_ids) if tag_ids else None,
        )
        authors = await account.names(scope, {app.created_by for app in found.items if app.created_by})
        bound = await tags.of_targets(scope, "app", [app.id for app in found.items])
        published = await workflows.of_apps(scope, [app.id for app in found.items])
    return render_app_list(found, authors, bound, published)


async def create(
    call: Call, scope: Scope, body: Mapping[str, Any], mode: apps.Mode, created_by: str | None
) -> schemas.ConsoleApp:
    """Make an app with its site; both its site and its API are on.

    Args:
        call: the call.
        scope: the workspace.
        body: name, description and icon.
        mode: how it runs.
        created_by: the account in whose name it is made.
    """
    configured = mode in app_config.CONFIGURED_MODES
    made = await apps.create(
        scope,
        name=body["name"],
        mode=mode,
        site_code=new_token()[:SITE_CODE_LENGTH],
        created_by=created_by,
        description=body.get("description") or "",
        model_config=app_config.complete(None, mode) if configured else {},
        **{field: body.get(field) or default for field, default in DEFAULT_ICON.items()},
    )
    return await shown(call, scope, made)


async def shown(call: Call, scope: Scope, app: apps.App) -> schemas.ConsoleApp:
    """Return an app with its site."""
    site = await apps.get_site(scope, app.id)
    authors = await account.names(scope, {app.created_by} if app.created_by else set())
    bound = (await tags.of_targets(scope, "app", [app.id]))[app.id]
    published = await workflows.find_published(scope, app.id)
    return render_app(app, site, authors.get(app.created_by or ""), bound, published, call.services.settings)
