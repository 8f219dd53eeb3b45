"""Ending runs that nobody works on any more: with what they have of an answer, and with a reason."""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType
from typing import Any

from redis import Redis
from rq.exceptions import AbandonedJobError
from rq.job import Job

from models import document_indexing, message_run, workflow_run_state
from models.database import Database
from workers import envelopes, process, workflow_endings
from workers.announcing import announce
from workers.event_log.closing import close_log
from workers.tallies import RUNS, Tallies

log = logging.getLogger(__name__)

CALLBACK_SECONDS = 30
WORKER_DIED = "The worker that wrote this answer died; what it had written is kept. Please ask again."
JOB_FAILED = "The run failed before it could say why; please ask again."
INDEXING_DIED = "Indexing broke off several times: the document may be too large or damaged. Try again, or split it."


def end_failed_job(
    job: Job, connection: Redis, kind: type[BaseException], value: BaseException, trace: TracebackType | None
) -> None:
    """End the run of a job that failed or whose worker died; RQ's failure callback, called in a thread.

    A row that is still queued is left alone: nothing was sent yet, and the reconciler enqueues it again.
    """
    parts = process.current()
    reason = WORKER_DIED if issubclass(kind, AbandonedJobError) else JOB_FAILED
    ending = end_run(parts.database, connection, job.id, reason, parts.tallies)
    asyncio.run_coroutine_threadsafe(ending, parts.loop).result(CALLBACK_SECONDS)


async def end_run(database: Database, redis: Redis, task_id: str, reason: str, counted: Tallies) -> bool:
    """End a task's run in its row and then in its log. Doing it twice changes nothing.

    Args:
        database: where the row is.
        redis: a blocking client, of the log.
        task_id: whose run.
        reason: what its row says of the end, unless somebody had asked to stop it.
        counted: counts the run, which its dead worker could not do.

    Returns:
        False if the task is unknown or has not begun.
    """
    async with database.system() as scope:
        message = await message_run.end_unattended(scope, task_id, "generation_interrupted", reason)
        if message is not None:
            await announce(scope.within(message.workspace_id), message)
        found = message or await message_run.by_task(scope, task_id)
    if message is not None:
        counted.add(RUNS, message.mode, message.status)
    if found is None or found.workflow_run_id is not None:
        return await _end_workflow_run(database, redis, task_id, reason, counted)
    if not found.finished:
        return False
    event = envelopes.for_message(found).ended(found)
    await asyncio.to_thread(close_log, redis, task_id, found.attempt, event)
    return True


async def _end_workflow_run(database: Database, redis: Redis, task_id: str, reason: str, counted: Tallies) -> bool:
    """End a workflow's run in its rows and then in its log; one that is queued or waits for a person goes on."""
    async with database.system() as scope:
        run = await workflow_run_state.end_unattended(scope, task_id, "generation_interrupted", reason)
        if run is None:
            return False
        *before, event = await workflow_endings.ending(scope, run)
    counted.add(RUNS, run.mode, run.status)
    await asyncio.to_thread(close_log, redis, task_id, run.attempt, event, before)
    return True


def end_failed_indexing(
    job: Job, connection: Redis, kind: type[BaseException], value: BaseException, trace: Any
) -> None:
    """Let a document end as `error` when its last try has failed; RQ's callback, outside any loop."""
    if job.retries_left:
        return
    workspace_id, document_id = job.args
    asyncio.run(_end_indexing(workspace_id, document_id))


async def _end_indexing(workspace_id: str, document_id: str) -> None:
    database = Database(process.settings().database_url, pool_size=1)
    try:
        async with database.workspace(workspace_id) as scope:
            await document_indexing.fail_unattended(scope, document_id, INDEXING_DIED)
    finally:
        await database.close()
