"""Runs as jobs: joined again after the reader left, looked at from outside, stopped, and begun without waiting."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from llmock.pytest_plugin import LLMock

from tests.journeys.connected import connect_model
from tests.journeys.frames import follow, frames
from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app, create_app_key, events
from tests.patience import slowness
from tests.workers import peer as peers
from workers.event_log.entries import envelope_key, stream_key
from workers.rq.connection import connect

QUESTION = {"query": "Tell me a story", "user": "ada", "response_mode": "streaming", "inputs": {}}
LATER = {**QUESTION, "response_mode": "async"}
STOPS_SECONDS = 0.25


@pytest.fixture(scope="module")
def connected(program: Program, console: httpx2.Client, llmock_server: Any) -> Iterator[httpx2.Client]:
    """A Service client of a chat app that a connected model answers."""
    model = connect_model(console, llmock_server.base_url("openai"))
    app_id = create_app(console)
    console.post(f"/apps/{app_id}/model-config", json={"model": model}).raise_for_status()
    with program.service(create_app_key(console, app_id)) as client:
        yield client


def await_task(client: httpx2.Client, task_id: str) -> dict[str, Any]:
    """Poll a task until it has ended."""
    deadline = time.monotonic() + 60
    while True:
        task: dict[str, Any] = client.get(f"/tasks/{task_id}", params={"user": "ada"}).raise_for_status().json()
        if task["finished_at"] is not None:
            return task
        assert time.monotonic() < deadline, task
        time.sleep(0.05)


def test_a_first_stream_has_ids_where_they_are_asked_for(connected: httpx2.Client, llmock: LLMock) -> None:
    llmock.reply("Once.")
    with connected.stream("POST", "/chat-messages", json=QUESTION) as response:
        assert frames(response).ids == []
    llmock.reply("Once.")
    with connected.stream("POST", "/chat-messages", json=QUESTION, headers={"Last-Event-ID": "7-7"}) as response:
        read = frames(response)
    assert len(read.ids) == len(read.events)
    assert read.text() == "Once."


def test_a_reader_who_comes_back_misses_nothing_and_gets_nothing_twice(
    connected: httpx2.Client, llmock: LLMock
) -> None:
    text = " ".join(f"word{number}" for number in range(60))
    llmock.pace(100).reply(text)
    with connected.stream("POST", "/chat-messages", json=QUESTION, headers={"Last-Event-ID": ""}) as response:
        begun = frames(response, most=3)
    rest = follow(connected, begun.events[0]["task_id"], begun.ids[-1])
    assert begun.text() + rest.text() == text
    assert rest.events[-1]["event"] == "message_end"
    assert len(set(begun.ids + rest.ids)) == len(begun.ids + rest.ids)
    whole = follow(connected, begun.events[0]["task_id"])
    assert whole.text() == text
    assert follow(connected, begun.events[0]["task_id"], whole.ids[-1]).events == []


def test_a_run_whose_log_is_gone_is_answered_from_the_database(
    program: Program, connected: httpx2.Client, llmock: LLMock
) -> None:
    llmock.reply("The kettle sang.")
    with connected.stream("POST", "/chat-messages", json=QUESTION) as response:
        task_id = [event["task_id"] for event in events(response)][-1]
    with closing(connect(program.redis_url)) as redis:
        assert redis.delete(stream_key(task_id), envelope_key(task_id)) == 2
    whole = follow(connected, task_id)
    assert [event["event"] for event in whole.events] == ["message", "message_end"]
    assert whole.text() == "The kettle sang."
    rest = follow(connected, task_id, "1-1")
    assert [event["event"] for event in rest.events] == ["message_replace", "message_end"]
    assert rest.events[0]["answer"] == "The kettle sang."
    assert [event["event"] for event in follow(connected, task_id, rest.ids[0]).events] == ["message_end"]
    assert follow(connected, task_id, rest.ids[-1]).events == []


def test_events_and_state_are_the_persons_and_the_apps_own(
    program: Program, console: httpx2.Client, connected: httpx2.Client, llmock: LLMock
) -> None:
    llmock.reply("Mine.")
    task_id = connected.post("/chat-messages", json=LATER).raise_for_status().json()["task_id"]
    for path in (f"/chat-messages/{task_id}/events", f"/tasks/{task_id}"):
        assert_uniform(connected.get(path, params={"user": "eve"}), 404, "not_found")
        with program.service(create_app_key(console, create_app(console))) as other:
            assert_uniform(other.get(path, params={"user": "ada"}), 404, "not_found")
    assert_uniform(connected.get(f"/tasks/{uuid4()}", params={"user": "ada"}), 404, "not_found")
    assert_uniform(connected.get(f"/completion-messages/{task_id}/events"), 400, "not_completion_app")
    await_task(connected, task_id)


def test_a_run_begun_without_waiting_is_looked_for_later(connected: httpx2.Client, llmock: LLMock) -> None:
    llmock.reply("Later.")
    answer = connected.post("/chat-messages", json=LATER)
    assert answer.status_code == 202
    task = answer.json()
    assert task["status"] == "queued"
    assert task["result"] is None
    assert answer.headers["location"] == f"/v1/tasks/{task['task_id']}"
    ended = await_task(connected, task["task_id"])
    assert ended["status"] == "succeeded"
    assert ended["result"]["answer"] == "Later."
    assert ended["result"]["conversation_id"] == task["conversation_id"]
    assert float(ended["result"]["metadata"]["usage"]["total_price"]) >= 0
    assert ended["error"] is None


def test_a_run_that_fails_says_why(connected: httpx2.Client, llmock: LLMock) -> None:
    llmock.fail(400, message="no such thing")
    task = connected.post("/chat-messages", json=LATER).raise_for_status().json()
    ended = await_task(connected, task["task_id"])
    assert ended["status"] == "failed"
    assert ended["error"]["code"] == "completion_request_error"
    assert ended["error"]["status"] == 400


def test_the_same_key_begins_one_run(connected: httpx2.Client, llmock: LLMock) -> None:
    llmock.reply("Once only.")
    headers = {"Idempotency-Key": uuid4().hex}
    first = connected.post("/chat-messages", json=LATER, headers=headers)
    again = connected.post("/chat-messages", json=LATER, headers=headers)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert again.headers["location"] == first.headers["location"]
    await_task(connected, first.json()["task_id"])


@contextmanager
def slow_app(program: Program, **pace: Any) -> Iterator[tuple[peers.Peer, httpx2.Client, str]]:
    """An app that a model of its own answers at a pace; yields the model, a Console client and the app."""
    with peers.served(peers.Peer(**pace)) as peer, new_owner(program).console(program) as console:
        model = {**connect_model(console, peer.url), "name": "slow"}
        app_id = create_app(console)
        console.post(f"/apps/{app_id}/model-config", json={"model": model}).raise_for_status()
        yield peer, console, app_id


@pytest.mark.parametrize("pause", [0.02, 30.0], ids=["streaming", "silent"])
def test_a_stop_takes_hold_at_once_and_hangs_up_on_the_model(program: Program, pause: float) -> None:
    with (
        slow_app(program, words=1000, pause=pause) as (peer, console, app_id),
        program.service(create_app_key(console, app_id)) as client,
    ):
        for _ in range(10):
            before = peer.aborted
            with client.stream("POST", "/chat-messages", json=QUESTION) as response:
                stream = events(response)
                received = [next(stream)]
                while not received[-1].get("answer"):
                    received.append(next(stream))
                task_id = received[0]["task_id"]
                asked = time.monotonic()
                client.post(f"/chat-messages/{task_id}/stop", json={"user": "ada"}).raise_for_status()
                received += list(stream)
                ended = time.monotonic() - asked
            while peer.aborted == before:
                assert time.monotonic() - asked < 30
                time.sleep(0.005)
            hung_up = time.monotonic() - asked
            task = client.get(f"/tasks/{task_id}", params={"user": "ada"}).raise_for_status().json()
            assert task["status"] == "stopped"
            streamed = "".join(event["answer"] for event in received if event["event"] == "message")
            assert task["result"]["answer"] == streamed
            assert task["result"]["metadata"]["usage"]["completion_tokens"] > 0
            assert received[-1]["event"] == "message_end"
            if max(ended, hung_up) < STOPS_SECONDS * slowness():
                return
        raise AssertionError(f"the stream ended after {ended} s, and the model was left after {hung_up} s")


def test_an_app_answers_so_many_at_once(program: Program) -> None:
    with (
        slow_app(program, words=1000, pause=0.05) as (_, console, app_id),
        program.service(create_app_key(console, app_id)) as client,
    ):
        console.put(f"/apps/{app_id}", json={"name": "Busy", "max_active_requests": 2}).raise_for_status()
        running = [client.post("/chat-messages", json=LATER).raise_for_status().json() for _ in range(2)]
        refused = client.post("/chat-messages", json=LATER)
        assert_uniform(refused, 429, "too_many_requests")
        assert int(refused.headers["retry-after"]) > 0
        client.post(f"/chat-messages/{running[0]['task_id']}/stop", json={"user": "ada"}).raise_for_status()
        await_task(client, running[0]["task_id"])
        assert client.post("/chat-messages", json=LATER).status_code == 202


def test_the_trace_id_reaches_the_model(program: Program) -> None:
    with (
        slow_app(program, words=3) as (peer, console, app_id),
        program.service(create_app_key(console, app_id)) as client,
    ):
        question = {**QUESTION, "response_mode": "blocking"}
        answer = client.post("/chat-messages", json=question, headers={"X-Trace-Id": "trace-of-ada"})
        assert answer.headers["x-trace-id"] == "trace-of-ada"
        assert peer.traces == ["trace-of-ada"]


def test_a_key_begins_so_many_at_once(program: Program) -> None:
    with (
        slow_app(program, words=1000, pause=0.05) as (_, console, app_id),
        program.service(create_app_key(console, app_id, max_active_requests=1)) as limited,
        program.service(create_app_key(console, app_id)) as free,
    ):
        running = limited.post("/chat-messages", json=LATER).raise_for_status().json()
        assert_uniform(limited.post("/chat-messages", json=LATER), 429, "too_many_requests")
        assert free.post("/chat-messages", json=LATER).status_code == 202
        limited.post(f"/chat-messages/{running['task_id']}/stop", json={"user": "ada"}).raise_for_status()
        await_task(limited, running["task_id"])
        assert limited.post("/chat-messages", json=LATER).status_code == 202
