"""A worker that runs hundreds of coroutine jobs on one event loop, with RQ's queue, statuses and callbacks.

RQ's workers run one job at a time. This one keeps RQ's bookkeeping (in threads) and puts the jobs themselves on the
loop as tasks. What an upgrade of RQ must check is written in docs/decisions/0004-rq-worker.md.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
import signal
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import redis.exceptions
from redis import Redis
from rq.command import parse_payload
from rq.exceptions import DequeueTimeout
from rq.executions import Execution
from rq.job import Job, JobStatus
from rq.queue import Queue
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException
from rq.utils import now
from rq.worker.base import BaseWorker

from foundation.telemetry import trace_id
from workers.rq import leases
from workers.rq.claims import Claims
from workers.rq.connection import REDIS_AWAY
from workers.rq.interruption import FENCED, SHUTDOWN, STOP, TIMEOUT, Interrupted, TakenBack
from workers.rq.queue import NoAlarm, SafeQueue

log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")

SWITCH_SECONDS = 0.0005
DEQUEUE_SECONDS = 1
BOOKKEEPING_THREADS = 4
GRACE_SECONDS = 20.0
UNWIND_SECONDS = 10.0
PERSIST_TRIES = 60

_execution: contextvars.ContextVar[Execution | None] = contextvars.ContextVar("rq_execution", default=None)


@dataclass(slots=True)
class Active:
    """A job on the loop: its task, and its execution once it has started."""

    task: asyncio.Task[None]
    job: Job
    execution: Execution | None = None


class CoroutineWorker(BaseWorker):
    """Runs up to `concurrency` coroutine jobs of one queue at a time.

    A job is cancelled with one of the messages `stop`, `shutdown`, `timeout`, `fenced` and may finish its own work; if
    it returns a value then, it counts as finished.
    """

    death_penalty_class = NoAlarm
    queue_class = SafeQueue
    job_class = leases.LeasedJob

    def __init__(
        self,
        queue: SafeQueue,
        name: str,
        connection: Redis,
        *,
        concurrency: int = 200,
        lease: int = leases.LEASE_SECONDS,
        on_start: Callable[[CoroutineWorker], Awaitable[None]] | None = None,
        on_end: Callable[[], Awaitable[None]] | None = None,
        loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
    ) -> None:
        """Prepare the worker.

        Args:
            queue: its one queue: with two, RQ pops by BLPOP and a kill loses the job.
            name: unique among living workers.
            connection: a blocking client with room for the threads' connections.
            concurrency: how many jobs run at once.
            lease: seconds without a heartbeat after which its runs count as abandoned.
            on_start: called on the loop before the first job.
            on_end: called on the loop after the last job.
            loop_factory: makes the event loop (uvloop's).
        """
        super().__init__(
            [queue],
            name=name,
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=20,
            maintenance_interval=leases.MAINTENANCE_SECONDS,
            log_job_description=False,
        )
        self.queue = queue
        self._claims = Claims(self, queue)
        self.concurrency = concurrency
        self.lease = lease
        self.grace = GRACE_SECONDS
        self.active: dict[str, Active] = {}
        self.log_result_lifespan = False
        self._on_start, self._on_end, self._loop_factory = on_start, on_end, loop_factory
        self._quiet_until = 0.0
        self._bookkeeping = ThreadPoolExecutor(BOOKKEEPING_THREADS, "rq-bookkeeping")
        self._dequeuing = ThreadPoolExecutor(1, "rq-dequeue")
        self._beating = ThreadPoolExecutor(1, "rq-heartbeat")
        self._cleaning = ThreadPoolExecutor(1, "rq-maintenance")

    @property
    def execution(self) -> Execution | None:
        """The execution of the job in whose context this is called; RQ keeps one for the whole worker."""
        return _execution.get()

    @execution.setter
    def execution(self, value: Execution | None) -> None:
        _execution.set(value)

    def work(self, *_: Any, **__: Any) -> bool:
        """Serve the queue until SIGINT or SIGTERM; then finish running jobs within the grace period.

        Returns:
            True, as RQ's workers do when they have worked.
        """
        sys.setswitchinterval(SWITCH_SECONDS)
        self.bootstrap("WARNING")
        try:
            with asyncio.Runner(loop_factory=self._loop_factory) as runner:
                runner.run(self._serve())
        finally:
            try:
                self.teardown()  # type: ignore[no-untyped-call]
            except redis.exceptions.RedisError as error:
                log.warning("worker %s could not sign off: %s", self.name, error)
            for pool in (self._bookkeeping, self._dequeuing, self._beating, self._cleaning):
                pool.shutdown()
        return True

    def cancel(self, job_id: str, reason: str) -> None:
        """Cancel a running job; to be called on the loop. An id that does not run here is ignored."""
        if active := self.active.get(job_id):
            active.task.cancel(reason)

    def in_outage(self) -> bool:
        """Tell whether Redis was away a moment ago: expired leases then prove nothing about their workers."""
        return time.monotonic() < self._quiet_until

    # What RQ calls.

    def get_heartbeat_ttl(self, job: Job) -> int:
        """Return the lease: RQ would add a minute to it."""
        return self.lease

    def set_current_job_id(self, job_id: str | None = None, pipeline: Any = None) -> None:
        """Does nothing: there is no one current job."""

    def set_current_job_working_time(self, current_job_working_time: float, pipeline: Any = None) -> None:
        """Does nothing: there is no one current job."""

    def handle_execution_ended(self, job: Job, queue: Queue, heartbeat_ttl: int) -> None:
        """Note when a job ended; RQ would prolong its key, which its end writes in the next moment."""
        job.ended_at = now()

    def procline(self, message: str) -> None:
        """Does nothing: the process's title would change with every job."""

    def clean_registries(self) -> None:
        """End what dead workers left on this queue."""
        leases.clean(self, self.queue)
        self.last_cleaned_at = now()  # type: ignore[assignment]

    def handle_payload(self, message: dict[str, Any]) -> None:
        """Obey a command; called in RQ's subscription thread."""
        payload = parse_payload(message)
        if payload["command"] == "stop-job":
            self._loop.call_soon_threadsafe(self.cancel, payload["job_id"], STOP)
        elif payload["command"] == "shutdown":
            self._loop.call_soon_threadsafe(self._request_end)

    # The loop.

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ending = asyncio.Event()
        self._slots = asyncio.Semaphore(self.concurrency)
        for number in (signal.SIGINT, signal.SIGTERM):
            self._loop.add_signal_handler(number, self._request_end)
        if self._on_start:
            await self._on_start(self)
        background = [asyncio.create_task(self._keep_beating()), asyncio.create_task(self._keep_cleaning())]
        try:
            await self._take_jobs()
            await self._finish_jobs()
        finally:
            for task in background:
                task.cancel()
            if self._on_end:
                await self._on_end()

    async def _take_jobs(self) -> None:
        slots, pause = self._slots, 0.2
        while not self._ending.is_set():
            await slots.acquire()
            if self._ending.is_set():
                break
            try:
                taken = await self._in_thread(self._dequeuing, self._dequeue)
                pause = 0.2
            except redis.exceptions.RedisError as error:
                slots.release()
                log.warning("dequeue: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
                continue
            if taken is None:
                slots.release()
            elif self._ending.is_set():
                await self._persist(self.queue.put_back, taken[0].id)
            else:
                self._start(*taken, slots)

    def _start(self, job: Job, queue: Queue, slots: asyncio.Semaphore) -> None:
        task = asyncio.create_task(self._run(job, queue))
        self.active[job.id] = Active(task, job)

        def ended(task: asyncio.Task[None]) -> None:
            if (active := self.active.get(job.id)) and active.task is task:
                del self.active[job.id]
            slots.release()
            if not task.cancelled() and (error := task.exception()):
                log.error("bookkeeping of job %s failed", job.id, exc_info=error)

        task.add_done_callback(ended)

    async def _finish_jobs(self) -> None:
        tasks = [active.task for active in self.active.values()]
        if not tasks:
            return
        _, pending = await asyncio.wait(tasks, timeout=self.grace)
        for task in pending:
            task.cancel(SHUTDOWN)
        if pending:
            await asyncio.wait(pending, timeout=UNWIND_SECONDS)

    def _request_end(self) -> None:
        """Take no more jobs and let those that run finish; asked again, end them at once."""
        log.info("worker %s is to end; %d jobs are running", self.name, len(self.active))
        if self._ending.is_set():
            for active in list(self.active.values()):
                active.task.cancel(SHUTDOWN)
        self._ending.set()
        self._slots.release()  # a full worker waits for a slot, and would not see the end before a job leaves one

    async def _in_thread(self, pool: Executor, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        context = contextvars.copy_context()
        return await self._loop.run_in_executor(pool, lambda: context.run(call, *args, **kwargs))

    async def _persist(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Do bookkeeping that must survive a restart of Redis: tried again for about two minutes."""
        for attempt in range(PERSIST_TRIES):
            try:
                return await self._in_thread(self._bookkeeping, call, *args, **kwargs)
            except REDIS_AWAY as error:
                log.warning("redis is away in %s: %s", call.__name__, error)
                await asyncio.sleep(min(0.2 * 2**attempt, 2.0))
        raise RuntimeError("Redis stayed away; the job's end could not be recorded")

    def _dequeue(self) -> tuple[Job, Queue] | None:
        try:
            return self.queue_class.dequeue_any(
                [self.queue],
                DEQUEUE_SECONDS,
                connection=self.connection,
                job_class=self.job_class,
                serializer=self.serializer,
                death_penalty_class=self.death_penalty_class,
            )
        except DequeueTimeout:
            return None

    # One job.

    async def _run(self, job: Job, queue: Queue) -> None:
        try:
            execution = self._claims.execution(job)
            await self._persist(self._prepare, job, execution)
            self.execution = execution
            self.active[job.id].execution = execution
            result = await self._perform(job)
        except TakenBack:
            log.warning("job %s had been taken back", job.id)
            return
        except (Exception, asyncio.CancelledError):
            await asyncio.shield(self._persist(self._fail, job, queue, sys.exc_info()))
            return
        await asyncio.shield(self._persist(self._succeed, job, execution, result))

    async def _perform(self, job: Job) -> Any:
        function = job.func
        if not inspect.iscoroutinefunction(function):
            raise TypeError(f"{job.func_name} is not a coroutine function; its queue runs coroutines only")
        trace_id.set((job.meta or {}).get("trace_id") or "")
        body = asyncio.ensure_future(function(*job.args, **job.kwargs))
        try:
            done, _ = await asyncio.wait([body], timeout=job.timeout or None)
        except asyncio.CancelledError as cancelled:
            reason = str(cancelled.args[0]) if cancelled.args else SHUTDOWN
            if task := asyncio.current_task():
                task.uncancel()
            return await self._unwind(body, reason, Interrupted(reason))
        if not done:
            return await self._unwind(body, TIMEOUT, JobTimeoutException(f"job exceeded {job.timeout} s"))
        return body.result()

    async def _unwind(self, body: asyncio.Future[Any], reason: str, otherwise: BaseException) -> Any:
        if not body.done():
            body.cancel(reason)
            await asyncio.wait([body], timeout=UNWIND_SECONDS)
        if not body.done() or body.cancelled():
            raise otherwise
        return body.result()

    def _prepare(self, job: Job, execution: Execution) -> None:
        if not self._claims.take(job, execution, self.lease):
            raise TakenBack(job.id)

    def _succeed(self, job: Job, execution: Execution, result: Any) -> None:
        job.ended_at = now()
        if not self._claims.settle(job, execution, result):
            log.warning("the lease of job %s was lost; its end is not ours to write", job.id)

    def _fail(self, job: Job, queue: Queue, cause: Any) -> None:
        if self.execution is not None and leases.is_lost(job, self.execution):
            log.warning("the lease of job %s was lost; its end is not ours to write", job.id)
            return
        job._status = JobStatus.FAILED
        self.handle_execution_ended(job, queue, job.failure_callback_timeout)
        text = "".join(traceback.format_exception(*cause))
        try:
            job.execute_failure_callback(self.death_penalty_class, *cause)
        except Exception:
            log.exception("the failure callback of job %s failed", job.id)
        self.handle_exception(job, *cause)
        self.handle_job_failure(job=job, queue=queue, exc_string=text, started_job_registry=queue.started_job_registry)

    # Signs of life.

    async def _keep_beating(self) -> None:
        while True:
            held = [(a.job, a.execution) for a in list(self.active.values()) if a.execution is not None]
            try:
                lost = await self._in_thread(self._beating, leases.renew, self, held, self.lease)
            except redis.exceptions.RedisError as error:
                log.warning("heartbeat: %s", error)
                self._quiet_until = time.monotonic() + self.lease
                await asyncio.sleep(0.5)
                continue
            current = {job.id: execution for job, execution in held}
            for job_id in lost:
                if (active := self.active.get(job_id)) and active.execution is current[job_id]:
                    active.task.cancel(FENCED)
            await asyncio.sleep(leases.HEARTBEAT_SECONDS)

    async def _keep_cleaning(self) -> None:
        while True:
            if not self.in_outage():
                try:
                    await self._in_thread(self._cleaning, self.run_maintenance_tasks)
                except redis.exceptions.RedisError as error:
                    log.warning("maintenance: %s", error)
                except Exception:
                    log.exception("maintenance failed")
            await asyncio.sleep(self.maintenance_interval)
