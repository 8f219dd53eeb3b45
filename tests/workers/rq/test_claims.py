"""The beginning and the end of a job: whole where the job is still the worker's, and else nothing is written."""

import pytest
from redis import Redis
from rq.executions import Execution, ExecutionRegistry
from rq.job import Job, JobStatus
from rq.registry import FinishedJobRegistry
from rq.serializers import JSONSerializer
from rq.utils import now

from workers.rq import leases
from workers.rq.claims import Claims
from workers.rq.queue import SafeQueue
from workers.rq.worker import CoroutineWorker


@pytest.fixture
def worker(trial: SafeQueue, redis: Redis) -> CoroutineWorker:
    return CoroutineWorker(trial, "trial-1", redis)


@pytest.fixture
def claims(worker: CoroutineWorker, trial: SafeQueue) -> Claims:
    return Claims(worker, trial)


@pytest.fixture
def popped(trial: SafeQueue, worker: CoroutineWorker, redis: Redis) -> Job:
    trial.enqueue_call("tests.workers.jobs.add", args=("one",), job_id="one", result_ttl=60)
    taken = SafeQueue.dequeue_any([trial], 1, redis, worker.job_class, JSONSerializer)
    assert taken is not None
    return taken[0]


def _leases(trial: SafeQueue, redis: Redis) -> dict[bytes, float]:
    return dict(redis.zrange(trial.started_job_registry.key, 0, -1, withscores=True))


def test_a_job_is_taken_with_its_lease(claims: Claims, popped: Job, trial: SafeQueue, redis: Redis) -> None:
    execution = claims.execution(popped)
    assert claims.take(popped, execution, 8)
    assert redis.llen(trial.intermediate_queue.key) == 0
    [(entry, end)] = _leases(trial, redis).items()
    assert entry.decode() == execution.composite_key
    assert 0 < end - leases.seconds_now(redis) <= 8
    stored = Job.fetch("one", redis, JSONSerializer)
    assert (stored.get_status(), stored.worker_name) == (JobStatus.STARTED, "trial-1")
    assert Execution.fetch(execution.id, "one", redis).worker_name == "trial-1"
    assert ExecutionRegistry("one", redis).get_execution_ids() == [execution.id]


def test_a_claim_whose_reply_was_lost_is_granted_again(
    claims: Claims, popped: Job, trial: SafeQueue, redis: Redis
) -> None:
    execution = claims.execution(popped)
    assert claims.take(popped, execution, 8)
    assert claims.take(popped, execution, 8)
    assert len(_leases(trial, redis)) == 1


def test_a_job_that_was_put_back_is_nobodys(claims: Claims, popped: Job, trial: SafeQueue, redis: Redis) -> None:
    trial.put_back("one")
    execution = claims.execution(popped)
    assert not claims.take(popped, execution, 8)
    assert _leases(trial, redis) == {}
    assert not redis.exists(execution.key)
    assert Job.fetch("one", redis, JSONSerializer).get_status() == JobStatus.QUEUED
    assert trial.get_job_ids() == ["one"]


def test_a_good_end_is_written_whole(claims: Claims, popped: Job, trial: SafeQueue, redis: Redis) -> None:
    redis.script_flush()
    execution = claims.execution(popped)
    claims.take(popped, execution, 8)
    popped.ended_at = now()
    assert claims.settle(popped, execution, {"said": "well"})
    assert _leases(trial, redis) == {}
    stored = Job.fetch("one", redis, JSONSerializer)
    assert stored.get_status() == JobStatus.FINISHED
    assert stored.return_value() == {"said": "well"}
    assert stored.started_at is not None
    assert stored.ended_at is not None
    assert stored.started_at <= stored.ended_at
    assert 0 < redis.ttl(stored.key) <= 60
    assert "one" in FinishedJobRegistry(queue=trial, job_class=leases.LeasedJob)
    assert not redis.exists(execution.key)
    assert redis.hget("rq:worker:trial-1", "successful_job_count") == b"1"
    assert not claims.settle(popped, execution, "again")


def test_a_lost_lease_leaves_the_end_to_others(claims: Claims, popped: Job, trial: SafeQueue, redis: Redis) -> None:
    execution = claims.execution(popped)
    claims.take(popped, execution, 8)
    redis.zrem(trial.started_job_registry.key, execution.composite_key)
    Job.fetch("one", redis, JSONSerializer).set_status(JobStatus.FAILED)
    popped.ended_at = now()
    assert not claims.settle(popped, execution, "late")
    stored = Job.fetch("one", redis, JSONSerializer)
    assert stored.get_status() == JobStatus.FAILED
    assert stored.latest_result() is None
