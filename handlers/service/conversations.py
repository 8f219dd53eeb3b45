"""The conversations of one person with the app."""

from __future__ import annotations

from typing import Any

from handlers import conversations
from handlers.call import Call
from models.conversation import SortBy


async def list_conversations(
    call: Call,
    *,
    user: str | None = None,
    last_id: str | None = None,
    limit: int = 20,
    sort_by: SortBy = "-updated_at",
) -> dict[str, Any]:
    """List the person's conversations."""
    return await conversations.list_of(call, call.app_id, user, last_id, limit, sort_by)


async def rename_conversation(call: Call, *, conversation_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Give a conversation another name."""
    return await conversations.rename(call, call.app_id, conversation_id, body.get("user"), body)


async def delete_conversation(
    call: Call, *, conversation_id: str, user: str | None = None, body: dict[str, Any] | None = None
) -> None:
    """Delete a conversation; the person is named in the body or in the query."""
    await conversations.delete(call, call.app_id, conversation_id, (body or {}).get("user") or user)
