"""Runs of workflows as the contract shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.workflow.values import is_file
from foundation.settings import Settings
from foundation.signed_links import signed_url
from handlers.contract import schemas
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from models.account import Account
from models.end_user import EndUser
from models.page import Page
from models.workflow_run import WorkflowRun
from workers.outcomes import run_body, run_failure, run_status_word


def render_run_answer(run: WorkflowRun) -> schemas.WorkflowAnswer:
    """Render the `WorkflowAnswer` of blocking mode."""
    shown: schemas.WorkflowAnswer = trusted(run_body(run))
    return shown


def render_run_task(run: WorkflowRun) -> schemas.Task:
    """Render the `Task` of a run."""
    return {
        "task_id": run.task_id,
        "status": trusted(run_status_word(run)),
        "mode": run.mode,
        "message_id": run.message_id,
        "conversation_id": run.conversation_id,
        "workflow_run_id": run.id,
        "created_at": unix(run.created_at),
        "started_at": unix(run.started_at),
        "finished_at": unix(run.finished_at),
        "result": trusted(run_body(run)) if run.finished else None,
        "error": trusted(run_failure(run)),
    }


def render_run(run: WorkflowRun, settings: Settings) -> schemas.WorkflowRun:
    """Render a `WorkflowRun`; files among its values get an address that can be fetched now."""
    return {
        "id": run.id,
        "workflow_id": run.workflow_id,
        "task_id": run.task_id,
        "status": run.status,
        "inputs": fresh(run.inputs, settings),
        "outputs": fresh(run.outputs, settings) if run.outputs is not None else None,
        "error": run.error,
        "total_steps": run.total_steps,
        "total_tokens": run.total_tokens,
        "exceptions_count": run.exceptions_count,
        "created_at": unix(run.created_at),
        "finished_at": unix(run.finished_at),
        "elapsed_time": run.elapsed_time,
    }


def render_log_list(
    page: Page[WorkflowRun], accounts: Mapping[str, Account], end_users: Mapping[str, EndUser]
) -> schemas.WorkflowLogList:
    """Render a `WorkflowLogList`; the people are given by id."""
    return {
        "page": page.page,
        "limit": page.limit,
        "total": page.total,
        "has_more": page.has_more,
        "data": [
            _log(run, accounts.get(run.account_id or ""), end_users.get(run.end_user_id or "")) for run in page.items
        ],
    }


def render_account(account: Account | None) -> schemas.RunAccount | None:
    """Render a `RunAccount`."""
    return {"id": account.id, "name": account.name, "email": account.email} if account else None


def render_end_user(person: EndUser | None) -> schemas.RunEndUser | None:
    """Render a `RunEndUser`."""
    if person is None:
        return None
    return {
        "id": person.id,
        "type": person.kind,
        "is_anonymous": person.is_anonymous,
        "session_id": person.session_id,
    }


def fresh(values: Any, settings: Settings) -> Any:
    """Return values, the files among them with an address that can be fetched now."""
    if isinstance(values, Mapping):
        inner = {name: fresh(value, settings) for name, value in values.items()}
        if is_file(values) and values.get("related_id"):
            inner["url"] = signed_url(settings, str(values["related_id"]))
        return inner
    return [fresh(value, settings) for value in values] if isinstance(values, list) else values


def _log(run: WorkflowRun, account: Account | None, person: EndUser | None) -> schemas.WorkflowLog:
    return {
        "id": run.id,
        "workflow_run": {
            "id": run.id,
            "version": run.version,
            "status": run.status,
            "triggered_from": "debugging" if run.invoke_from == "debugger" else "app-run",
            "error": run.error,
            "elapsed_time": run.elapsed_time,
            "total_tokens": run.total_tokens,
            "total_steps": run.total_steps,
            "created_at": unix(run.created_at),
            "finished_at": unix(run.finished_at),
            "exceptions_count": run.exceptions_count,
        },
        "details": None,
        "created_from": run.invoke_from,
        "created_by_role": trusted(run.author.role),
        "created_by_account": render_account(account),
        "created_by_end_user": render_end_user(person),
        "created_at": unix(run.created_at),
    }
