"""Conversations as the contract shows them."""

from __future__ import annotations

from handlers.contract import schemas
from handlers.rendering.times import unix
from models.conversation import Conversation
from models.page import CursorPage

UNNAMED = "New conversation"


def render_conversation(conversation: Conversation) -> schemas.Conversation:
    """Render a `Conversation`."""
    return {
        "id": conversation.id,
        "name": conversation.name or UNNAMED,
        "inputs": conversation.inputs,
        "status": "normal",
        "introduction": conversation.introduction or None,
        "created_at": unix(conversation.created_at),
        "updated_at": unix(conversation.updated_at),
    }


def render_conversation_list(page: CursorPage[Conversation]) -> schemas.ConversationList:
    """Render a `ConversationList`."""
    return {
        "limit": page.limit,
        "has_more": page.has_more,
        "data": [render_conversation(conversation) for conversation in page.items],
        "last_id": page.items[-1].id if page.items else None,
    }


def render_renamed(conversation: Conversation) -> schemas.RenamedConversation:
    """Render a `RenamedConversation`."""
    shown = render_conversation(conversation)
    return {**shown, "result": "success", "data": shown}
