"""A message's life as a run: queued → running → normal, stopped or error.

Every write after the claim names its attempt, so that a worker which was given up can change nothing any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import case, func, select, text, update

from models.message import Message
from models.scope import Scope, SystemScope
from models.table import Json, is_past, now, without_nul

EndStatus = Literal["normal", "stopped", "error"]

RECONCILER_LOCK = 0x7061726C65790001
OWN = Message.workflow_run_id.is_(None)
"""The message is its own run; those of workflows have another row, see `models.workflow_run_state`."""


_SAVE_PARTIALS = text(
    """
    UPDATE message SET answer = part.answer, updated_at = now()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:attempts AS bigint[]), CAST(:answers AS text[]))
        AS part(id, attempt, answer)
    WHERE message.id = part.id AND message.attempt = part.attempt AND message.status = 'running'
    RETURNING message.id, message.stop_requested_at
    """
)


@dataclass(frozen=True, slots=True)
class Partial:
    """What a running attempt has of its answer; None if nothing was added since it was saved last."""

    message_id: str
    attempt: int
    answer: str | None


async def save_partials(scope: SystemScope, partials: Sequence[Partial]) -> dict[str, bool]:
    """Keep the answers that many runs have made so far, in one statement for those that grew.

    Args:
        scope: the installation's transaction.
        partials: the runs of one worker process.

    Returns:
        For each message whose run is still that attempt's: whether it is to stop. The others are no longer
        theirs.
    """
    grown = [partial for partial in partials if partial.answer is not None]
    idle = [partial for partial in partials if partial.answer is None]
    state: dict[str, bool] = {}
    if grown:
        values = {
            "ids": [partial.message_id for partial in grown],
            "attempts": [partial.attempt for partial in grown],
            "answers": [without_nul(partial.answer or "") for partial in grown],
        }
        rows = await scope.session.execute(_SAVE_PARTIALS, values)
        state.update((str(row[0]), row[1] is not None) for row in rows)
    if idle:
        attempts = {partial.message_id: partial.attempt for partial in idle}
        query = select(Message.id, Message.attempt, Message.stop_requested_at).where(
            Message.id.in_(attempts), Message.status == "running"
        )
        for row in await scope.session.execute(query):
            if attempts[row[0]] == row[1]:
                state[row[0]] = row[2] is not None
    return state


async def keep_files(scope: Scope, message_id: str, attempt: int, files: list[Json]) -> None:
    """Set the files of a message whose run goes on, so that those of its tools outlive its worker."""
    statement = (
        update(Message)
        .where(
            Message.workspace_id == scope.workspace_id,
            Message.id == message_id,
            Message.attempt == attempt,
            Message.status == "running",
        )
        .values(files=files)
    )
    await scope.session.execute(statement)


async def request_stop(scope: SystemScope, task_id: str) -> Message | None:
    """Ask a task's run to stop; one that is still queued ends here, as `stopped`.

    Returns:
        The message; None if the task is unknown or over.
    """
    queued = Message.status == "queued"
    statement = (
        update(Message)
        .where(Message.task_id == task_id, Message.status.in_(("queued", "running")), OWN)
        .values(
            stop_requested_at=func.coalesce(Message.stop_requested_at, now()),
            status=case((queued, "stopped"), else_=Message.status),
            finished_at=case((queued, now()), else_=Message.finished_at),
        )
        .returning(Message)
    )
    return (await scope.session.execute(statement)).scalar_one_or_none()


async def end_unattended(scope: SystemScope, task_id: str, code: str, reason: str) -> Message | None:
    """End a run that nobody works on any more: `stopped` if that was asked for, else `error`.

    Returns:
        The message; None if it is not running.
    """
    asked = Message.stop_requested_at.is_not(None)
    statement = (
        update(Message)
        .where(Message.task_id == task_id, Message.status == "running", OWN)
        .values(
            status=case((asked, "stopped"), else_="error"),
            error_code=case((asked, None), else_=code),
            error_message=case((asked, None), else_=reason),
            finished_at=now(),
        )
        .returning(Message)
    )
    return (await scope.session.execute(statement)).scalar_one_or_none()


async def to_stop(scope: Scope, message_id: str) -> bool:
    """Tell whether somebody asked a message's run to stop."""
    query = select(Message.stop_requested_at).where(
        Message.workspace_id == scope.workspace_id, Message.id == message_id
    )
    return await scope.session.scalar(query) is not None


async def by_task(scope: SystemScope, task_id: str) -> Message | None:
    """Return the message of a task."""
    return (await scope.session.execute(select(Message).where(Message.task_id == task_id))).scalar_one_or_none()


async def queued_before(scope: SystemScope, moment: datetime, limit: int) -> list[tuple[str, str, str]]:
    """Return workspace, id and task of messages that have been queued since before `moment`, oldest first."""
    statement = (
        select(Message.workspace_id, Message.id, Message.task_id)
        .where(Message.status == "queued", OWN, is_past(Message.created_at, moment))
        .order_by(Message.created_at)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in (await scope.session.execute(statement)).all()]


async def running_before(scope: SystemScope, moment: datetime, limit: int) -> list[str]:
    """Return the tasks of messages that have been running since before `moment`, longest first."""
    statement = (
        select(Message.task_id)
        .where(Message.status == "running", OWN, is_past(Message.started_at, moment))
        .order_by(Message.started_at)
        .limit(limit)
    )
    return list((await scope.session.execute(statement)).scalars())


async def lock_reconciling(scope: SystemScope) -> bool:
    """Take the reconciler's lock for this transaction; False if another process holds it."""
    taken = await scope.session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": RECONCILER_LOCK})
    return bool(taken)
