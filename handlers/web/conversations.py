"""The visitor's conversations with the app."""

from __future__ import annotations

from handlers import conversations
from handlers.call import Call
from handlers.contract import schemas
from handlers.web_manner import person
from models.conversation import SortBy


async def list_conversations(
    call: Call,
    *,
    user: str | None = None,
    last_id: str | None = None,
    limit: int = 20,
    sort_by: SortBy = "-updated_at",
    pinned: bool | None = None,
    page: int | None = None,
    app_id: str | None = None,
) -> schemas.ConversationList:
    """List conversations by cursor, or by page where one is named; `app_id` was read with the credential."""
    named = person(call, user)
    if page is not None:
        return await conversations.page_of(call, call.app_id, named, page, limit)
    return await conversations.list_of(call, call.app_id, named, last_id, limit, sort_by, pinned)


async def rename_conversation(
    call: Call, *, conversation_id: str, body: schemas.ConversationRename
) -> schemas.RenamedConversation:
    """Give a conversation another name."""
    user = person(call, body.get("user"))
    return await conversations.rename(call, call.app_id, conversation_id, user, body)


async def delete_conversation(
    call: Call, *, conversation_id: str, user: str | None = None, body: schemas.OptionalUserBody | None = None
) -> None:
    """Delete a conversation."""
    named = person(call, (body or {}).get("user") or user)
    await conversations.delete(call, call.app_id, conversation_id, named)


async def pin_conversation(call: Call, *, conversation_id: str, user: str | None = None) -> schemas.Result:
    """Keep a conversation at the top."""
    return await conversations.pin(call, call.app_id, conversation_id, person(call, user), pinned=True)


async def unpin_conversation(call: Call, *, conversation_id: str, user: str | None = None) -> schemas.Result:
    """Let a conversation take its place again."""
    return await conversations.pin(call, call.app_id, conversation_id, person(call, user), pinned=False)
