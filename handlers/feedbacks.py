"""What every tier does with ratings: give, take back, list."""

from __future__ import annotations

from typing import Literal

from handlers.authors import author_of
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.feedbacks import render_feedback
from models import app as apps
from models import message as messages
from models import message_feedback as feedbacks

Rating = Literal["like", "dislike"]


async def rate(
    call: Call, app_id: str, message_id: str, user: str | None, rating: Rating | None, content: str | None
) -> schemas.Result:
    """Keep a person's rating of an answer of theirs; None takes it back, and may be repeated.

    Raises:
        ApiError: `not_found`, also for a message of another person.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        message = await messages.get(scope, app_id, message_id, author)
        if rating is None:
            await feedbacks.withdraw(scope, message.id, "user")
        else:
            await feedbacks.give(scope, message, author, "user", rating, content)
    return {"result": "success"}


async def rate_as_admin(
    call: Call, app_id: str, message_id: str, rating: Rating | None, content: str | None
) -> schemas.Result:
    """Keep an administrator's rating of anybody's answer; None takes it back.

    Raises:
        ApiError: `app_not_found` or `not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        message = await messages.get(scope, app.id, message_id)
        if rating is None:
            await feedbacks.withdraw(scope, message.id, "admin")
        else:
            await feedbacks.give(scope, message, await author_of(call, scope), "admin", rating, content)
    return {"result": "success"}


async def list_of(call: Call, app_id: str, page: int, limit: int) -> schemas.AppFeedbackList:
    """Return one page of the ratings of an app's answers."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await feedbacks.page(scope, app_id, page=page, limit=limit)
    return {"data": [render_feedback(feedback) for feedback in found.items]}
