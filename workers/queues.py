"""The queues as the rest of the program sees them: enqueue, cancel, stop, and ask who works on what.

The row is the queue's truth, so everything here may be repeated: a job's id is its task's or document's, and a job that
already stands in the queue or runs is left alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import redis.exceptions
from redis import Redis
from rq.command import send_stop_job_command
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Callback, Job, JobStatus, Retry
from rq.serializers import JSONSerializer

from foundation.telemetry import trace_id
from models import message_run, workflow_run_state
from models.database import Database
from workers import envelopes, workflow_endings
from workers.announcing import announce
from workers.event_log import closing
from workers.rq import leases
from workers.rq.connection import connect
from workers.rq.queue import SafeQueue, open_queue

log = logging.getLogger(__name__)
R = TypeVar("R")

GENERATION, INDEXING, DELIVERIES = "generation", "indexing", "deliveries"
THREADS = 4
RUN_SECONDS = 1200
GENERATION_SECONDS = RUN_SECONDS + 60
INDEXING_SECONDS = 3600
DELIVERY_SECONDS = 45
ANNOTATION_SECONDS = 3600
RESULT_SECONDS = 60
FAILURE_SECONDS = 3600

_ENDED = {JobStatus.FINISHED, JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED}


class Queues:
    """Both queues, reached from an event loop through a few threads: RQ's client blocks."""

    def __init__(self, redis_url: str, database: Database) -> None:
        """Prepare the queues; nothing is connected yet.

        Args:
            redis_url: where the queues are.
            database: where the rows are that say what is queued.
        """
        self.redis: Redis = connect(redis_url, pool_size=THREADS + 4)
        self.generation: SafeQueue = open_queue(GENERATION, self.redis)
        self.indexing: SafeQueue = open_queue(INDEXING, self.redis)
        self.deliveries: SafeQueue = open_queue(DELIVERIES, self.redis)
        self._database = database
        self._threads = ThreadPoolExecutor(THREADS, "queues")

    async def enqueue_generation(self, workspace_id: str, message_id: str, task_id: str) -> bool:
        """Enqueue a message's run. If Redis is away, the reconciler does it later.

        Returns:
            False if Redis could not be reached.
        """
        return await self._enqueue(
            self.generation,
            "workers.generation.generate",
            (workspace_id, message_id),
            task_id,
            job_timeout=GENERATION_SECONDS,
            on_failure=Callback("workers.recovery.end_failed_job"),
        )

    async def enqueue_workflow_run(self, workspace_id: str, run_id: str, task_id: str) -> bool:
        """Enqueue a workflow's run, or its resumption. If Redis is away, the reconciler does it later.

        Returns:
            False if Redis could not be reached.
        """
        return await self._enqueue(
            self.generation,
            "workers.workflow_runs.run_workflow",
            (workspace_id, run_id),
            task_id,
            job_timeout=GENERATION_SECONDS,
            on_failure=Callback("workers.recovery.end_failed_job"),
        )

    async def enqueue_indexing(self, workspace_id: str, *document_ids: str) -> bool:
        """Enqueue the indexing of documents, in one round trip. If Redis is away, the reconciler does it later.

        Returns:
            False if Redis could not be reached.
        """
        return await self._enqueue_all(
            self.indexing,
            "workers.indexing.index_document",
            {document_id: (workspace_id, document_id) for document_id in document_ids},
            job_timeout=INDEXING_SECONDS,
            retry=Retry(max=3),
            on_failure=Callback("workers.recovery.end_failed_indexing"),
        )

    async def enqueue_segment_import(self, workspace_id: str, job_id: str) -> bool:
        """Enqueue an import of segments. If Redis is away, the reconciler does it later.

        Returns:
            False if Redis could not be reached.
        """
        return await self._enqueue(
            self.indexing,
            "workers.segment_import.import_segments",
            (workspace_id, job_id),
            job_id,
            job_timeout=INDEXING_SECONDS,
            retry=Retry(max=3),
            on_failure=Callback("workers.segment_import.end_failed_import"),
        )

    async def enqueue_embedding_change(self, workspace_id: str, change_id: str) -> bool:
        """Enqueue a turn of indexing a dataset anew. If Redis is away, the reconciler does it later.

        Returns:
            False if Redis could not be reached.
        """
        return await self._enqueue(
            self.indexing,
            "workers.embedding_changes.change_embedding",
            (workspace_id, change_id),
            change_id,
            job_timeout=INDEXING_SECONDS,
            retry=Retry(max=3),
            on_failure=Callback("workers.embedding_changes.end_failed_change"),
        )

    async def enqueue_annotation_job(self, workspace_id: str, job_id: str) -> bool:
        """Enqueue a change of annotation reply. If Redis is away, the reconciler does it later.

        Returns:
            False if Redis could not be reached.
        """
        return await self._enqueue(
            self.generation,
            "workers.annotations.change_reply",
            (workspace_id, job_id),
            job_id,
            job_timeout=ANNOTATION_SECONDS,
            on_failure=Callback("workers.annotations.end_failed_job"),
        )

    async def enqueue_delivery(self, workspace_id: str, delivery_id: str) -> bool:
        """Enqueue an attempt to tell a webhook something. If Redis is away, the reconciler does it later.

        Returns:
            False if Redis could not be reached.
        """
        return await self._enqueue(
            self.deliveries,
            "workers.deliveries.deliver",
            (workspace_id, delivery_id),
            delivery_id,
            job_timeout=DELIVERY_SECONDS,
        )

    async def stop(self, task_id: str) -> None:
        """Stop a run: a queued one ends at once, a running one within a token. Any other task is left alone.

        The request stands in the row, too, so that a command which gets lost only makes it slower.
        """
        async with self._database.system() as scope:
            message = await message_run.request_stop(scope, task_id)
            if message is not None and message.status == "stopped":
                await announce(scope.within(message.workspace_id), message)
        if message is None:
            await self._stop_workflow_run(task_id)
        elif message.status == "stopped":
            await self.cancel(task_id)
            event = envelopes.for_message(message).ended(message)
            await self._in_thread(closing.close_log, self.redis, task_id, message.attempt, event)
        else:
            await self._in_thread(self._send_stop, task_id)

    async def _stop_workflow_run(self, task_id: str) -> None:
        """Stop a workflow's run: one that is queued or waits for a person ends at once."""
        async with self._database.system() as scope:
            run = await workflow_run_state.request_stop(scope, task_id)
            ending = await workflow_endings.ending(scope, run) if run is not None and run.finished else []
        if run is None:
            return
        if ending:
            await self.cancel(task_id)
            *before, event = ending
            await self._in_thread(closing.close_log, self.redis, task_id, run.attempt, event, before)
        else:
            await self._in_thread(self._send_stop, task_id)

    async def cancel(self, job_id: str) -> None:
        """Take a job that has not started out of its queue; one that runs or does not exist is left alone."""
        await self._in_thread(self._cancel, job_id)

    async def missing(self, queue: SafeQueue, job_ids: Sequence[str]) -> list[str]:
        """Return those of some job ids that neither wait in the queue nor run."""
        return await self._in_thread(self._missing, queue, job_ids) if job_ids else []

    async def leased(self, queue: SafeQueue) -> set[str]:
        """Return the ids of the queue's jobs that a living worker runs."""
        return await self._in_thread(leases.leased_jobs, queue)

    async def waiting(self, queue: SafeQueue) -> int:
        """Return how many jobs wait in a queue."""
        return await self._in_thread(lambda: queue.count)

    def close(self) -> None:
        """Disconnect."""
        self._threads.shutdown(wait=False)
        self.redis.close()

    async def _enqueue(
        self, queue: SafeQueue, function: str, args: tuple[str, ...], job_id: str, **options: Any
    ) -> bool:
        return await self._enqueue_all(queue, function, {job_id: args}, **options)

    async def _enqueue_all(
        self, queue: SafeQueue, function: str, args: Mapping[str, tuple[str, ...]], **options: Any
    ) -> bool:
        """Enqueue calls of a function, each under the id of its job."""
        options["meta"] = {"trace_id": trace_id.get()}
        try:
            await self._in_thread(self._submit, queue, function, args, options)
        except redis.exceptions.RedisError as error:
            log.warning("%d jobs are not enqueued yet, the first is %s: %s", len(args), next(iter(args)), error)
            return False
        return True

    def _submit(
        self, queue: SafeQueue, function: str, args: Mapping[str, tuple[str, ...]], options: dict[str, Any]
    ) -> None:
        jobs = [
            queue.create_job(
                function,
                args=of_job,
                timeout=options["job_timeout"],
                result_ttl=RESULT_SECONDS,
                failure_ttl=FAILURE_SECONDS,
                job_id=job_id,
                retry=options.get("retry"),
                on_failure=options.get("on_failure"),
                meta=options["meta"],
            )
            for job_id, of_job in args.items()
        ]
        known = queue.enqueue_new(jobs)
        if vacant := [job for job in known if self._make_room(queue, job.id)]:
            queue.enqueue_new(vacant)

    def _make_room(self, queue: SafeQueue, job_id: str) -> bool:
        """Delete a job of that id if it has ended, or put it back into its queue if it stands nowhere.

        Returns:
            True if a new job may be enqueued under the id.
        """
        job = self._fetch(job_id)
        status = _status(job)
        if job is None or status is None:
            return True
        if status in _ENDED:
            job.delete()
            return True
        if self._missing(queue, [job_id]):
            queue.push_job_id(job_id)
        return False

    def _missing(self, queue: SafeQueue, job_ids: Sequence[str]) -> list[str]:
        with self.redis.pipeline() as pipe:
            pipe.lrange(queue.key, 0, -1)
            pipe.lrange(queue.intermediate_queue.key, 0, -1)
            pipe.zrange(queue.started_job_registry.key, 0, -1)
            waiting, unstarted, started = pipe.execute()
        standing = {job_id.decode() for job_id in (*waiting, *unstarted)}
        standing.update(leases.job_id(entry) for entry in started)
        return [job_id for job_id in job_ids if job_id not in standing]

    def _cancel(self, job_id: str) -> None:
        job = self._fetch(job_id)
        if job is not None and _status(job) == JobStatus.QUEUED:
            job.delete()

    def _send_stop(self, job_id: str) -> None:
        try:
            send_stop_job_command(self.redis, job_id, serializer=JSONSerializer)
        except (NoSuchJobError, InvalidJobOperation):
            log.info("no worker runs %s at the moment; its row says that it is to stop", job_id)

    def _fetch(self, job_id: str) -> Job | None:
        try:
            return Job.fetch(job_id, connection=self.redis, serializer=JSONSerializer)
        except NoSuchJobError:
            return None

    async def _in_thread(self, call: Callable[..., R], *args: Any) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: call(*args))


def _status(job: Job | None) -> JobStatus | None:
    """Return a job's status; None where there is no job, or it went a moment ago."""
    try:
        return job.get_status() if job is not None else None
    except InvalidJobOperation:
        return None
