"""A queue whose jobs survive the death of whoever popped them or was cleaning up."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from redis import Redis
from rq.intermediate_queue import IntermediateQueue
from rq.job import Job, JobStatus
from rq.queue import Queue
from rq.scripts import UNIQUE_ENQUEUE_SCRIPT
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty

if TYPE_CHECKING:
    from rq.worker.base import BaseWorker

MAINTENANCE_LOCK_SECONDS = 15
UNSTARTED_SECONDS = 8
FIRST_SEEN_SECONDS = 60

_PUT_BACK = """
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 1 then redis.call('LPUSH', KEYS[2], ARGV[1]) return 1 end
return 0
"""
_ENQUEUE_SHA = hashlib.sha1(UNIQUE_ENQUEUE_SCRIPT.encode(), usedforsecurity=False).hexdigest()
"""What Redis calls RQ's script once it has run it."""


class NoAlarm(BaseDeathPenalty):
    """A time limit that sets no SIGALRM, which works in the main thread only and would hit any job."""

    def setup_death_penalty(self) -> None:
        """Does nothing: limits are the event loop's."""

    def cancel_death_penalty(self) -> None:
        """Does nothing: limits are the event loop's."""


class UnstartedJobs(IntermediateQueue):
    """Where a job stands between being popped and being started; what stays here is put back."""

    def should_be_cleaned_up(self, job_id: str) -> bool:
        """Tell whether a job has been here for longer than any start takes."""
        left = int(self.connection.ttl(self.get_first_seen_key(job_id)))
        return left >= 0 and FIRST_SEEN_SECONDS - left > UNSTARTED_SECONDS

    def set_first_seen(self, job_id: str) -> bool:
        """Note that a job was seen here, for as long as one stay can last: the same job may come again.

        How long ago that was is read from the note's time to live, which Redis counts: clocks of cleaners may differ.
        """
        key = self.get_first_seen_key(job_id)
        return bool(self.connection.set(key, 1, nx=True, ex=FIRST_SEEN_SECONDS))

    def cleanup(self, worker: BaseWorker, queue: Queue) -> None:
        """Put back jobs that nobody started; forget those that run or exist no longer.

        A job is touched only after a while: whoever starts it takes its lease a moment before it takes it out.
        """
        for job_id in self.get_job_ids():
            if self.set_first_seen(job_id) or not self.should_be_cleaned_up(job_id):
                continue
            job = queue.fetch_job(job_id)
            if job is None or job_id in queue.started_job_registry or job.get_status() == JobStatus.STARTED:
                self.remove(job_id)
            else:
                self.connection.eval(_PUT_BACK, 2, self.key, self.queue_key, job_id)
            self.connection.delete(self.get_first_seen_key(job_id))


class SafeQueue(Queue):
    """RQ's queue with a short maintenance lock, and unstarted jobs that are put back instead of failed."""

    def acquire_maintenance_lock(self) -> bool:
        """Take the lock for long enough to clean; a cleaner that dies blocks the others for seconds only."""
        return bool(self.connection.set(self.registry_cleaning_key, 1, nx=True, ex=MAINTENANCE_LOCK_SECONDS))

    def enqueue_new(self, jobs: Sequence[Job]) -> list[Job]:
        """Enqueue jobs in one round trip, each of them whole or not at all.

        Returns:
            Those that were not enqueued, as there is a job of their id.
        """
        with self.connection.pipeline(transaction=False) as pipe:
            pipe.sadd(self.redis_queues_keys, self.key)
            for number, job in enumerate(jobs):
                self._prepare_for_queue(job)
                told = (part for name, value in job.to_dict().items() if value is not None for part in (name, value))
                parameters = (2, job.key, self.key, job.id, "R", -1 if job.ttl is None else job.ttl, *told)
                if number:
                    pipe.evalsha(_ENQUEUE_SHA, *parameters)
                else:
                    pipe.eval(UNIQUE_ENQUEUE_SCRIPT, *parameters)
            _, *enqueued = pipe.execute()
        return [job for job, new in zip(jobs, enqueued, strict=True) if not new]

    def put_back(self, job_id: str) -> None:
        """Put a job that was popped and not started back where it stood; one that is elsewhere is left alone."""
        self.connection.eval(_PUT_BACK, 2, self.intermediate_queue.key, self.key, job_id)

    def enqueue_dependents(self, *_: Any, **__: Any) -> None:
        """Does nothing: no job here waits for another, and to look for such costs each job a round trip."""

    @property
    def intermediate_queue(self) -> UnstartedJobs:
        """The jobs that were popped and have not started."""
        return UnstartedJobs(self.key, connection=self.connection)


def open_queue(name: str, connection: Redis, **options: Any) -> SafeQueue:
    """Return a queue. Its payloads are JSON: pickle would let whoever reaches Redis run code."""
    return SafeQueue(name, connection=connection, serializer=JSONSerializer, **options)
