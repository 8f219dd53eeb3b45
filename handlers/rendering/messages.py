"""Messages and their answers as the contract shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.contract import schemas
from handlers.rendering.files import FileLink, render_inputs, render_message_files
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from models.agent_thought import AgentThought
from models.message import Message
from models.message_feedback import MessageFeedback
from models.page import CursorPage
from workers.outcomes import answer_body


def render_message(
    message: Message,
    feedback: MessageFeedback | None,
    link: FileLink,
    thoughts: Sequence[AgentThought] = (),
) -> schemas.Message:
    """Render a `Message`.

    Args:
        message: the row.
        feedback: what its user thinks of the answer.
        link: returns where an uploaded file can be fetched.
        thoughts: an agent's thoughts on the way to the answer, in their order.
    """
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "parent_message_id": message.parent_message_id,
        "inputs": render_inputs(message.inputs, link),
        "query": message.query,
        "answer": message.answer,
        "message_files": render_message_files(message.files, link),
        "feedback": {"rating": feedback.rating} if feedback else None,
        "retriever_resources": (message.metadata_ or {}).get("retriever_resources", []),
        "agent_thoughts": [render_thought(thought) for thought in thoughts],
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


def render_thought(thought: AgentThought) -> schemas.AgentThought:
    """Render an `AgentThought`."""
    return {
        "id": thought.id,
        "message_id": thought.message_id,
        "position": thought.position,
        "thought": thought.thought,
        "observation": thought.observation,
        "tool": thought.tool,
        "tool_labels": thought.tool_labels,
        "tool_input": thought.tool_input,
        "created_at": unix(thought.created_at),
        "files": thought.files,
    }


def render_message_list(
    page: CursorPage[Message],
    feedbacks: Mapping[str, MessageFeedback],
    link: FileLink,
    thoughts: Mapping[str, Sequence[AgentThought]],
) -> schemas.MessageList:
    """Render a `MessageList`."""
    return {
        "limit": page.limit,
        "has_more": page.has_more,
        "data": [
            render_message(message, feedbacks.get(message.id), link, thoughts.get(message.id, ()))
            for message in page.items
        ],
    }


def render_answer(message: Message, *, simple: bool = False) -> schemas.ChatAnswer:
    """Render the answer of blocking mode, a `ChatAnswer` or a `CompletionAnswer`.

    Args:
        message: a message that has ended.
        simple: whether it is shown to an end user, who does not see `usage`.
    """
    body = answer_body(message)
    shown: schemas.ChatAnswer = trusted({**body, "metadata": render_metadata(body["metadata"], simple=simple)})
    return shown


def render_metadata(metadata: Mapping[str, Any], *, simple: bool = False) -> schemas.AnswerMetadata:
    """Render an `AnswerMetadata`; a `simple` one leaves out what an end user is not shown."""
    hidden = {"usage", "annotation_reply"} if simple else set[str]()
    shown: schemas.AnswerMetadata = trusted({key: value for key, value in metadata.items() if key not in hidden})
    return shown


def render_saved_list(
    page: CursorPage[Message], feedbacks: Mapping[str, MessageFeedback], link: FileLink
) -> schemas.SavedMessageList:
    """Render a `SavedMessageList`."""
    data: list[schemas.SavedMessage] = []
    for message in page.items:
        feedback = feedbacks.get(message.id)
        data.append(
            {
                "id": message.id,
                "inputs": render_inputs(message.inputs, link),
                "query": message.query,
                "answer": message.answer,
                "message_files": render_message_files(message.files, link),
                "feedback": {"rating": feedback.rating} if feedback else None,
                "created_at": unix(message.created_at),
            }
        )
    return {"limit": page.limit, "has_more": page.has_more, "data": data}
