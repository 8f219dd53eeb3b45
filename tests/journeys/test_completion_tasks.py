"""Runs of completion apps as jobs: followed, joined again, told from the database, stopped, and asked for twice."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from llmock.pytest_plugin import LLMock

from tests.journeys.connected import connect_model
from tests.journeys.frames import Frames, follow, frames
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app, create_app_key, events
from tests.journeys.stated_events import stated
from tests.journeys.test_tasks import await_task
from workers.event_log.entries import envelope_key, stream_key
from workers.event_log.hub import IDLE_SECONDS, SETTLED_AFTER_POLLS
from workers.rq.connection import connect

PATH = "/completion-messages"
ASKED = {"inputs": {"query": "Write a line"}, "user": "ada"}


@pytest.fixture(scope="module")
def writer(program: Program, console: httpx2.Client, llmock_server: Any) -> Iterator[httpx2.Client]:
    """A Service client of a completion app that a connected model answers."""
    app_id = create_app(console, mode="completion")
    model = {**connect_model(console, llmock_server.base_url("openai")), "mode": "chat"}
    console.post(f"/apps/{app_id}/model-config", json={"model": model}).raise_for_status()
    with program.service(create_app_key(console, app_id)) as client:
        yield client


def ask(client: httpx2.Client, mode: str, **headers: str) -> httpx2.Response:
    """Ask for a text in a response mode, and read the whole answer."""
    return client.post(PATH, json={**ASKED, "response_mode": mode}, headers=headers).raise_for_status()


def joined(client: httpx2.Client, task_id: str, after: str | None = None) -> Frames:
    """Join a run's stream, whose events follow their schema."""
    read = follow(client, task_id, after, path=PATH)
    for event in read.events:
        stated(event, "CompletionEvent")
    return read


def text_of(received: list[dict[str, Any]]) -> str:
    """Return the text that some events hold."""
    return "".join(event["answer"] for event in received if event["event"] == "message")


def forget_log(program: Program, task_id: str) -> None:
    """Take the events of a run away, as their lifetime does."""
    with closing(connect(program.redis_url)) as redis:
        assert redis.delete(stream_key(task_id), envelope_key(task_id)) == 2


def test_a_text_begun_without_waiting_is_followed(program: Program, writer: httpx2.Client, llmock: LLMock) -> None:
    text = " ".join(f"word{number}" for number in range(30))
    llmock.pace(100).reply(text)
    task = ask(writer, "async").json()
    assert task["conversation_id"] is None
    whole = joined(writer, task["task_id"])
    assert whole.text() == text
    assert whole.events[-1]["event"] == "message_end"
    seen = len(whole.ids) // 2  # a reader who comes late gets the text in few pieces
    rest = joined(writer, task["task_id"], whole.ids[seen - 1])
    assert rest.ids[-1] == whole.ids[-1]
    assert rest.events[-1] == whole.events[-1]
    assert text_of(whole.events[:seen]) + rest.text() == text
    assert await_task(writer, task["task_id"])["result"]["answer"] == text
    forget_log(program, task["task_id"])
    told = joined(writer, task["task_id"], whole.ids[seen - 1])
    assert [event["event"] for event in told.events] == ["message_replace", "message_end"]
    assert told.events[0]["answer"] == text
    assert told.events[1]["metadata"] == whole.events[-1]["metadata"]
    assert joined(writer, task["task_id"], told.ids[-1]).events == []


def test_the_stream_of_a_failed_text_ends_with_its_reason(
    program: Program, writer: httpx2.Client, llmock: LLMock
) -> None:
    llmock.fail(400, message="no such thing")
    task = ask(writer, "async").json()
    [beginning, live] = joined(writer, task["task_id"]).events
    assert (beginning["event"], beginning["answer"]) == ("message", "")
    assert (live["event"], live["code"], live["status"]) == ("error", "completion_request_error", 400)
    forget_log(program, task["task_id"])
    assert joined(writer, task["task_id"]).events == [live]


def test_a_text_is_stopped(writer: httpx2.Client, llmock: LLMock) -> None:
    llmock.pace(50).reply(" ".join(f"word{number}" for number in range(1_000)))
    with writer.stream("POST", PATH, json={**ASKED, "response_mode": "streaming"}) as response:
        read = Frames()
        for line in response.iter_lines():
            if line.startswith("data:"):
                read.events.append(httpx2.Response(200, content=line[5:]).json())
                if len(read.events) == 3:
                    path = f"{PATH}/{read.events[0]['task_id']}/stop"
                    writer.post(path, json={"user": "eve"}).raise_for_status()
                    writer.post(path, json={"user": "ada"}).raise_for_status()
    for event in read.events:
        stated(event, "CompletionEvent")
    assert read.events[-1]["event"] == "message_end"
    task = await_task(writer, read.events[0]["task_id"])
    assert (task["status"], task["result"]["answer"]) == ("stopped", read.text())
    assert read.text().startswith("word0")


def test_a_task_is_followed_by_its_own_person_and_path(writer: httpx2.Client, llmock: LLMock) -> None:
    llmock.reply("Mine.")
    task_id = ask(writer, "async").json()["task_id"]
    await_task(writer, task_id)
    assert_uniform(writer.get(f"{PATH}/{task_id}/events", params={"user": "eve"}), 404, "not_found")
    assert_uniform(writer.get(f"/chat-messages/{task_id}/events", params={"user": "ada"}), 400, "not_chat_app")


@pytest.mark.parametrize("mode", ["blocking", "streaming", "async"])
def test_a_request_that_is_sent_twice_begins_one_run(writer: httpx2.Client, llmock: LLMock, mode: str) -> None:
    llmock.reply("Once only.")
    key = {"Idempotency-Key": uuid4().hex}
    first, again = ask(writer, mode, **key), ask(writer, mode, **key)
    told = [one.json() if mode != "streaming" else list(events(one))[-1] for one in (first, again)]
    assert told[0] == told[1]
    assert (first.status_code, again.status_code) == ((202, 202) if mode == "async" else (200, 200))
    assert again.headers["idempotent-replayed"] == "true"
    await_task(writer, told[0]["task_id"])
    assert len(llmock.requests) == 1
    other = writer.post(PATH, json={**ASKED, "inputs": {"query": "Another"}, "response_mode": mode}, headers=key)
    assert_uniform(other, 409, "idempotency_key_in_use")


def test_the_repeat_of_a_stream_whose_log_is_gone_is_answered_at_once(
    program: Program, writer: httpx2.Client, llmock: LLMock
) -> None:
    llmock.reply("Once only.")
    key = {"Idempotency-Key": uuid4().hex}
    with writer.stream("POST", PATH, json={**ASKED, "response_mode": "streaming"}, headers=key) as response:
        first = frames(response)
    forget_log(program, first.events[0]["task_id"])
    asked = time.monotonic()
    with writer.stream("POST", PATH, json={**ASKED, "response_mode": "streaming"}, headers=key) as response:
        again = frames(response)
    assert time.monotonic() - asked < IDLE_SECONDS * SETTLED_AFTER_POLLS * 0.9, "it is looked for before it is missed"
    assert [event["event"] for event in again.events] == ["message", "message_end"]
    assert again.text() == first.text()
    assert again.events[-1] == first.events[-1]
    assert again.ids == []


def test_streams_tell_how_many_requests_are_left(
    program: Program, console: httpx2.Client, llmock_server: Any, llmock: LLMock
) -> None:
    app_id = create_app(console, mode="completion")
    model = connect_model(console, llmock_server.base_url("openai"))
    console.post(f"/apps/{app_id}/model-config", json={"model": model}).raise_for_status()
    console.put(f"/apps/{app_id}", json={"name": "Scarce", "api_rpm": 3}).raise_for_status()
    llmock.reply("One.").reply("Two.").reply("Three.")
    with program.service(create_app_key(console, app_id)) as client:
        for mode, left in (("streaming", "2"), ("blocking", "1"), ("async", "0")):
            answered = ask(client, mode)
            assert answered.headers["x-ratelimit-limit"] == "3"
            assert answered.headers["x-ratelimit-remaining"] == left
            assert 0 < int(answered.headers["x-ratelimit-reset"]) <= 60
        late = client.post(PATH, json={**ASKED, "response_mode": "streaming"})
    assert_uniform(late, 429, "rate_limit_exceeded")
    assert 0 < int(late.headers["retry-after"]) <= 60
    deadline = time.monotonic() + 60
    while len(llmock.requests) < 3:  # the last run may begin late, and would take the answer of another test
        assert time.monotonic() < deadline
        time.sleep(0.05)
