"""Runs as jobs: where they stand."""

from __future__ import annotations

from handlers import runs
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.tasks import render_task


async def get_task(call: Call, *, task_id: str, user: str | None = None) -> schemas.Task:
    """Tell where a run of the person's own stands, with its result once it has ended."""
    return render_task(await runs.find(call, call.app_id, task_id, user))
