"""Runs of the app's workflow, for its visitors."""

from __future__ import annotations

from handlers import stopping, workflow_answers, workflow_views
from handlers.authors import author_of
from handlers.call import Call
from handlers.contract import schemas
from handlers.replies import EventStream
from handlers.web_manner import invoke_from, is_visitor, person


async def run_workflow(call: Call, *, body: schemas.WebWorkflowRunRequest) -> EventStream | schemas.WorkflowAnswer:
    """Run what was published last; a visitor always gets a stream."""
    asked = {**body, "user": person(call, body.get("user"))}
    visitor = is_visitor(call)
    await workflow_answers.check_workflow_app(call, call.app_id)
    return await workflow_answers.answer(
        call, call.app_id, asked, invoke_from(call), simple=visitor, streaming=True if visitor else None
    )


async def stop_workflow_run(
    call: Call, *, task_id: str, body: schemas.OptionalUserBody | None = None
) -> schemas.Result:
    """Stop a run of the person's own."""
    user = person(call, (body or {}).get("user"))
    await workflow_answers.check_workflow_app(call, call.app_id)
    return await stopping.stop_workflow_run(call, call.app_id, task_id, user)


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
        author = await author_of(call, scope, person(call, user))
    return await workflow_views.follow(
        call,
        call.app_id,
        workflow_run_id,
        author,
        snapshot=include_state_snapshot,
        through_pauses=continue_on_pause,
        simple=is_visitor(call),
    )
