"""RQ's forking worker with short intervals: each job in a child process of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from redis import Redis
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer
from rq.utils import now
from rq.worker import Worker

from foundation.lifeline import die_with_parent
from foundation.telemetry import trace_id
from workers.rq import leases
from workers.rq.queue import SafeQueue

LEASE_SECONDS = 15


class ForkingWorker(Worker):
    """RQ's own worker; abandoned jobs are found within seconds and unstarted ones are put back."""

    queue_class = SafeQueue
    job_class = leases.LeasedJob

    def __init__(
        self, queue: SafeQueue, name: str, connection: Redis, *, before_fork: Callable[[], None] | None = None
    ) -> None:
        """Prepare the worker.

        Args:
            queue: its one queue: with two, RQ pops by BLPOP and a kill loses the job.
            name: unique among living workers.
            connection: a blocking client; children connect anew.
            before_fork: called in this process before each job's child is made. It must leave no thread behind.
        """
        super().__init__(
            [queue],
            name=name,
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=20,
            job_monitoring_interval=leases.HEARTBEAT_SECONDS,
            maintenance_interval=leases.MAINTENANCE_SECONDS,
            log_job_description=False,
        )
        self.queue = queue
        self._parent = os.getpid()
        self._before_fork = before_fork

    def get_heartbeat_ttl(self, job: Job) -> int:
        """Return the lease: RQ would add a minute to it."""
        return LEASE_SECONDS

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Make the child that does a job."""
        if self._before_fork is not None:
            self._before_fork()
        super().fork_work_horse(job, queue)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Do a job in the forked child, which ends with its parent however that ends."""
        die_with_parent(self._parent, signal.SIGKILL)
        trace_id.set((job.meta or {}).get("trace_id") or "")
        super().main_work_horse(job, queue)

    def clean_registries(self) -> None:
        """End or repeat what dead workers left on this queue."""
        leases.clean(self, self.queue)
        self.last_cleaned_at = now()  # type: ignore[assignment]
