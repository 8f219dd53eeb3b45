"""The coroutine worker against a real Redis and real signals."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import rq
from redis import Redis
from rq.command import send_stop_job_command
from rq.exceptions import DuplicateJobError
from rq.job import Callback, JobStatus
from rq.serializers import JSONSerializer

from tests.workers.conftest import RedisServer, wait_for
from workers.rq import leases
from workers.rq.queue import SafeQueue

Spawn = Callable[..., subprocess.Popen[bytes]]
WORKER = "tests.workers.worker_process"
NOTE = Callback("tests.workers.jobs.note_failure")


def test_the_version_of_rq_is_the_one_that_was_measured() -> None:
    """Another version must first be checked as docs/decisions/0004-rq-worker.md says."""
    assert rq.__version__ == "2.12.0"


def test_jobs_run_at_the_same_time_and_finish(trial: SafeQueue, spawn: Spawn) -> None:
    jobs = [trial.enqueue("tests.workers.jobs.meet", "all", 40) for _ in range(40)]
    spawn(WORKER)
    wait_for(lambda: all(job.get_status() == JobStatus.FINISHED for job in jobs), 60)
    assert trial.started_job_registry.get_job_ids(cleanup=False) == []


def test_a_failing_job_runs_its_callback(trial: SafeQueue, spawn: Spawn, redis: Redis) -> None:
    job = trial.enqueue("tests.workers.jobs.fail", "f", on_failure=NOTE)
    spawn(WORKER)
    wait_for(lambda: job.get_status() == JobStatus.FAILED)
    assert redis.get("failed:f") == b"ValueError"


def test_the_stop_command_cancels_a_job_which_may_still_answer(trial: SafeQueue, spawn: Spawn, redis: Redis) -> None:
    job = trial.enqueue("tests.workers.jobs.sleep", "stopped", 90)
    spawn(WORKER)
    wait_for(lambda: redis.get("ran:stopped"))
    send_stop_job_command(redis, job.id, serializer=JSONSerializer)
    wait_for(lambda: job.get_status() == JobStatus.FINISHED)
    assert job.return_value() == "cancelled by stop"


def test_a_job_that_exceeds_its_time_is_cancelled(trial: SafeQueue, spawn: Spawn) -> None:
    job = trial.enqueue("tests.workers.jobs.sleep", "long", 60, job_timeout=1)
    spawn(WORKER)
    wait_for(lambda: job.get_status() == JobStatus.FINISHED)
    assert job.return_value() == "cancelled by timeout"


def test_a_killed_workers_jobs_fail_within_a_lease(trial: SafeQueue, spawn: Spawn, redis: Redis) -> None:
    job = trial.enqueue("tests.workers.jobs.sleep", "killed", 60, on_failure=NOTE)
    first = spawn(WORKER)
    wait_for(lambda: redis.get("ran:killed"))
    second = spawn(WORKER)
    wait_for(lambda: redis.exists(f"rq:worker:trial-{second.pid}"))
    first.kill()
    [(_, end)] = redis.zrange(trial.started_job_registry.key, 0, -1, withscores=True)
    assert end - leases.seconds_now(redis) <= leases.LEASE_SECONDS
    wait_for(lambda: redis.get("failed:killed"))
    assert redis.get("failed:killed") == b"AbandonedJobError"
    wait_for(lambda: job.get_status() == JobStatus.FAILED)


def test_a_dead_worker_that_is_known_to_be_dead_is_given_up_at_once(
    trial: SafeQueue, spawn: Spawn, redis: Redis
) -> None:
    trial.enqueue("tests.workers.jobs.sleep", "known", 60, on_failure=NOTE)
    first = spawn(WORKER, LEASE_SECONDS="600")
    wait_for(lambda: redis.get("ran:known"))
    first.kill()
    first.wait()
    assert leases.expire_worker(trial, f"trial-{first.pid}") == 1
    spawn(WORKER)
    wait_for(lambda: redis.get("failed:known"))


def test_a_frozen_worker_writes_no_end_state(trial: SafeQueue, spawn: Spawn, redis: Redis) -> None:
    job = trial.enqueue("tests.workers.jobs.sleep", "frozen", 14, on_failure=NOTE)
    first = spawn(WORKER)
    wait_for(lambda: redis.get("ran:frozen"))
    first.send_signal(signal.SIGSTOP)
    spawn(WORKER)
    wait_for(lambda: job.get_status() == JobStatus.FAILED, 60)
    first.send_signal(signal.SIGCONT)
    first.send_signal(signal.SIGTERM)
    assert first.wait(60) == 0, "it ends when its jobs have"
    assert job.get_status() == JobStatus.FAILED


def test_a_job_that_was_popped_and_never_started_is_put_back(trial: SafeQueue, spawn: Spawn, redis: Redis) -> None:
    job = trial.enqueue("tests.workers.jobs.add", "popped")
    redis.lmove(trial.key, trial.intermediate_queue.key, "LEFT", "RIGHT")
    spawn(WORKER)
    wait_for(lambda: job.get_status() == JobStatus.FINISHED, 60)
    assert redis.get("ran:popped") == b"1"


def test_sigterm_lets_running_jobs_finish_and_leaves_later_ones_queued(
    trial: SafeQueue, spawn: Spawn, redis: Redis, tmp_path: Path
) -> None:
    running = trial.enqueue("tests.workers.jobs.sleep", "warm", 3)
    log = tmp_path / "log"
    worker = spawn(WORKER, LOG=str(log))
    wait_for(lambda: redis.get("ran:warm"))
    worker.send_signal(signal.SIGTERM)
    wait_for(lambda: "is to end" in log.read_text())
    later = trial.enqueue("tests.workers.jobs.add", "later")
    assert worker.wait(30) == 0
    assert running.get_status() == JobStatus.FINISHED
    assert later.get_status() == JobStatus.QUEUED


def test_a_full_worker_that_is_to_end_waits_for_its_jobs_no_longer_than_it_may(
    trial: SafeQueue, spawn: Spawn, redis: Redis
) -> None:
    job = trial.enqueue("tests.workers.jobs.sleep", "full", 60)
    worker = spawn(WORKER, CONCURRENCY="1", GRACE_SECONDS="1")
    wait_for(lambda: redis.get("ran:full"))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(40) == 0
    assert job.return_value() == "cancelled by shutdown"


def test_a_restart_of_redis_loses_no_job(
    trial: SafeQueue, spawn: Spawn, redis_server: RedisServer, redis: Redis
) -> None:
    jobs = [trial.enqueue("tests.workers.jobs.sleep", f"r{n}", 8, on_failure=NOTE) for n in range(10)]
    spawn(WORKER)
    wait_for(lambda: all(redis.get(f"ran:r{n}") for n in range(10)))
    redis_server.settle()
    redis_server.kill()
    time.sleep(1)
    redis_server.start()
    wait_for(lambda: all(job.get_status() == JobStatus.FINISHED for job in jobs), 60)


def test_a_job_has_the_trace_id_of_whoever_enqueued_it(trial: SafeQueue, spawn: Spawn, redis: Redis) -> None:
    trial.enqueue("tests.workers.jobs.trace", "ours", meta={"trace_id": "trace-of-ada"})
    trial.enqueue("tests.workers.jobs.trace", "nobody's")
    spawn(WORKER)
    wait_for(lambda: redis.mget("trace:ours", "trace:nobody's") == [b"trace-of-ada", b""])


def test_an_id_is_enqueued_once(trial: SafeQueue) -> None:
    trial.enqueue_call("tests.workers.jobs.add", args=("once",), job_id="once", unique=True)
    try:
        trial.enqueue_call("tests.workers.jobs.add", args=("once",), job_id="once", unique=True)
    except DuplicateJobError:
        assert trial.count == 1
    else:
        raise AssertionError("the second one was accepted")
