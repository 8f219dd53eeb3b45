"""What every tier does with a person's conversations: list, rename, delete, read messages."""

from __future__ import annotations

import asyncio
from functools import partial

from engine.chat.naming import conversation_name, suggest_name
from foundation.errors import ApiError
from handlers import generation
from handlers.authors import author_of
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.conversations import UNNAMED, render_conversation_list, render_renamed
from handlers.rendering.files import FileLink
from handlers.rendering.messages import render_message, render_message_list
from handlers.signed_files import signed_url
from models import agent_thought, conversation, keepsake, message, message_feedback
from models import app as apps
from models.conversation import SortBy
from models.message import Message
from models.page import CursorPage
from models.scope import Scope

NAMING_SECONDS = 20.0


async def list_of(
    call: Call,
    app_id: str,
    user: str | None,
    last_id: str | None,
    limit: int,
    sort_by: SortBy,
    pinned: bool | None = None,
) -> schemas.ConversationList:
    """Return a `ConversationList` of the person's conversations; `pinned` chooses those that are, or are not.

    Raises:
        ApiError: `not_chat_app`, or `not_found` for an unknown `last_id`.
    """
    await generation.check_chat_app(call, app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        only = keepsake.PinnedConversation.holds(pinned) if pinned is not None else None
        page = await conversation.page_after(
            scope, app_id, author, limit=limit, last_id=last_id, sort_by=sort_by, only=only
        )
    return render_conversation_list(page)


async def page_of(call: Call, app_id: str, user: str | None, page: int, limit: int) -> schemas.ConversationList:
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
    call: Call,
    app_id: str,
    conversation_id: str,
    user: str | None,
    body: schemas.ConversationRename,
) -> schemas.RenamedConversation:
    """Give a conversation the name in `body`, or with `auto_generate` one made from its first question.

    Raises:
        ApiError: `not_chat_app` or `not_found`.
    """
    await generation.check_chat_app(call, app_id)
    name: str = body.get("name") or ""
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        await conversation.get(scope, app_id, conversation_id, author)
        first = await message.find_first(scope, conversation_id) if body.get("auto_generate") else None
    if body.get("auto_generate"):
        name = (await _found_name(call, first) if first else "") or UNNAMED
    async with call.services.database.workspace(call.workspace_id) as scope:
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
) -> schemas.MessageList:
    """Return a `MessageList` of one of the person's conversations.

    Raises:
        ApiError: `not_chat_app`, or `not_found` for an unknown conversation or `first_id`.
    """
    await generation.check_chat_app(call, app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        await conversation.get(scope, app_id, conversation_id, author)
        return await _messages(call, scope, conversation_id, first_id, limit)


async def all_messages_of(
    call: Call, app_id: str, conversation_id: str, first_id: str | None, limit: int
) -> schemas.MessageList:
    """Return a `MessageList` of anybody's conversation, for administrators.

    Raises:
        ApiError: `not_chat_app`, or `not_found` for an unknown conversation or `first_id`.
    """
    await generation.check_chat_app(call, app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        await conversation.get(scope, app_id, conversation_id)
        return await _messages(call, scope, conversation_id, first_id, limit)


async def message_of(call: Call, app_id: str, message_id: str, user: str | None) -> schemas.Message:
    """Return a `Message` of the person's.

    Raises:
        ApiError: `not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        return await _message(call, scope, await message.get(scope, app_id, message_id, author))


async def any_message_of(call: Call, app_id: str, message_id: str) -> schemas.Message:
    """Return a `Message` of anybody's, for administrators.

    Raises:
        ApiError: `app_not_found` or `not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        return await _message(call, scope, await message.get(scope, app.id, message_id))


def file_link(call: Call) -> FileLink:
    """Return what makes the addresses of a message's files; each works for a few minutes."""
    return partial(signed_url, call.services.settings)


async def pin(call: Call, app_id: str, conversation_id: str, user: str | None, *, pinned: bool) -> schemas.Result:
    """Keep a person's conversation at the top of their list, or no longer.

    Raises:
        ApiError: `not_chat_app` or `not_found`.
    """
    await generation.check_chat_app(call, app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        found = await conversation.get(scope, app_id, conversation_id, author)
        if pinned:
            await keepsake.pin(scope, found.id, author)
        else:
            await keepsake.unpin(scope, found.id)
    return {"result": "success"}


async def _found_name(call: Call, first: Message) -> str:
    """Return the name that the model of a conversation's first message gives it, or its first words."""
    words = conversation_name(first.query)
    try:
        async with call.services.database.reading(call.workspace_id) as scope:
            available = await call.services.models.available(scope)
        chosen = await call.services.models.chat(available, (first.model_config or {}).get("model"))
        async with asyncio.timeout(NAMING_SECONDS):
            return await suggest_name(chosen.model, first.query)
    except (ApiError, TimeoutError):
        return words


async def _messages(
    call: Call, scope: Scope, conversation_id: str, first_id: str | None, limit: int
) -> schemas.MessageList:
    page = await message.page_before(scope, conversation_id, limit=limit, first_id=first_id)
    ids = [item.id for item in page.items]
    feedbacks = await message_feedback.of_messages(scope, ids, "user")
    thoughts = await agent_thought.of_messages(scope, ids)
    return render_message_list(page, feedbacks, file_link(call), thoughts)


async def _message(call: Call, scope: Scope, found: Message) -> schemas.Message:
    feedbacks = await message_feedback.of_messages(scope, [found.id], "user")
    thoughts = await agent_thought.of_messages(scope, [found.id])
    return render_message(found, feedbacks.get(found.id), file_link(call), thoughts.get(found.id, []))
