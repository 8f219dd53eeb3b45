"""The questions and answers of a conversation."""

from __future__ import annotations

from typing import Literal

from foundation.errors import ApiError
from handlers import conversations, feedbacks, generation, more_like_this, saved_messages, suggestions
from handlers.authors import author_of
from handlers.call import Call
from handlers.contract import schemas
from handlers.replies import EventStream
from handlers.web_manner import invoke_from, is_visitor, person


async def list_messages(
    call: Call,
    *,
    conversation_id: str,
    user: str | None = None,
    first_id: str | None = None,
    limit: int = 20,
) -> schemas.MessageList:
    """List a conversation's newest messages, or those before `first_id`."""
    named = person(call, user)
    return await conversations.messages_of(call, call.app_id, conversation_id, named, first_id, limit)


async def create_message_feedback(
    call: Call, *, message_id: str, body: schemas.VisitorFeedbackRequest
) -> schemas.Result:
    """Keep a person's rating of an answer."""
    user = person(call, body.get("user"))
    return await feedbacks.rate(call, call.app_id, message_id, user, body.get("rating"), body.get("content"))


async def list_suggested_questions(
    call: Call, *, message_id: str, user: str | None = None
) -> schemas.SuggestedQuestionList:
    """Suggest what the person might ask next."""
    named = person(call, user)
    await generation.check_chat_app(call, call.app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, named)
    text = "Function Suggested questions after answer disabled."
    disabled = ApiError("app_suggested_questions_after_answer_disabled", text)
    return {"data": await suggestions.after(call, call.app_id, message_id, author, disabled=disabled)}


async def create_more_like_this(
    call: Call, *, message_id: str, response_mode: Literal["blocking", "streaming"], user: str | None = None
) -> EventStream | schemas.CompletionAnswer:
    """Answer the same inputs once more."""
    streaming, simple = response_mode == "streaming", is_visitor(call)
    message = await more_like_this.ask_again(
        call, call.app_id, message_id, person(call, user), invoke_from(call), streaming=streaming
    )
    if streaming:
        return generation.stream(call, message, simple=simple)
    return await generation.wait(call, message, simple=simple)


async def list_saved_messages(
    call: Call, *, user: str | None = None, last_id: str | None = None, limit: int = 20
) -> schemas.SavedMessageList:
    """List the answers that the person keeps."""
    return await saved_messages.list_of(call, call.app_id, person(call, user), last_id, limit)


async def create_saved_message(call: Call, *, body: schemas.SavedMessageRequest) -> schemas.Result:
    """Keep an answer."""
    return await saved_messages.save(call, call.app_id, person(call, body.get("user")), body["message_id"])


async def delete_saved_message(call: Call, *, message_id: str, user: str | None = None) -> None:
    """Keep an answer no longer."""
    await saved_messages.remove(call, call.app_id, person(call, user), message_id)
