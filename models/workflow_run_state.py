"""The life of a workflow run: queued → running → its end; or paused, and queued again.

Every write after the claim names its attempt, so that a worker which was given up can change nothing any more. The
message that a run writes changes with it, in the same transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import case, exists, func, select, update

from models import human_input, node_execution
from models.human_input import HumanInputForm
from models.message import Message
from models.scope import Scope, SystemScope
from models.table import is_past, now
from models.workflow_run import RunStatus, WorkflowRun

EndStatus = Literal["succeeded", "failed", "stopped", "partial-succeeded"]
MESSAGE_STATUS: dict[RunStatus, str] = {
    "queued": "queued",
    "running": "running",
    "paused": "paused",
    "succeeded": "normal",
    "partial-succeeded": "normal",
    "failed": "error",
    "stopped": "stopped",
}
STOPPED = "The run was stopped."


async def claim(scope: Scope, run_id: str) -> WorkflowRun | None:
    """Begin a queued run's next attempt, or its resumption.

    Returns:
        The run, running; None if it is not queued any more.
    """
    moment = now()
    statement = (
        update(WorkflowRun)
        .where(WorkflowRun.workspace_id == scope.workspace_id, WorkflowRun.id == run_id, WorkflowRun.status == "queued")
        .values(status="running", attempt=WorkflowRun.attempt + 1, started_at=moment)
        .returning(WorkflowRun)
    )
    run = (await scope.session.execute(statement)).scalar_one_or_none()
    if run is not None:
        await _follow(scope, run, {"attempt": run.attempt, "started_at": moment})
    return run


async def is_ours(scope: Scope, run_id: str, attempt: int) -> bool:
    """Tell whether a run is still this attempt's."""
    query = select(WorkflowRun.id).where(*_running(scope, run_id, attempt))
    return await scope.session.scalar(query) is not None


async def watched(scope: SystemScope, attempts: Mapping[str, int]) -> dict[str, bool]:
    """Return for each run that is still its attempt's whether it is to stop; the others are no longer theirs.

    Args:
        scope: the installation's transaction.
        attempts: the runs of one worker process, with their attempts.
    """
    query = select(WorkflowRun.id, WorkflowRun.attempt, WorkflowRun.stop_requested_at).where(
        WorkflowRun.id.in_(attempts), WorkflowRun.status == "running"
    )
    rows = await scope.session.execute(query)
    return {str(row[0]): row[2] is not None for row in rows if attempts[str(row[0])] == row[1]}


async def finish(
    scope: Scope,
    run_id: str,
    attempt: int,
    status: EndStatus,
    values: Mapping[str, Any],
    message_values: Mapping[str, Any],
) -> WorkflowRun | None:
    """End a run, and the message that it writes.

    Args:
        scope: the workspace's transaction.
        run_id: which run.
        attempt: which attempt writes.
        status: how it ended.
        values: further columns: outputs, error, cost.
        message_values: further columns of the message.

    Returns:
        The run; None if it is no longer this attempt's.
    """
    moment = now()
    statement = (
        update(WorkflowRun)
        .where(*_running(scope, run_id, attempt))
        .values(status=status, finished_at=moment, snapshot=None, **values)
        .returning(WorkflowRun)
    )
    run = (await scope.session.execute(statement)).scalar_one_or_none()
    if run is not None:
        if status == "stopped":
            await node_execution.end_all(scope, run_id, status, str(values.get("error") or STOPPED))
        await human_input.cancel_all(scope, run_id)
        await _follow(scope, run, {"finished_at": moment, **message_values})
    return run


async def pause(
    scope: Scope,
    run_id: str,
    attempt: int,
    snapshot: str,
    awaited: Sequence[str],
    values: Mapping[str, Any],
    message_values: Mapping[str, Any],
) -> WorkflowRun | None:
    """Let a run wait for its forms; one that was answered in the meantime is queued again at once.

    Args:
        scope: the workspace's transaction.
        run_id: which run.
        attempt: which attempt writes.
        snapshot: its sealed state.
        awaited: the ids of the forms that it waits for.
        values: further columns.
        message_values: further columns of the message.

    Returns:
        The run, `paused` or `queued`; None if it is no longer this attempt's.
    """
    statement = (
        update(WorkflowRun)
        .where(*_running(scope, run_id, attempt))
        .values(status="paused", snapshot=snapshot, **values)
        .returning(WorkflowRun)
    )
    run = (await scope.session.execute(statement)).scalar_one_or_none()
    if run is None:
        return None
    await _follow(scope, run, message_values)
    answered = select(HumanInputForm.id).where(HumanInputForm.id.in_(awaited), HumanInputForm.status != "waiting")
    if await scope.session.scalar(answered.limit(1)) is not None:
        return await wake(scope, run_id) or run
    return run


async def lock(scope: Scope, run_id: str) -> WorkflowRun | None:
    """Return a run that nobody else changes before this transaction ends."""
    query = select(WorkflowRun).where(WorkflowRun.workspace_id == scope.workspace_id, WorkflowRun.id == run_id)
    return await scope.session.scalar(query.with_for_update(key_share=True).execution_options(populate_existing=True))


async def wake(scope: Scope, run_id: str) -> WorkflowRun | None:
    """Queue a paused run, one of whose forms has an answer. The run has to be locked before the answer is written.

    Returns:
        The run, queued; None if it is not paused: then it looks for answers before it pauses.
    """
    statement = (
        update(WorkflowRun)
        .where(WorkflowRun.workspace_id == scope.workspace_id, WorkflowRun.id == run_id, WorkflowRun.status == "paused")
        .values(status="queued", queued_at=now())
        .returning(WorkflowRun)
    )
    run = (await scope.session.execute(statement)).scalar_one_or_none()
    if run is not None:
        await _follow(scope, run, {})
    return run


async def request_stop(scope: SystemScope, task_id: str) -> WorkflowRun | None:
    """Ask a task's run to stop; one that is queued or paused ends here, as `stopped`.

    Returns:
        The run; None if the task is unknown or over.
    """
    idle = WorkflowRun.status.in_(("queued", "paused"))
    moment = now()
    statement = (
        update(WorkflowRun)
        .where(WorkflowRun.task_id == task_id, WorkflowRun.status.in_(("queued", "paused", "running")))
        .values(
            stop_requested_at=func.coalesce(WorkflowRun.stop_requested_at, moment),
            status=case((idle, "stopped"), else_=WorkflowRun.status),
            error=case((idle, STOPPED), else_=WorkflowRun.error),
            finished_at=case((idle, moment), else_=WorkflowRun.finished_at),
            snapshot=case((idle, None), else_=WorkflowRun.snapshot),
        )
        .returning(WorkflowRun)
    )
    run = (await scope.session.execute(statement)).scalar_one_or_none()
    if run is not None and run.finished:
        await _close(scope, run, "stopped", STOPPED)
    return run


async def end_unattended(scope: SystemScope, task_id: str, code: str, reason: str) -> WorkflowRun | None:
    """End a run that nobody works on any more: `stopped` if that was asked for, else `failed`.

    Returns:
        The run; None if it is not running.
    """
    asked = WorkflowRun.stop_requested_at.is_not(None)
    moment = now()
    statement = (
        update(WorkflowRun)
        .where(WorkflowRun.task_id == task_id, WorkflowRun.status == "running")
        .values(
            status=case((asked, "stopped"), else_="failed"),
            error=case((asked, STOPPED), else_=reason),
            error_code=case((asked, None), else_=code),
            finished_at=moment,
            snapshot=None,
        )
        .returning(WorkflowRun)
    )
    run = (await scope.session.execute(statement)).scalar_one_or_none()
    if run is not None:
        run.elapsed_time += (moment - run.started_at).total_seconds() if run.started_at else 0.0
        status: Literal["failed", "stopped"] = "stopped" if run.status == "stopped" else "failed"
        await _close(scope, run, status, run.error or reason)
    return run


async def to_stop(scope: Scope, run_id: str) -> bool:
    """Tell whether somebody asked a run to stop."""
    query = select(WorkflowRun.stop_requested_at).where(
        WorkflowRun.workspace_id == scope.workspace_id, WorkflowRun.id == run_id
    )
    return await scope.session.scalar(query) is not None


async def by_task(scope: SystemScope, task_id: str) -> WorkflowRun | None:
    """Return the run of a task."""
    return await scope.session.scalar(select(WorkflowRun).where(WorkflowRun.task_id == task_id))


async def queued_before(scope: SystemScope, moment: datetime, limit: int) -> list[tuple[str, str, str]]:
    """Return workspace, id and task of runs that have been queued since before `moment`, oldest first."""
    statement = (
        select(WorkflowRun.workspace_id, WorkflowRun.id, WorkflowRun.task_id)
        .where(WorkflowRun.status == "queued", is_past(WorkflowRun.queued_at, moment))
        .order_by(WorkflowRun.queued_at)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in (await scope.session.execute(statement)).all()]


async def running_before(scope: SystemScope, moment: datetime, limit: int) -> list[tuple[str, str]]:
    """Return the tasks of runs that have been running since before `moment`, longest first, and whose jobs run them."""
    statement = (
        select(WorkflowRun.task_id, func.coalesce(WorkflowRun.within_task_id, WorkflowRun.task_id))
        .where(WorkflowRun.status == "running", is_past(WorkflowRun.started_at, moment))
        .order_by(WorkflowRun.started_at)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in (await scope.session.execute(statement)).all()]


async def wake_overdue(scope: SystemScope, moment: datetime, limit: int) -> int:
    """Time out forms that nobody answered in time, and queue the paused runs that waited for them.

    Returns:
        How many runs were queued.
    """
    overdue = exists().where(
        HumanInputForm.workflow_run_id == WorkflowRun.id,
        HumanInputForm.status == "waiting",
        HumanInputForm.expires_at <= moment,
    )
    query = select(WorkflowRun).where(WorkflowRun.status.in_(("paused", "running")), overdue)
    runs = list(await scope.session.scalars(query.limit(limit).with_for_update(skip_locked=True)))
    woken = 0
    for run in runs:
        await human_input.let_expire(scope, run.id, moment)
        woken += await wake(scope.within(run.workspace_id), run.id) is not None
    return woken


async def _close(scope: SystemScope, run: WorkflowRun, status: Literal["failed", "stopped"], reason: str) -> None:
    """End what belongs to a run that was ended from outside."""
    within = scope.within(run.workspace_id)
    await node_execution.end_all(within, run.id, status, reason)
    await human_input.cancel_all(within, run.id)
    values: dict[str, Any] = {"finished_at": run.finished_at}
    if status == "failed":
        values |= {"error_code": run.error_code, "error_message": reason}
    await _follow(scope, run, values)


async def _follow(scope: Scope | SystemScope, run: WorkflowRun, values: Mapping[str, Any]) -> None:
    """Let the message that a run writes say what the run says."""
    if run.message_id is None:
        return
    statement = (
        update(Message)
        .where(Message.id == run.message_id)
        .values(status=MESSAGE_STATUS[run.status], **values)
        .execution_options(synchronize_session="fetch")
    )
    await scope.session.execute(statement)


def _running(scope: Scope, run_id: str, attempt: int) -> tuple[Any, ...]:
    return (
        WorkflowRun.workspace_id == scope.workspace_id,
        WorkflowRun.id == run_id,
        WorkflowRun.attempt == attempt,
        WorkflowRun.status == "running",
    )
