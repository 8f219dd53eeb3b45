"""The questions and answers of a conversation."""

from __future__ import annotations

from typing import Any

from handlers import conversations
from handlers.call import Call


async def list_messages(
    call: Call,
    *,
    conversation_id: str,
    user: str | None = None,
    first_id: str | None = None,
    limit: int = 20,
) -> dict[str, Any]:
    """List a conversation's newest messages, or those before `first_id`."""
    return await conversations.messages_of(call, call.app_id, conversation_id, user, first_id, limit)


async def get_message(call: Call, *, message_id: str, user: str | None = None) -> dict[str, Any]:
    """Get one message of the person's."""
    return await conversations.message_of(call, call.app_id, message_id, user)
