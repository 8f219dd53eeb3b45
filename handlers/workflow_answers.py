"""Workflows that are run and waited for, for callers of every tier."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from foundation.errors import ApiError
from handlers.call import Call
from handlers.callers import AppKeyCaller
from handlers.contract import schemas
from handlers.event_views import until_pause
from handlers.questions import Question
from handlers.rendering.workflow_runs import render_run_answer, render_run_task
from handlers.replies import EventStream, Reply
from handlers.workflow_runs import start_workflow_run
from handlers.workflow_views import stream
from models import app as apps
from models import workflow_run as runs
from models.message import InvokeFrom
from models.workflow_run import WorkflowRun

GRACE_SECONDS = 30


async def answer(
    call: Call,
    app_id: str,
    body: Mapping[str, Any],
    invoke_from: InvokeFrom,
    *,
    workflow_id: str | None = None,
    simple: bool = False,
    streaming: bool | None = None,
) -> EventStream | schemas.WorkflowAnswer:
    """Run an app's workflow and answer in the manner that the request names; nothing said means blocking.

    Args:
        call: the call.
        app_id: the app, whose mode has been checked.
        body: a `WorkflowRunRequest`.
        invoke_from: by which way.
        workflow_id: the version to be run; None means the one published last.
        simple: whether the answer is shown to an end user.
        streaming: the manner, whatever the request names.
    """
    run = await start_workflow_run(call, app_id, Question.read(body), invoke_from, workflow_id=workflow_id)
    if streaming or (streaming is None and body.get("response_mode") == "streaming"):
        return stream(call, run, simple=simple)
    return render_run_answer(await wait(call, run))


async def answer_program(
    call: Call, app_id: str, body: Mapping[str, Any], *, workflow_id: str | None = None
) -> EventStream | Reply[schemas.Task] | schemas.WorkflowAnswer:
    """Run an app's workflow for a program, which may also ask not to wait; see `answer`."""
    if body.get("response_mode") != "async":
        return await answer(call, app_id, body, "service-api", workflow_id=workflow_id)
    run = await start_workflow_run(call, app_id, Question.read(body), "service-api", workflow_id=workflow_id)
    return Reply(render_run_task(run), status=202, headers={"Location": f"/v1/tasks/{run.task_id}"})


async def wait(call: Call, run: WorkflowRun) -> WorkflowRun:
    """Wait for the end of a run, or for its first pause.

    Returns:
        The run as it is then: a failed one is returned, too.

    Raises:
        ApiError: `generation_timed_out`.
    """
    limit = call.services.settings.answer_seconds + GRACE_SECONDS
    try:
        followed = until_pause(call, run.task_id, call.services.hub.follow(run.task_id))
        async with asyncio.timeout(limit), contextlib.aclosing(followed) as events:
            async for _ in events:
                pass
    except TimeoutError:
        raise ApiError("generation_timed_out", f"The run took longer than {limit} seconds.") from None
    async with call.services.database.reading(call.workspace_id) as scope:
        return await runs.get(scope, run.app_id, run.id)


async def check_workflow_app(call: Call, app_id: str) -> None:
    """Make sure that an app runs a workflow for each request.

    Raises:
        ApiError: `not_workflow_app`.
    """
    mode = call.caller.mode if isinstance(call.caller, AppKeyCaller) and call.caller.app_id == app_id else None
    if not mode:
        async with call.services.database.reading(call.workspace_id) as scope:
            mode = (await apps.get(scope, app_id)).mode
    if mode != "workflow":
        raise ApiError("not_workflow_app", "Please check if your app mode matches the right API route.")
