"""Makes the queues agree with the rows, so that whoever dies between commit and enqueue loses nothing.

An advisory lock lets one process look at a time. Nothing here harms if it happens twice: job ids are unique and rows
change only from the states they are expected in. So the lock's transaction ends before Redis is asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import redis.exceptions
from sqlalchemy.exc import SQLAlchemyError

from models import document_indexing, message_run, webhook, workflow_run_state
from models.annotation_job import AnnotationJob
from models.database import Database
from models.embedding_change import EmbeddingChange
from models.job import unfinished_before
from models.segment_import import SegmentImport
from models.table import CLOCKS_DIFFER, now
from workers import recovery
from workers.queues import Queues
from workers.rq import leases
from workers.tallies import Tallies

log = logging.getLogger(__name__)

EVERY_SECONDS = 4.0
SETTLE = timedelta(seconds=3)
ORPHANED = timedelta(seconds=leases.LEASE_SECONDS + leases.HEARTBEAT_SECONDS)
BATCH = 500


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the rows say should be queued or running."""

    queued: dict[str, tuple[str, str]]
    running: dict[str, str]
    """The tasks that are running, and those in whose jobs they do."""
    documents: dict[str, str]
    deliveries: list[tuple[str, str]]
    annotation_jobs: dict[str, str]
    segment_imports: dict[str, str]
    embedding_changes: dict[str, str]
    workflow_runs: dict[str, tuple[str, str]]


class Reconciler:
    """Looks at start and every few seconds."""

    def __init__(self, database: Database, queues: Queues, in_outage: Callable[[], bool], tallies: Tallies) -> None:
        """Prepare the reconciler.

        Args:
            database: where the rows are.
            queues: what must agree with them.
            in_outage: whether Redis was away a moment ago, when an expired lease proves nothing.
            tallies: count the runs that it ends.
        """
        self._database = database
        self._queues = queues
        self._in_outage = in_outage
        self._tallies = tallies

    async def keep(self) -> None:
        """Reconcile until cancelled."""
        while True:
            try:
                if not self._in_outage():
                    await self.reconcile()
            except (SQLAlchemyError, redis.exceptions.RedisError, OSError) as error:
                log.warning("not reconciled: %s", error)
            except Exception:
                log.exception("reconciling failed")
            await asyncio.sleep(EVERY_SECONDS)

    async def reconcile(self) -> int:
        """Enqueue rows that have no job and end runs that have no worker.

        Returns:
            How many rows needed help.
        """
        rows = await self._look()
        if rows is None:
            return 0
        helped = 0
        for task_id in await self._queues.missing(self._queues.generation, list(rows.queued)):
            workspace_id, message_id = rows.queued[task_id]
            log.warning("message %s was queued without a job", message_id)
            await self._queues.enqueue_generation(workspace_id, message_id, task_id)
            helped += 1
        for task_id in await self._queues.missing(self._queues.generation, list(rows.workflow_runs)):
            workspace_id, run_id = rows.workflow_runs[task_id]
            log.info("workflow run %s was queued without a job", run_id)
            await self._queues.enqueue_workflow_run(workspace_id, run_id, task_id)
            helped += 1
        if rows.running:
            leased = await self._queues.leased(self._queues.generation)
            for task_id, holder in rows.running.items():
                if holder not in leased:
                    log.warning("run %s had no worker", task_id)
                    await self._end(task_id)
                    helped += 1
        for workspace_id, delivery_id in rows.deliveries:
            await self._queues.enqueue_delivery(workspace_id, delivery_id)
        for document_id in await self._queues.missing(self._queues.indexing, list(rows.documents)):
            log.warning("document %s was to be indexed and had no job", document_id)
            await self._queues.enqueue_indexing(rows.documents[document_id], document_id)
            helped += 1
        for job_id in await self._queues.missing(self._queues.indexing, list(rows.segment_imports)):
            log.warning("import %s was not done and had no job", job_id)
            await self._queues.enqueue_segment_import(rows.segment_imports[job_id], job_id)
            helped += 1
        for job_id in await self._queues.missing(self._queues.indexing, list(rows.embedding_changes)):
            await self._queues.enqueue_embedding_change(rows.embedding_changes[job_id], job_id)
            helped += 1
        for job_id in await self._queues.missing(self._queues.generation, list(rows.annotation_jobs)):
            log.warning("annotation job %s was not done and had no job", job_id)
            await self._queues.enqueue_annotation_job(rows.annotation_jobs[job_id], job_id)
            helped += 1
        return helped

    async def _end(self, task_id: str) -> None:
        """End a run that no worker holds."""
        redis = self._queues.redis
        await recovery.end_run(self._database, redis, task_id, recovery.WORKER_DIED, self._tallies)

    async def _look(self) -> _Rows | None:
        """Read the rows, or return None if another process is at it."""
        moment = now()
        async with self._database.system() as scope:
            if not await message_run.lock_reconciling(scope):
                return None
            queued = await message_run.queued_before(scope, moment - SETTLE, BATCH)
            deliveries = await webhook.due(scope, BATCH)
            messages = await message_run.running_before(scope, moment - ORPHANED, BATCH * 10)
            running = {task_id: task_id for task_id in messages}
            running |= await workflow_run_state.running_before(scope, moment - ORPHANED, BATCH * 10)
            await workflow_run_state.wake_overdue(scope, moment, BATCH)
            queued_runs = await workflow_run_state.queued_before(scope, moment - SETTLE, BATCH)
            waiting = await document_indexing.list_waiting(scope, moment - SETTLE, BATCH)
            working = await document_indexing.list_working(scope, BATCH)
            annotation_jobs = await unfinished_before(scope, AnnotationJob, moment - SETTLE, BATCH)
            segment_imports = await unfinished_before(scope, SegmentImport, moment - SETTLE, BATCH)
            embedding_changes = await unfinished_before(scope, EmbeddingChange, moment - SETTLE, BATCH)
        started, ahead = moment - ORPHANED, moment + CLOCKS_DIFFER
        documents = {document.id: document.workspace_id for document in waiting}
        for document in working:
            begun = document.processing_started_at
            if begun is None or begun < started or begun > ahead:
                documents[document.id] = document.workspace_id
        return _Rows(
            {task_id: (workspace_id, message_id) for workspace_id, message_id, task_id in queued},
            running,
            documents,
            deliveries,
            annotation_jobs,
            segment_imports,
            embedding_changes,
            {task_id: (workspace_id, run_id) for workspace_id, run_id, task_id in queued_runs},
        )
