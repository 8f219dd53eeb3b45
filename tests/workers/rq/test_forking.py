"""The forking worker against a real Redis and real signals."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from redis import Redis

from tests.workers.conftest import wait_for
from workers.rq.queue import SafeQueue

Spawn = Callable[..., subprocess.Popen[bytes]]


def test_a_job_ends_with_the_worker_that_forked_it(trial: SafeQueue, spawn: Spawn, redis: Redis) -> None:
    trial.enqueue("tests.workers.jobs.block", "held", 60)
    worker = spawn("tests.workers.forking_process")
    wait_for(lambda: redis.get("process:held"))
    child = Path("/proc") / (redis.get("process:held") or b"").decode()
    assert not is_over(child)
    worker.kill()
    worker.wait()
    wait_for(lambda: is_over(child))


def test_a_job_has_the_trace_id_of_whoever_enqueued_it(trial: SafeQueue, spawn: Spawn, redis: Redis) -> None:
    trial.enqueue("tests.workers.jobs.trace_here", "forked", meta={"trace_id": "trace-of-ada"})
    spawn("tests.workers.forking_process")
    wait_for(lambda: redis.get("trace:forked") == b"trace-of-ada")


def is_over(process: Path) -> bool:
    """Tell whether a process has ended, though nobody may have asked how."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
