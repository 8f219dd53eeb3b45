"""The questions and answers of a conversation."""

from __future__ import annotations

from foundation.errors import ApiError
from handlers import conversations, feedbacks, generation, suggestions
from handlers.authors import author_of
from handlers.call import Call
from handlers.contract import schemas


async def list_messages(
    call: Call,
    *,
    conversation_id: str,
    user: str | None = None,
    first_id: str | None = None,
    limit: int = 20,
) -> schemas.MessageList:
    """List a conversation's newest messages, or those before `first_id`."""
    return await conversations.messages_of(call, call.app_id, conversation_id, user, first_id, limit)


async def get_message(call: Call, *, message_id: str, user: str | None = None) -> schemas.Message:
    """Get one message of the person's."""
    return await conversations.message_of(call, call.app_id, message_id, user)


async def create_message_feedback(call: Call, *, message_id: str, body: schemas.FeedbackRequest) -> schemas.Result:
    """Keep a person's rating of an answer."""
    return await feedbacks.rate(call, call.app_id, message_id, body["user"], body.get("rating"), body.get("content"))


async def list_suggested_questions(call: Call, *, message_id: str, user: str) -> schemas.SuggestedQuestions:
    """Suggest what the person might ask next."""
    await generation.check_chat_app(call, call.app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
    disabled = ApiError("bad_request", "Suggested Questions Is Disabled.")
    questions = await suggestions.after(call, call.app_id, message_id, author, disabled=disabled)
    return {"result": "success", "data": questions}


async def list_app_feedbacks(call: Call, *, page: int = 1, limit: int = 20) -> schemas.AppFeedbackList:
    """List the ratings of the app's answers."""
    return await feedbacks.list_of(call, call.app_id, page, limit)
