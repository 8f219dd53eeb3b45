"""Ratings as the contract shows them."""

from __future__ import annotations

from handlers.contract import schemas
from handlers.rendering.times import iso
from models.message_feedback import MessageFeedback


def render_feedback(feedback: MessageFeedback) -> schemas.AppFeedback:
    """Render an `AppFeedback`."""
    return {
        "id": feedback.id,
        "app_id": feedback.app_id,
        "conversation_id": feedback.conversation_id,
        "message_id": feedback.message_id,
        "rating": feedback.rating,
        "content": feedback.content,
        "from_source": feedback.source,
        "from_end_user_id": feedback.end_user_id,
        "from_account_id": feedback.account_id,
        "created_at": iso(feedback.created_at),
        "updated_at": iso(feedback.updated_at),
    }
