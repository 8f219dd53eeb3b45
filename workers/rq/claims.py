"""The beginning and the good end of a job, each one round trip: every run passes both.

RQ takes four and three. What is written is RQ's own, and is collected through its classes; a script of Redis writes it
all where the job is still this worker's, and else nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from redis import Redis
from redis.client import Pipeline
from rq.executions import Execution, ExecutionRegistry
from rq.job import Job, JobStatus
from rq.results import Result
from rq.utils import utcformat
from rq.worker.base import BaseWorker, WorkerStatus

from workers.rq.queue import SafeQueue

_WRITE = """
local place = {first}
while ARGV[place] do
  redis.call(unpack(ARGV, place + 1, place + ARGV[place]))
  place = place + ARGV[place] + 1
end
return 1
"""
_CLAIM = """
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then
  return redis.call('ZSCORE', KEYS[2], ARGV[2]) and 1 or 0
end
local moment = redis.call('TIME')
redis.call('ZADD', KEYS[2], moment[1] + moment[2] / 1000000 + ARGV[3], ARGV[2])
""" + _WRITE.format(first=4)
"""The lease, out of the list of unstarted jobs, its status. A claim whose reply was lost is granted again."""
_SETTLE = """
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
""" + _WRITE.format(first=2)


class Claims:
    """Takes and settles the jobs of one queue for one worker."""

    def __init__(self, worker: BaseWorker, queue: SafeQueue) -> None:
        """Prepare the scripts; nothing is sent yet."""
        self._worker = worker
        self._redis: Redis = worker.connection
        self._unstarted, self._started = queue.intermediate_queue.key, queue.started_job_registry.key
        self._claim = self._redis.register_script(_CLAIM)
        self._settle = self._redis.register_script(_SETTLE)

    def execution(self, job: Job) -> Execution:
        """Return a new execution of a job, which exists nowhere else yet."""
        return Execution(uuid4().hex, job.id, self._redis, self._worker.name)

    def take(self, job: Job, execution: Execution, lease: int) -> bool:
        """Begin a job that was popped: take its lease and note who runs it.

        Args:
            job: the job, which stands in the list of unstarted ones.
            execution: its execution; the same one where this is tried again.
            lease: seconds until the lease expires.

        Returns:
            False if it stands there no longer, as somebody has put it back.
        """
        pipe = self._redis.pipeline()
        execution.save(lease, pipe)
        ExecutionRegistry(job.id, self._redis).add(execution, lease, pipe)
        if self._worker.get_state() != WorkerStatus.BUSY:
            self._worker.set_state(WorkerStatus.BUSY, pipe)
        job.prepare_for_execution(self._worker.name, pipe)
        keys = [self._unstarted, self._started]
        return bool(self._claim(keys, [job.id, execution.composite_key, lease, *_flat(pipe)]))

    def settle(self, job: Job, execution: Execution, result: Any) -> bool:
        """Write that a job has ended well, as RQ's `handle_job_success` does.

        Args:
            job: the job, with the moments of its beginning and its end.
            execution: its execution.
            result: what it returned.

        Returns:
            False if its lease was lost: its end is not this worker's to write.
        """
        assert job.started_at is not None
        assert job.ended_at is not None
        pipe, worker = self._redis.pipeline(), self._worker
        kept = job.get_result_ttl(worker.default_result_ttl)
        worker.increment_successful_job_count(pipe)
        worker.increment_total_working_time(job.ended_at - job.started_at, pipe)
        job.set_status(JobStatus.FINISHED, pipe)
        pipe.hset(job.key, "ended_at", utcformat(job.ended_at))
        if kept != 0:
            Result.create(
                job,
                Result.Type.SUCCESSFUL,
                kept,
                result,
                worker_name=worker.name,
                pipeline=pipe,
                execution_id=execution.id,
                execution_started_at=execution.created_at,
                execution_ended_at=job.ended_at,
            )
            job.finished_job_registry.add(job, kept, pipe)
        job.cleanup(kept, pipe, remove_from_queue=False)
        execution.delete(job, pipe)
        return bool(self._settle([self._started], [execution.composite_key, *_flat(pipe)]))


def _flat(pipe: Pipeline) -> Iterator[Any]:
    """Yield the commands that a pipeline has collected, each after the number of its parts."""
    for parts, _ in pipe.command_stack:
        yield len(parts)
        yield from parts
