"""What people asked an app, and what administrators think of its answers."""

from __future__ import annotations

from foundation.errors import ApiError
from handlers import conversations, feedbacks, generation, suggestions
from handlers.call import Call
from handlers.contract import schemas


async def get_message(call: Call, *, app_id: str, message_id: str) -> schemas.Message:
    """Get a message of anybody's."""
    return await conversations.any_message_of(call, app_id, message_id)


async def create_message_feedback(call: Call, *, app_id: str, body: schemas.AdminFeedbackRequest) -> schemas.Result:
    """Keep an administrator's rating of an answer."""
    return await feedbacks.rate_as_admin(call, app_id, body["message_id"], body.get("rating"), body.get("content"))


async def list_suggested_questions(call: Call, *, app_id: str, message_id: str) -> schemas.SuggestedQuestionList:
    """Suggest what the person might ask next."""
    await generation.check_chat_app(call, app_id)
    text = "Function Suggested questions after answer disabled."
    disabled = ApiError("app_suggested_questions_after_answer_disabled", text)
    return {"data": await suggestions.after(call, app_id, message_id, None, disabled=disabled)}
