"""The apps of a workspace."""

from __future__ import annotations

from typing import Any

from foundation.errors import ApiError
from handlers import app_config
from handlers import apps as shared
from handlers.call import Call
from handlers.contract import schemas
from handlers.credentials.recent import forget_all
from models import app as apps
from models import dataset

CHANGEABLE = (
    "name",
    "description",
    "icon_type",
    "icon",
    "icon_background",
    "use_icon_as_answer_icon",
    "enable_site",
    "enable_api",
    "api_rpm",
    "api_rph",
    "max_active_requests",
)


async def list_apps(
    call: Call,
    *,
    page: int = 1,
    limit: int = 20,
    keyword: str | None = None,
    mode: str | None = None,
    name: str | None = None,
    search: str | None = None,
    is_created_by_me: bool | None = None,
    tag_ids: list[str] | None = None,
) -> schemas.ConsoleAppList:
    """List the workspace's apps, newest first."""
    mine = call.account.account_id if is_created_by_me else None
    return await shared.page_of(call, page, limit, name or keyword or search, mode, mine, tag_ids)


async def create_app(call: Call, *, body: schemas.AppCreateRequest) -> schemas.ConsoleApp:
    """Make an app with its site; both its site and its API are on."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        return await shared.create(call, scope, body, body["mode"], call.account.account_id)


async def get_app(call: Call, *, app_id: str) -> schemas.ConsoleApp:
    """Show an app with its site."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        return await shared.shown(call, scope, await apps.get(scope, app_id))


async def update_app(call: Call, *, app_id: str, body: schemas.AppUpdateRequest) -> schemas.ConsoleApp:
    """Change what is given."""
    changes = {field: value for field, value in body.items() if field in CHANGEABLE and value is not None}
    return await _change(call, app_id, changes)


async def delete_app(call: Call, *, app_id: str) -> None:
    """Take an app out of sight; what belongs to it is removed in the background."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await apps.mark_deleted(scope, app_id)
    forget_all(call.services.database)


async def set_app_site_status(call: Call, *, app_id: str, body: schemas.SiteToggle) -> schemas.ConsoleApp:
    """Switch an app's site on or off."""
    return await _change(call, app_id, {"enable_site": body["enable_site"]})


async def set_app_api_status(call: Call, *, app_id: str, body: schemas.ApiToggle) -> schemas.ConsoleApp:
    """Switch an app's API on or off."""
    return await _change(call, app_id, {"enable_api": body["enable_api"]})


async def update_app_model_config(
    call: Call, *, app_id: str, body: schemas.ModelConfig | None = None
) -> schemas.Result:
    """Say what an app runs with."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        if app.mode not in app_config.CONFIGURED_MODES:
            message = "A workflow drives this app; it has no model configuration."
            raise ApiError("app_not_found", message)
        config = app_config.complete(body, app.mode)
        await app_config.check(scope, config)
        await apps.change_model_config(scope, app_id, config, call.account.account_id)
        await dataset.link_app(scope, app_id, app_config.dataset_ids(config))
    return {"result": "success"}


async def _change(call: Call, app_id: str, changes: dict[str, Any]) -> schemas.ConsoleApp:
    async with call.services.database.workspace(call.workspace_id) as scope:
        changed = await apps.change(scope, app_id, changes, call.account.account_id)
        shown = await shared.shown(call, scope, changed)
    forget_all(call.services.database)
    return shown
