"""What every tier does with a person's conversations: list, rename, delete, read messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.chat.naming import conversation_name
from handlers import generation
from handlers.authors import author_of
from handlers.call import Call
from handlers.rendering.conversations import UNNAMED, render_conversation_list, render_renamed
from handlers.rendering.messages import render_message, render_message_list
from models import conversation, message, message_feedback
from models.conversation import SortBy
from models.page import CursorPage


async def list_of(
    call: Call, app_id: str, user: str | None, last_id: str | None, limit: int, sort_by: SortBy
) -> dict[str, Any]:
    """Return a `ConversationList` of the person's conversations.

    Raises:
        ApiError: `not_chat_app`, or `not_found` for an unknown `last_id`.
    """
    await generation.check_chat_app(call, app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        page = await conversation.page_after(scope, app_id, author, limit=limit, last_id=last_id, sort_by=sort_by)
    return render_conversation_list(page)


async def page_of(call: Call, app_id: str, user: str | None, page: int, limit: int) -> dict[str, Any]:
    """Return a `ConversationList` by its number, with `page` and `total`.

    Raises:
        ApiError: `not_chat_app`.
    """
    await generation.check_chat_app(call, app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        found = await conversation.page(scope, app_id, author, page=page, limit=limit)
    shown = render_conversation_list(CursorPage(found.items, found.limit, found.has_more))
    return {**shown, "page": found.page, "total": found.total}


async def rename(
    call: Call, app_id: str, conversation_id: str, user: str | None, body: Mapping[str, Any]
) -> dict[str, Any]:
    """Give a conversation the name in `body`, or with `auto_generate` one made from its first question.

    Raises:
        ApiError: `not_chat_app` or `not_found`.
    """
    await generation.check_chat_app(call, app_id)
    name: str = body.get("name") or ""
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        await conversation.get(scope, app_id, conversation_id, author)
        if body.get("auto_generate"):
            first = await message.find_first(scope, conversation_id)
            name = (conversation_name(first.query) if first else "") or UNNAMED
        renamed = await conversation.rename(scope, app_id, conversation_id, name, author)
    return render_renamed(renamed)


async def delete(call: Call, app_id: str, conversation_id: str, user: str | None) -> None:
    """Take a conversation out of sight.

    Raises:
        ApiError: `not_chat_app` or `not_found`.
    """
    await generation.check_chat_app(call, app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        await conversation.remove(scope, app_id, conversation_id, author)


async def messages_of(
    call: Call, app_id: str, conversation_id: str, user: str | None, first_id: str | None, limit: int
) -> dict[str, Any]:
    """Return a `MessageList` of one of the person's conversations.

    Raises:
        ApiError: `not_chat_app`, or `not_found` for an unknown conversation or `first_id`.
    """
    await generation.check_chat_app(call, app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        await conversation.get(scope, app_id, conversation_id, author)
        page = await message.page_before(scope, conversation_id, limit=limit, first_id=first_id)
        ids = [item.id for item in page.items]
        feedbacks = await message_feedback.of_messages(scope, ids, "user")
    return render_message_list(page, feedbacks, files_url(call))


async def message_of(call: Call, app_id: str, message_id: str, user: str | None) -> dict[str, Any]:
    """Return a `Message` of the person's.

    Raises:
        ApiError: `not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        found = await message.get(scope, app_id, message_id, author)
        feedbacks = await message_feedback.of_messages(scope, [found.id], "user")
    return render_message(found, feedbacks.get(found.id), files_url(call))


def files_url(call: Call) -> str:
    """Return where the files of messages can be fetched with an app's key."""
    return f"{call.services.settings.url}/v1/files"
