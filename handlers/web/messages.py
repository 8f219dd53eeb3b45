"""The questions and answers of a conversation."""

from __future__ import annotations

from typing import Any

from handlers import conversations
from handlers.call import Call
from handlers.web_manner import person


async def list_messages(
    call: Call,
    *,
    conversation_id: str,
    user: str | None = None,
    first_id: str | None = None,
    limit: int = 20,
) -> dict[str, Any]:
    """List a conversation's newest messages, or those before `first_id`."""
    named = person(call, user)
    return await conversations.messages_of(call, call.app_id, conversation_id, named, first_id, limit)
