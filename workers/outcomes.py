"""How a run stands and what came of it, in the words of the contract: for whoever asks later or is told at the end."""

from __future__ import annotations

from typing import Any

from foundation.error_table import error_table, status_of
from models.message import Message

STATUS_WORDS = {
    "queued": "queued",
    "running": "running",
    "normal": "succeeded",
    "error": "failed",
    "stopped": "stopped",
}


def status_word(message: Message) -> str:
    """Return the `TaskStatus` of a message's run."""
    return STATUS_WORDS[message.status]


def answer_body(message: Message) -> dict[str, Any]:
    """Return a `ChatAnswer` or a `CompletionAnswer`, as blocking mode does; of a broken run as much as there is."""
    body: dict[str, Any] = {
        "event": "message",
        "task_id": message.task_id,
        "id": message.id,
        "message_id": message.id,
        "mode": message.mode,
        "answer": message.answer or "",
        "metadata": message.metadata_ or {},
        "created_at": int(message.created_at.timestamp()),
    }
    if message.conversation_id is not None:
        body["conversation_id"] = message.conversation_id
    return body


def failure(message: Message) -> dict[str, Any] | None:
    """Return the `TaskError` of a run that failed, else None."""
    if message.status != "error":
        return None
    code = message.error_code or "internal_server_error"
    row = error_table().get(code)
    text = message.error_message or (row.message if row else "The run failed.")
    return {"code": code, "message": text, "status": status_of(code)}
