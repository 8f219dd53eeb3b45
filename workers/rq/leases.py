"""Leases: how a running job shows that its worker lives, and how runs of dead workers are found and ended.

A lease is the job's entry in RQ's registry of started jobs; its score is the moment it expires, by the clock of
Redis: the clocks of machines differ, and whoever is ahead would declare the others dead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from redis import Redis
from redis.client import Pipeline
from rq.executions import Execution
from rq.job import Job
from rq.registry import FailedJobRegistry, FinishedJobRegistry, StartedJobRegistry
from rq.utils import as_text, now
from rq.worker.base import BaseWorker
from rq.worker_registration import clean_worker_registry

from workers.rq.queue import NoAlarm, SafeQueue

LEASE_SECONDS = 8
HEARTBEAT_SECONDS = 2
MAINTENANCE_SECONDS = 1
"""A lease and a look at the leases stay below ten seconds: after these a dead worker's streams have ended."""
WORKER_KEY_SECONDS = 80

Held = tuple[Job, Execution]


class Leases(StartedJobRegistry):
    """RQ's registry of started jobs with moments of Redis' clock instead of this machine's."""

    moment: float | None = None
    """What Redis' clock says, in seconds, where it has just been asked."""

    def add_execution(self, execution: Execution, pipeline: Pipeline, ttl: int = 0, xx: bool = False) -> Any:
        """Take or prolong a lease that ends `ttl` seconds from now."""
        moment = seconds_now(self.connection) if self.moment is None else self.moment
        return pipeline.zadd(self.key, {execution.composite_key: moment + ttl}, xx=xx)


class LeasedJob(Job):
    """A job as workers see it: its lease is one of `Leases`."""

    @property
    def started_job_registry(self) -> Leases:
        """The leases of the job's queue."""
        return Leases(self.origin, connection=self.connection, job_class=type(self), serializer=self.serializer)


def seconds_now(redis: Redis) -> float:
    """Return what Redis' clock says, in seconds of the Unix epoch."""
    return _seconds(redis.time())


def _seconds(said: Any) -> float:
    seconds, microseconds = cast("tuple[int, int]", said)
    return seconds + microseconds / 1_000_000


def renew(worker: BaseWorker, held: Sequence[Held], lease: int) -> list[str]:
    """Prolong the worker's key and the leases of its jobs, in two round trips whatever their number.

    Args:
        worker: whose jobs they are.
        held: its running jobs with their executions.
        lease: seconds until a lease expires that is not renewed.

    Returns:
        The ids of jobs whose lease is gone: somebody declared this worker dead, it must stop working on them.
    """
    kept: list[Held] = []
    lost: list[str] = []
    if held:
        registry = Leases(held[0][0].origin, connection=worker.connection, job_class=worker.job_class)
        with worker.connection.pipeline(transaction=False) as pipe:
            pipe.time()
            for _, execution in held:
                pipe.zscore(registry.key, execution.composite_key)
            said, *scores = pipe.execute()
        registry.moment = _seconds(said)
        for pair, score in zip(held, scores, strict=True):
            if score is None:
                lost.append(pair[0].id)
            else:
                kept.append(pair)
    with worker.connection.pipeline(transaction=False) as pipe:
        worker.heartbeat(WORKER_KEY_SECONDS, pipeline=pipe)
        for job, execution in kept:
            execution.heartbeat(registry, lease, pipeline=pipe)
            job.heartbeat(now(), lease, pipeline=pipe, xx=True)
        pipe.execute()
    return lost


def is_lost(job: Job, execution: Execution) -> bool:
    """Tell whether a job's lease was taken away: its end state is no longer this worker's to write."""
    return job.connection.zscore(job.started_job_registry.key, execution.composite_key) is None


def clean(worker: BaseWorker, queue: SafeQueue) -> None:
    """End what dead workers left: failure callbacks for expired leases; unstarted jobs are put back.

    RQ's own version runs the callbacks under SIGALRM, which fails in any thread but the main one.
    """
    if not queue.acquire_maintenance_lock():
        return
    try:
        started = StartedJobRegistry(queue=queue, job_class=worker.job_class, death_penalty_class=NoAlarm)
        started.cleanup(timestamp=seconds_now(queue.connection), exception_handlers=[])
        FinishedJobRegistry(queue=queue, job_class=worker.job_class).cleanup()
        FailedJobRegistry(queue=queue, job_class=worker.job_class).cleanup()
        clean_worker_registry(queue)
        queue.intermediate_queue.cleanup(worker, queue)
    finally:
        queue.release_maintenance_lock()  # type: ignore[no-untyped-call]


def leased_jobs(queue: SafeQueue) -> set[str]:
    """Return the ids of the queue's jobs whose lease has not expired. It cleans nothing up."""
    entries = queue.connection.zrangebyscore(queue.started_job_registry.key, seconds_now(queue.connection), "+inf")
    return {job_id(entry) for entry in entries}


def job_id(entry: Any) -> str:
    """Return the job of an entry in a registry of started jobs, which is `<job id>:<execution id>`."""
    return as_text(entry).rpartition(":")[0]


def expire_worker(queue: SafeQueue, worker_name: str) -> int:
    """Expire the leases of one worker that is known to be dead, so that the next maintenance ends its runs.

    Returns:
        How many leases it held.
    """
    connection: Redis = queue.connection
    registry = queue.started_job_registry
    expired = 0
    for job, execution_id in registry.get_job_and_execution_ids(cleanup=False):
        try:
            execution = Execution.fetch(execution_id, job, connection=connection)
        except ValueError:
            continue
        if execution.worker_name == worker_name:
            connection.zadd(registry.key, {execution.composite_key: 1})
            expired += 1
    return expired
