"""Runs as the contract shows them."""

from __future__ import annotations

from handlers.contract import schemas
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from models.message import Message
from workers.outcomes import answer_body, failure, status_word


def render_task(message: Message) -> schemas.Task:
    """Render the `Task` of a message."""
    return {
        "task_id": message.task_id,
        "status": trusted(status_word(message)),
        "mode": trusted(message.mode),
        "message_id": message.id,
        "conversation_id": message.conversation_id,
        "workflow_run_id": message.workflow_run_id,
        "created_at": unix(message.created_at),
        "started_at": unix(message.started_at),
        "finished_at": unix(message.finished_at),
        "result": trusted(answer_body(message)) if message.finished else None,
        "error": trusted(failure(message)),
    }
