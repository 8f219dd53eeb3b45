"""The workspace's apps, for programs that hold a workspace key."""

from __future__ import annotations

from foundation.errors import ApiError
from handlers import apps as shared
from handlers.call import Call
from handlers.callers import WorkspaceKeyCaller
from handlers.contract import schemas
from models import account
from models import app as apps


async def list_apps(
    call: Call, *, page: int = 1, limit: int = 20, keyword: str | None = None, mode: str | None = None
) -> schemas.ConsoleAppList:
    """List the workspace's apps."""
    _check(call)
    return await shared.page_of(call, page, limit, keyword, mode)


async def create_app(call: Call, *, body: schemas.AppKeyCreateRequest) -> schemas.ConsoleApp:
    """Make an app in the name of the workspace's owner."""
    _check(call)
    mode: apps.Mode = body.get("mode") or "chat"
    async with call.services.database.workspace(call.workspace_id) as scope:
        owner = await account.find_owner(scope)
        return await shared.create(call, scope, body, mode, owner.id if owner else None)


def _check(call: Call) -> None:
    """Refuse keys that stand for one app.

    Raises:
        ApiError: `forbidden`.
    """
    if not isinstance(call.caller, WorkspaceKeyCaller):
        message = "This takes a workspace key, without the header `X-App-Id`: the key of one app does not reach others."
        raise ApiError("forbidden", message)
