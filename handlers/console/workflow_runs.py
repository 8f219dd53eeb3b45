"""What was run, by whom, and what came of it."""

from __future__ import annotations

from handlers.call import Call
from handlers.contract import schemas
from handlers.periods import read_moment
from handlers.rendering.run_logs import (
    render_node_execution_list,
    render_run_detail,
    render_run_summary_list,
)
from handlers.rendering.workflow_runs import render_log_list
from handlers.run_authors import authors_of
from handlers.stopping import stop
from handlers.workflows import app_of
from models import node_execution as node_executions
from models import workflow_run as runs
from models.workflow_run import RunFilter, RunStatus


async def list_workflow_runs(
    call: Call,
    *,
    app_id: str,
    last_id: str | None = None,
    limit: int = 20,
    status: schemas.WorkflowRunStatus | None = None,
    triggered_from: schemas.RunTrigger | None = None,
) -> schemas.RunSummaryList:
    """List an app's runs, the newest first."""
    return await _page(call, app_id, last_id, limit, status, triggered_from)


async def list_advanced_chat_workflow_runs(
    call: Call,
    *,
    app_id: str,
    last_id: str | None = None,
    limit: int = 20,
    status: schemas.WorkflowRunStatus | None = None,
    triggered_from: schemas.RunTrigger | None = None,
) -> schemas.RunSummaryList:
    """List the runs of an app that holds conversations, the newest first."""
    return await _page(call, app_id, last_id, limit, status, triggered_from)


async def get_workflow_run(call: Call, *, app_id: str, run_id: str) -> schemas.RunDetail:
    """Show a run."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await app_of(scope, app_id)
        run = await runs.get(scope, app_id, run_id)
        return render_run_detail(run, await authors_of(scope, [run]), call.services.settings)


async def list_node_executions(call: Call, *, app_id: str, run_id: str) -> schemas.NodeExecutionList:
    """List the nodes of a run."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await app_of(scope, app_id)
        run = await runs.get(scope, app_id, run_id)
        nodes = await node_executions.of_run(scope, run.id)
        return render_node_execution_list(nodes, run, await authors_of(scope, [run]), call.services.settings)


async def stop_workflow_run(call: Call, *, app_id: str, task_id: str) -> schemas.Result:
    """Stop a run of the app, whoever began it."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await app_of(scope, app_id)
        run = await runs.get(scope, app_id, task_id)
    return await stop(call, run)


async def list_workflow_app_logs(
    call: Call,
    *,
    app_id: str,
    keyword: str | None = None,
    status: schemas.WorkflowRunStatus | None = None,
    created_at__before: str | None = None,
    created_at__after: str | None = None,
    created_by_end_user_session_id: str | None = None,
    created_by_account: str | None = None,
    page: int = 1,
    limit: int = 20,
) -> schemas.WorkflowLogList:
    """List what users ran, the newest first."""
    wanted = RunFilter(
        status=status,
        keyword=keyword or None,
        created_after=read_moment("created_at__after", created_at__after),
        created_before=read_moment("created_at__before", created_at__before),
        session_id=created_by_end_user_session_id or None,
        account_email=created_by_account or None,
        debugging=False,
    )
    async with call.services.database.workspace(call.workspace_id) as scope:
        await app_of(scope, app_id)
        found = await runs.logs(scope, app_id, wanted, page=page, limit=limit)
        authors = await authors_of(scope, found.items)
    return render_log_list(found, authors.accounts, authors.end_users)


async def _page(
    call: Call, app_id: str, last_id: str | None, limit: int, status: RunStatus | None, trigger: str | None
) -> schemas.RunSummaryList:
    wanted = RunFilter(status=status, debugging=trigger != "app-run")
    async with call.services.database.workspace(call.workspace_id) as scope:
        await app_of(scope, app_id)
        found = await runs.page_after(scope, app_id, wanted, last_id=last_id or None, limit=limit)
        return render_run_summary_list(found, await authors_of(scope, found.items))
