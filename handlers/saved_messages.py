"""The answers of a completion app that a person keeps."""

from __future__ import annotations

from handlers import generation
from handlers.authors import author_of
from handlers.call import Call
from handlers.contract import schemas
from handlers.conversations import file_link
from handlers.rendering.messages import render_saved_list
from models import keepsake, message_feedback
from models import message as messages


async def list_of(
    call: Call, app_id: str, user: str | None, last_id: str | None, limit: int
) -> schemas.SavedMessageList:
    """Return part of the answers that a person keeps.

    Raises:
        ApiError: `not_completion_app`, or `not_found` for an unknown `last_id`.
    """
    await generation.check_completion_app(call, app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        page = await keepsake.saved_after(scope, app_id, author, limit=limit, last_id=last_id)
        feedbacks = await message_feedback.of_messages(scope, [item.id for item in page.items], "user")
    return render_saved_list(page, feedbacks, file_link(call))


async def save(call: Call, app_id: str, user: str | None, message_id: str) -> schemas.Result:
    """Keep an answer of the person's.

    Raises:
        ApiError: `not_completion_app` or `not_found`.
    """
    await generation.check_completion_app(call, app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        await keepsake.save(scope, await messages.get(scope, app_id, message_id, author), author)
    return {"result": "success"}


async def remove(call: Call, app_id: str, user: str | None, message_id: str) -> None:
    """Keep an answer no longer.

    Raises:
        ApiError: `not_completion_app`.
    """
    await generation.check_completion_app(call, app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        await keepsake.unsave(scope, app_id, message_id, await author_of(call, scope, user))
