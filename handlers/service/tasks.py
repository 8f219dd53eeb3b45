"""Runs as jobs: where they stand."""

from __future__ import annotations

from handlers import runs, workflow_views
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.tasks import render_task
from handlers.rendering.workflow_runs import render_run_task


async def get_task(call: Call, *, task_id: str, user: str | None = None) -> schemas.Task:
    """Tell where a run of the person's own stands, with its result once it has ended."""
    run = await workflow_views.find_task(call, call.app_id, task_id, user)
    return render_run_task(run) if run else render_task(await runs.find(call, call.app_id, task_id, user))
