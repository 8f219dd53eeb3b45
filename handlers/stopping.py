"""Runs that their own people stop, in every tier."""

from __future__ import annotations

from handlers.authors import author_of
from handlers.call import Call
from handlers.contract import schemas
from models import message as messages
from models import workflow_run as workflow_runs
from models.message import Message
from models.workflow_run import WorkflowRun


async def stop_message(call: Call, app_id: str, task_id: str, user: str | None = None) -> schemas.Result:
    """Stop the answer to a question of the caller's own; one that is unknown, over or another's is left alone.

    Args:
        call: the call.
        app_id: the app.
        task_id: the run's task.
        user: the caller's own id of the person, for calls with an app key.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        message = await messages.find_by_task(scope, app_id, task_id, author)
    return await stop(call, message)


async def stop_workflow_run(call: Call, app_id: str, task_id: str, user: str | None = None) -> schemas.Result:
    """Stop a workflow run of the caller's own; see `stop_message`."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        run = await workflow_runs.find(scope, app_id, task_id, author)
    return await stop(call, run)


async def stop(call: Call, run: Message | WorkflowRun | None) -> schemas.Result:
    """Stop a run that goes on. Its transaction must be over.

    Args:
        call: the call.
        run: which one; None and one that is over need no stopping.
    """
    if run is not None and not run.finished:
        await call.services.queues.stop(run.task_id)
    return {"result": "success"}
