"""A generation worker that is killed while it streams, and one that is asked to end."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from tests.faults.installation import Installation, kill, wait_until
from tests.faults.model import HeldModel
from tests.faults.reader import LATER, QUESTION, Reader
from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.receiver import Receiver, receiving
from tests.journeys.resources import assert_uniform, create_app, create_app_key
from workers.queues import GENERATION
from workers.rq import leases
from workers.rq.connection import connect
from workers.rq.queue import open_queue
from workers.rq.worker import GRACE_SECONDS

STREAM_ENDS_SECONDS = 10.0
NOTICED_SECONDS = 15.0
"""How long after the end of a lease the stream ends, however busy the machine is."""


@pytest.fixture(scope="module")
def api(installed: Installation) -> Program:
    """One API process."""
    return installed.api()


@pytest.fixture(scope="module")
def console(api: Program) -> Iterator[httpx2.Client]:
    """A Console client of an owner."""
    with new_owner(api).console(api) as client:
        yield client


@pytest.fixture(scope="module")
def client(api: Program, console: httpx2.Client) -> Iterator[httpx2.Client]:
    """A Service client with a key that may have one run at a time."""
    with api.service(create_app_key(console, create_app(console))) as made:
        yield made


@dataclass
class Death:
    """What came of killing the one of two workers that wrote an answer.

    Attributes:
        killed: when.
        left: how many seconds the lease of its run went on.
        stream: the reader of its run.
        row: the run's row after the stream had ended.
        limited: what a key that may have one run at a time was told: before the death, and after it.
        waiting: a run that waited for a worker when it died.
        told: what a webhook of the app received.
    """

    killed: float
    left: float
    stream: Reader
    row: dict[str, Any]
    limited: tuple[httpx2.Response, httpx2.Response]
    waiting: dict[str, Any]
    told: dict[str, Any]


def lease(installed: Installation, task_id: str) -> float:
    """Return for how many seconds more a run counts as one that a living worker does."""
    with connect(installed.redis_url) as redis:
        entries = redis.zrange(open_queue(GENERATION, redis).started_job_registry.key, 0, -1, withscores=True)
        [end] = [end for entry, end in entries if leases.job_id(entry) == task_id]
        return float(end) - leases.seconds_now(redis)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """Whoever is told by webhooks."""
    with receiving() as made:
        yield made


@pytest.fixture(scope="module")
def death(installed: Installation, api: Program, console: httpx2.Client, receiver: Receiver, model: HeldModel) -> Death:
    """Kill a worker that streams, beside one that is busy."""
    model.hold()
    app_id = create_app(console)
    console.post(f"/apps/{app_id}/webhooks", json={"url": receiver.url}).raise_for_status()
    installed.worker("deliveries")
    doomed = installed.worker(PARLEY_GENERATION_CONCURRENCY="1")
    with (
        api.service(create_app_key(console, app_id, max_active_requests=1)) as limited,
        api.service(create_app_key(console, create_app(console))) as free,
    ):
        stream = Reader(limited, json=QUESTION)
        stream.await_text(model.begin())
        wait_until(lambda: installed.message(stream.task_id)["answer"] == model.begin())
        installed.worker(PARLEY_GENERATION_CONCURRENCY="1")
        busy = Reader(free, json=QUESTION)
        busy.await_text(model.begin())
        waiting = free.post("/chat-messages", json=LATER).raise_for_status().json()
        before = limited.post("/chat-messages", json=LATER)
        killed = kill(doomed)
        left = lease(installed, stream.task_id)
        stream.end()
        row = installed.message(stream.task_id)
        after = limited.post("/chat-messages", json=LATER)
        assert installed.message(waiting["task_id"])["status"] == "queued"
        model.release()
        ended = installed.await_status(waiting["task_id"], "normal")
        busy.end()
        messages = [json.loads(body) for _, body in receiver.await_messages(2)]
    [told] = [message for message in messages if message["task_id"] == stream.task_id]
    return Death(killed, left, stream, row, (before, after), ended, told)


def test_the_stream_of_a_killed_worker_ends_in_an_error_within_ten_seconds(death: Death) -> None:
    last = death.stream.end()
    assert (last["event"], last["status"], last["code"]) == ("error", 500, "generation_interrupted")
    assert death.left <= leases.LEASE_SECONDS
    assert leases.LEASE_SECONDS + leases.MAINTENANCE_SECONDS < STREAM_ENDS_SECONDS
    assert death.stream.ended - death.killed - death.left < NOTICED_SECONDS


def test_the_row_of_a_killed_worker_keeps_the_partial_answer(death: Death, model: HeldModel) -> None:
    assert (death.row["status"], death.row["error_code"]) == ("error", "generation_interrupted")
    assert death.row["answer"] == death.stream.text == model.begin()


def test_a_queued_run_goes_to_another_worker(death: Death, model: HeldModel) -> None:
    assert death.waiting["answer"] == model.answer()
    assert death.waiting["attempt"] == 1


def test_a_killed_worker_gives_its_slots_back(death: Death) -> None:
    before, after = death.limited
    assert_uniform(before, 429, "too_many_requests")
    assert after.status_code == 202


def test_a_webhook_is_told_of_a_run_whose_worker_died(death: Death) -> None:
    assert death.told["task_id"] == death.stream.task_id
    assert (death.told["status"], death.told["error"]["code"]) == ("failed", "generation_interrupted")
    assert death.told["answer"] == death.row["answer"]


def test_a_worker_that_is_asked_to_end_finishes_its_answers_and_takes_no_more(
    installed: Installation, client: httpx2.Client, held: HeldModel, death: Death
) -> None:
    first = installed.worker()
    installed.end_workers(first)
    stream = Reader(client, json=QUESTION)
    stream.await_text(held.begin())
    installed.ask_to_end(first)
    installed.await_no_takers()
    later = client.post("/chat-messages", json=LATER).raise_for_status().json()
    held.release()
    assert stream.end()["event"] == "message_end"
    assert stream.text == held.answer()
    assert first.wait(60)
    assert installed.message(later["task_id"])["status"] == "queued"
    installed.worker()
    installed.await_status(later["task_id"], "normal")


def test_a_worker_that_is_asked_twice_ends_its_answers_with_a_reason(
    installed: Installation, client: httpx2.Client, held: HeldModel, death: Death
) -> None:
    worker = installed.worker(PARLEY_GENERATION_CONCURRENCY="1")
    installed.end_workers(worker)
    stream = Reader(client, json=QUESTION)
    stream.await_text(held.begin())
    later = client.post("/chat-messages", json=LATER).raise_for_status().json()
    installed.ask_to_end(worker)
    asked = time.monotonic()
    installed.ask_to_end(worker)
    last = stream.end()
    assert (last["event"], last["code"]) == ("error", "generation_interrupted")
    assert worker.wait(60)
    assert installed.message(later["task_id"])["status"] == "queued"
    assert stream.ended - asked < GRACE_SECONDS
    assert installed.message(stream.task_id) == {
        "status": "error",
        "answer": held.begin(),
        "error_code": "generation_interrupted",
        "attempt": 1,
    }
