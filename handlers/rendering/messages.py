"""Messages and their answers as the contract shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.rendering.files import render_message_file
from handlers.rendering.times import unix
from models.message import Message
from models.message_feedback import MessageFeedback
from models.page import CursorPage


def render_message(message: Message, feedback: MessageFeedback | None, files_url: str) -> dict[str, Any]:
    """Render a `Message`.

    Args:
        message: the row.
        feedback: what its user thinks of the answer.
        files_url: where the files of messages can be fetched, without a slash at the end.
    """
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "parent_message_id": message.parent_message_id,
        "inputs": message.inputs,
        "query": message.query,
        "answer": message.answer,
        "message_files": [render_message_file(file, files_url) for file in message.files],
        "feedback": {"rating": feedback.rating} if feedback else None,
        "retriever_resources": (message.metadata_ or {}).get("retriever_resources", []),
        "agent_thoughts": [],
        "extra_contents": [],
        "status": message.status,
        "error": message.error_message,
        "message_tokens": message.message_tokens,
        "answer_tokens": message.answer_tokens,
        "total_tokens": message.message_tokens + message.answer_tokens,
        "total_price": f"{message.total_price:f}",
        "currency": message.currency,
        "provider_response_latency": message.provider_response_latency,
        "created_at": unix(message.created_at),
    }


def render_message_list(
    page: CursorPage[Message], feedbacks: Mapping[str, MessageFeedback], files_url: str
) -> dict[str, Any]:
    """Render a `MessageList`."""
    return {
        "limit": page.limit,
        "has_more": page.has_more,
        "data": [render_message(message, feedbacks.get(message.id), files_url) for message in page.items],
    }


def render_answer(message: Message, *, simple: bool = False) -> dict[str, Any]:
    """Render the answer of blocking mode, a `ChatAnswer` or a `CompletionAnswer`.

    Args:
        message: a message that has ended.
        simple: whether it is shown to an end user, who does not see `usage`.
    """
    answer = {
        "event": "message",
        "task_id": message.task_id,
        "id": message.id,
        "message_id": message.id,
        "mode": message.mode,
        "answer": message.answer,
        "metadata": render_metadata(message.metadata_ or {}, simple=simple),
        "created_at": unix(message.created_at),
    }
    if message.conversation_id is not None:
        answer["conversation_id"] = message.conversation_id
    return answer


def render_metadata(metadata: Mapping[str, Any], *, simple: bool = False) -> dict[str, Any]:
    """Render an `AnswerMetadata`; a `simple` one leaves out what an end user is not shown."""
    hidden = {"usage", "annotation_reply"} if simple else set[str]()
    return {key: value for key, value in metadata.items() if key not in hidden}
