"""API processes that are killed, left, asked twice, and several at the same time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.faults.installation import PATIENCE_SECONDS, Installation, kill, wait_until
from tests.faults.model import HeldModel
from tests.faults.reader import LATER, QUESTION, Reader, rejoin
from tests.faults.way_to_redis import way_to_redis
from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.resources import create_app, create_app_key
from workers import reconciler
from workers.event_log import EntryId
from workers.rq.connection import connect

STARTS_SECONDS = 10.0


@pytest.fixture(scope="module")
def lasting(installed: Installation) -> Program:
    """An API process that nobody kills, and two workers."""
    for _ in range(2):
        installed.worker(PARLEY_GENERATION_CONCURRENCY="2")
    return installed.api()


@pytest.fixture(scope="module")
def key(lasting: Program) -> str:
    """A key to a chat app."""
    with new_owner(lasting).console(lasting) as console:
        return create_app_key(console, create_app(console))


@pytest.fixture(scope="module")
def client(lasting: Program, key: str) -> Iterator[httpx2.Client]:
    """A client of the API process that nobody kills."""
    with lasting.service(key) as made:
        yield made


@pytest.fixture(scope="module")
def second(installed: Installation) -> Program:
    """Another API process, which the last test kills."""
    return installed.api()


def assert_whole(model: HeldModel, *readers: Reader) -> None:
    """Assert that readers one after the other have every event once, and the whole answer."""
    ids = [event_id for reader in readers for event_id in reader.ids]
    assert ids == sorted(set(ids), key=EntryId.parse)
    assert "".join(reader.text for reader in readers) == model.answer()
    ends = [event["event"] for reader in readers for event in reader.events if event["event"] != "message"]
    assert ends == ["message_end"]


def test_a_run_whose_api_was_killed_between_commit_and_enqueue_starts_within_seconds(
    installed: Installation, lasting: Program, key: str, folder: Path
) -> None:
    with way_to_redis(folder, installed.redis_url) as way:
        doomed = installed.api(redis_url=way.url)
        way.last_word = b"rq:job:"
        with doomed.service(key) as client:
            asked = Reader(client, json={**LATER, "query": "Who am I?"})
            assert way.caught.wait(PATIENCE_SECONDS), "the job is on its way to Redis, where it does not arrive"
            kill(doomed.process)
            asked.end()
    assert asked.broken is not None
    [(task_id,)] = installed.rows("SELECT task_id FROM message WHERE query = 'Who am I?'")
    assert installed.await_status(str(task_id), "normal")["attempt"] == 1
    assert reconciler.SETTLE.total_seconds() + reconciler.EVERY_SECONDS < STARTS_SECONDS


def test_a_stream_begun_on_one_api_is_followed_on_another(
    second: Program, key: str, client: httpx2.Client, held: HeldModel
) -> None:
    with second.service(key) as other:
        here = [Reader(client, json=QUESTION) for _ in range(2)]
        there = [Reader(other, json=QUESTION) for _ in range(2)]
        crossed = [rejoin(other, reader.task_id) for reader in here]
        crossed += [rejoin(client, reader.task_id) for reader in there]
        for reader in (*here, *there, *crossed):
            reader.await_text(held.begin())
        held.release()
        for reader in (*here, *there, *crossed):
            assert reader.end()["event"] == "message_end"
            assert_whole(held, reader)


def test_every_worker_takes_its_share(installed: Installation, client: httpx2.Client, held: HeldModel) -> None:
    readers = [Reader(client, json=QUESTION) for _ in range(4)]
    for reader in readers:
        reader.await_text(held.begin())
    with connect(installed.redis_url) as redis:
        owners = {redis.hget(f"rq:job:{reader.task_id}", "worker_name") for reader in readers}
    assert len(owners) == 2
    held.release()
    for reader in readers:
        reader.end()


def test_a_client_who_leaves_does_not_end_the_run(
    installed: Installation, client: httpx2.Client, held: HeldModel
) -> None:
    with client.stream("POST", "/chat-messages", json=QUESTION, headers={"Last-Event-ID": ""}) as response:
        lines = response.iter_lines()
        while not (line := next(lines)).startswith("data:"):
            pass
    task_id = httpx2.Response(200, content=line[5:]).json()["task_id"]
    held.release()
    assert installed.await_status(task_id, "normal")["answer"] == held.answer()
    whole = rejoin(client, task_id)
    whole.end()
    assert_whole(held, whole)


def test_the_same_request_at_two_apis_begins_one_run(
    installed: Installation, second: Program, key: str, client: httpx2.Client, held: HeldModel
) -> None:
    question = {**LATER, "query": f"Once {uuid4()}"}
    headers = {"Idempotency-Key": uuid4().hex}
    with second.service(key) as other, ThreadPoolExecutor(8) as threads:
        asked = [
            threads.submit(one.post, "/chat-messages", json=question, headers=headers) for one in (client, other) * 4
        ]
        answers = [future.result() for future in asked]
    assert {answer.status_code for answer in answers} <= {202, 409}
    tasks = {answer.json()["task_id"] for answer in answers if answer.status_code == 202}
    rows = installed.rows("SELECT task_id FROM message WHERE query = %s", question["query"])
    assert [str(row[0]) for row in rows] == list(tasks)
    held.release()
    again = wait_until(lambda: accepted(client.post("/chat-messages", json=question, headers=headers)))
    assert again["task_id"] in tasks


def accepted(answer: httpx2.Response) -> dict[str, Any]:
    """Return what an accepted request is told; nothing while the first of its key is being answered."""
    return dict(answer.json()) if answer.status_code == 202 else {}


def test_a_client_of_a_killed_api_misses_no_event_and_gets_none_twice(
    second: Program, key: str, client: httpx2.Client, model: HeldModel
) -> None:
    model.release()
    model.words, model.pause = 400, 0.02
    with second.service(key) as other:
        begun = Reader(other, json=QUESTION)
        begun.await_events(8)
        kill(second.process)
        begun.end()
    assert begun.broken is not None
    assert len(begun.text) < len(model.answer())
    rest = rejoin(client, begun.task_id, begun.ids[-1])
    assert rest.end()["event"] == "message_end"
    assert_whole(model, begun, rest)
