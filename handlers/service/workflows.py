"""Runs of an app's workflow."""

from __future__ import annotations

from handlers import stopping, workflow_answers, workflow_views
from handlers.authors import author_of
from handlers.call import Call
from handlers.contract import schemas
from handlers.periods import read_moment
from handlers.rendering.workflow_runs import render_log_list, render_run
from handlers.replies import EventStream, Reply
from models import account as accounts
from models import end_user as end_users
from models import workflow_run as runs
from models.workflow_run import RunFilter


async def run_workflow(
    call: Call, *, body: schemas.WorkflowRunRequest
) -> EventStream | Reply[schemas.Task] | schemas.WorkflowAnswer:
    """Run what was published last, and answer as a stream, at once, or later."""
    await workflow_answers.check_workflow_app(call, call.app_id)
    return await workflow_answers.answer_program(call, call.app_id, body)


async def run_workflow_version(
    call: Call, *, workflow_id: str, body: schemas.WorkflowRunRequest
) -> EventStream | Reply[schemas.Task] | schemas.WorkflowAnswer:
    """Run one published version."""
    await workflow_answers.check_workflow_app(call, call.app_id)
    return await workflow_answers.answer_program(call, call.app_id, body, workflow_id=workflow_id)


async def get_workflow_run(call: Call, *, workflow_run_id: str, user: str | None = None) -> schemas.WorkflowRun:
    """Tell where a run stands."""
    await workflow_answers.check_workflow_app(call, call.app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user) if user else None
        run = await runs.get(scope, call.app_id, workflow_run_id, author)
    return render_run(run, call.services.settings)


async def stop_workflow_run(call: Call, *, task_id: str, body: schemas.StopRequest) -> schemas.Result:
    """Stop a run of the person's own."""
    await workflow_answers.check_workflow_app(call, call.app_id)
    return await stopping.stop_workflow_run(call, call.app_id, task_id, body["user"])


async def list_workflow_logs(
    call: Call,
    *,
    keyword: str | None = None,
    status: schemas.EndedStatus | None = None,
    created_at__before: str | None = None,
    created_at__after: str | None = None,
    created_by_end_user_session_id: str | None = None,
    created_by_account: str | None = None,
    page: int = 1,
    limit: int = 20,
) -> schemas.WorkflowLogList:
    """List the runs of all people."""
    await workflow_answers.check_workflow_app(call, call.app_id)
    wanted = RunFilter(
        status=status,
        keyword=keyword,
        created_after=read_moment("created_at__after", created_at__after),
        created_before=read_moment("created_at__before", created_at__before),
        session_id=created_by_end_user_session_id,
        account_email=created_by_account,
        debugging=False,
    )
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await runs.logs(scope, call.app_id, wanted, page=page, limit=limit)
        people = await end_users.get_many(scope, [run.end_user_id for run in found.items if run.end_user_id])
        named = await accounts.people(scope, {run.account_id for run in found.items if run.account_id})
    return render_log_list(found, named, {person.id: person for person in people})


async def follow_workflow_run(
    call: Call,
    *,
    workflow_run_id: str,
    user: str | None = None,
    include_state_snapshot: bool = False,
    continue_on_pause: bool = False,
) -> EventStream:
    """Join the stream of a run of the person's own."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
    return await workflow_views.follow(
        call,
        call.app_id,
        workflow_run_id,
        author,
        snapshot=include_state_snapshot,
        through_pauses=continue_on_pause,
    )
