"""The people who use the app."""

from __future__ import annotations

from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.end_users import render_end_user
from models import end_user as end_users


async def get_end_user(call: Call, *, end_user_id: str) -> schemas.EndUser:
    """Get a person who uses the app."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await end_users.get(scope, end_user_id)
    if found.app_id != call.app_id:
        raise ApiError("not_found", "End user not found.")
    return render_end_user(found)
