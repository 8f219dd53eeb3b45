"""How a run stands and what came of it, in the words of the contract: for whoever asks later or is told at the end."""

from __future__ import annotations

from typing import Any

from engine.providers.pricing import Receipt
from engine.workflow.values import files_in
from foundation.error_table import error_table, status_of
from models.message import Message
from models.workflow_run import WorkflowRun

STATUS_WORDS = {
    "queued": "queued",
    "running": "running",
    "paused": "paused",
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
        "metadata": answer_metadata(message),
        "created_at": int(message.created_at.timestamp()),
    }
    if message.conversation_id is not None:
        body["conversation_id"] = message.conversation_id
    return body


def answer_metadata(message: Message) -> dict[str, Any]:
    """Return the `AnswerMetadata` of a run: of one that was stopped in its queue, that it has cost nothing."""
    if message.metadata_ or message.status != "stopped":
        return message.metadata_ or {}
    metadata = {**Receipt.nothing().metadata(), "retriever_resources": []}
    return metadata if message.started_at is None else {**metadata, "usage_estimated": True}


def failure(message: Message) -> dict[str, Any] | None:
    """Return the `TaskError` of a run that failed, else None."""
    if message.status != "error":
        return None
    code = message.error_code or "internal_server_error"
    row = error_table().get(code)
    text = message.error_message or (row.message if row else "The run failed.")
    return {"code": code, "message": text, "status": status_of(code)}


def run_status_word(run: WorkflowRun) -> str:
    """Return the `TaskStatus` of a workflow run; one whose errors were handled has succeeded."""
    return "succeeded" if run.status == "partial-succeeded" else run.status


def run_body(run: WorkflowRun) -> dict[str, Any]:
    """Return a `WorkflowAnswer`, as blocking mode does; of a broken run as much as there is."""
    return {"task_id": run.task_id, "workflow_run_id": run.id, "data": run_data(run)}


def run_data(run: WorkflowRun) -> dict[str, Any]:
    """Return what came of a run; its files are those of its outputs."""
    return {
        "id": run.id,
        "workflow_id": run.workflow_id,
        "status": run.status,
        "outputs": run.outputs,
        "error": run.error,
        "elapsed_time": round(run.elapsed_time, 6),
        "total_tokens": run.total_tokens,
        "total_steps": run.total_steps,
        "created_at": int(run.created_at.timestamp()),
        "finished_at": int(run.finished_at.timestamp()) if run.finished_at else None,
        "exceptions_count": run.exceptions_count,
        "files": [dict(file) for file in files_in(run.outputs or {})],
    }


def run_failure(run: WorkflowRun) -> dict[str, Any] | None:
    """Return the `TaskError` of a workflow run that failed, else None."""
    if run.status != "failed":
        return None
    code = run.error_code or "completion_request_error"
    return {"code": code, "message": run.error or "The run failed.", "status": status_of(code)}
