"""Streams: their events, their order, their end."""

import time
from collections.abc import Iterator
from typing import Any

import httpx2
import jsonschema_rs
import pytest
from llmock.pytest_plugin import LLMock

from parley.bundle import bundle
from tests.journeys.connected import connect_model
from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.resources import create_app, create_app_key, events

QUESTION = {"query": "Tell me a story", "user": "ada", "response_mode": "streaming", "inputs": {}}


def validator(name: str) -> jsonschema_rs.Draft4Validator:
    """Return a validator of one event schema of the Service document."""
    reference = {"$ref": f"#/components/schemas/{name}", "components": bundle("service")["components"]}
    return jsonschema_rs.Draft4Validator(reference)


@pytest.fixture(scope="module")
def connected(program: Program, console: httpx2.Client, llmock_server: Any) -> Iterator[httpx2.Client]:
    """A Service client of a chat app that a connected model answers."""
    model = connect_model(console, llmock_server.base_url("openai"))
    app_id = create_app(console)
    console.post(f"/apps/{app_id}/model-config", json={"model": model}).raise_for_status()
    with program.service(create_app_key(console, app_id)) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "mode", "schema"),
    [("/chat-messages", "chat", "ChatEvent"), ("/completion-messages", "completion", "CompletionEvent")],
)
def test_every_event_follows_its_schema(
    program: Program, console: httpx2.Client, path: str, mode: str, schema: str
) -> None:
    check = validator(schema)
    request = {**QUESTION, "inputs": {"query": "Tell me a story"}}
    with (
        program.service(create_app_key(console, create_app(console, mode=mode))) as client,
        client.stream("POST", path, json=request) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-cache"
        assert response.headers["x-accel-buffering"] == "no"
        received = list(events(response))
    for event in received:
        check.validate(event)
    assert [event["event"] for event in received][-1] == "message_end"
    assert {event["event"] for event in received[:-1]} == {"message"}
    assert len({(event["task_id"], event["message_id"]) for event in received}) == 1


def test_a_connected_model_is_streamed_and_its_usage_counted(connected: httpx2.Client, llmock: LLMock) -> None:
    llmock.reply("The kettle sang all night.")
    with connected.stream("POST", "/chat-messages", json=QUESTION) as response:
        received = list(events(response))
    assert "".join(event["answer"] for event in received[:-1]) == "The kettle sang all night."
    usage = received[-1]["metadata"]["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 0
    assert llmock.last_request.path.endswith("/chat/completions")


def test_a_question_remembers_the_conversation(connected: httpx2.Client, llmock: LLMock) -> None:
    llmock.reply("My name is Meridian.")
    first = connected.post("/chat-messages", json={**QUESTION, "response_mode": "blocking"}).raise_for_status().json()
    second = {**QUESTION, "query": "And yours?", "conversation_id": first["conversation_id"]}
    connected.post("/chat-messages", json={**second, "response_mode": "blocking"}).raise_for_status()
    sent = [message["content"] for message in llmock.last_request.body["messages"]]
    assert sent[-3:] == ["Tell me a story", "My name is Meridian.", "And yours?"]


def test_a_stopped_run_keeps_its_partial_answer(connected: httpx2.Client, llmock: LLMock) -> None:
    words = [f"word{number}" for number in range(1_000)]
    llmock.pace(50).reply(" ".join(words))
    with connected.stream("POST", "/chat-messages", json=QUESTION) as response:
        stream = events(response)
        begun = [next(stream) for _ in range(3)]
        stopped = connected.post(f"/chat-messages/{begun[0]['task_id']}/stop", json={"user": "ada"})
        assert stopped.json() == {"result": "success"}
        rest = list(stream)
    streamed = "".join(event["answer"] for event in [*begun, *rest] if event["event"] == "message")
    kept = connected.get(f"/messages/{begun[0]['message_id']}", params={"user": "ada"}).raise_for_status().json()
    assert kept["answer"] == streamed
    assert streamed.startswith(words[0])
    assert words[-1] not in streamed


def test_somebody_else_cannot_stop_a_run(connected: httpx2.Client, llmock: LLMock) -> None:
    text = " ".join(f"word{number}" for number in range(20))
    llmock.pace(50).reply(text)
    with connected.stream("POST", "/chat-messages", json=QUESTION) as response:
        stream = events(response)
        begun = next(stream)
        connected.post(f"/chat-messages/{begun['task_id']}/stop", json={"user": "eve"}).raise_for_status()
        received = [begun, *stream]
    assert "".join(event["answer"] for event in received if event["event"] == "message") == text


@pytest.mark.parametrize("mode", ["chat", "completion"])
def test_a_stranger_cannot_stop_what_an_administrator_tries(
    program: Program, console: httpx2.Client, llmock_server: Any, llmock: LLMock, mode: str
) -> None:
    app_id = create_app(console, mode=mode)
    model = connect_model(console, llmock_server.base_url("openai"))
    text = " ".join(f"word{number}" for number in range(20))
    llmock.pace(50).reply(text)
    body = {"query": "Tell me a story", "inputs": {}, "response_mode": "streaming", "model_config": {"model": model}}
    with new_owner(program).console(program) as stranger:
        own_id = create_app(stranger, mode=mode)
        with console.stream("POST", f"/apps/{app_id}/{mode}-messages", json=body) as response:
            stream = events(response)
            begun = next(stream)
            stop = f"{mode}-messages/{begun['task_id']}/stop"
            assert stranger.post(f"/apps/{own_id}/{stop}").json() == {"result": "success"}
            assert stranger.post(f"/apps/{app_id}/{stop}").status_code == 404
            received = [begun, *stream]
    assert "".join(event["answer"] for event in received if event["event"] == "message") == text


def test_a_reader_who_leaves_changes_nothing(connected: httpx2.Client, llmock: LLMock) -> None:
    text = " ".join(f"word{number}" for number in range(20))
    llmock.pace(50).reply(text)
    with connected.stream("POST", "/chat-messages", json=QUESTION) as response:
        begun = next(events(response))
    deadline = time.monotonic() + 60
    while True:
        kept = connected.get(f"/messages/{begun['message_id']}", params={"user": "ada"}).raise_for_status().json()
        if kept["answer"] == text:
            break
        assert time.monotonic() < deadline, kept
        time.sleep(0.1)


def test_an_agent_does_not_answer_in_one_piece(program: Program, console: httpx2.Client) -> None:
    with program.service(create_app_key(console, create_app(console, mode="agent-chat"))) as client:
        refused = client.post("/chat-messages", json={**QUESTION, "response_mode": "blocking"})
    assert refused.status_code == 400
    assert refused.json()["code"] == "invalid_param"


def test_an_app_of_another_mode_is_refused(program: Program, console: httpx2.Client) -> None:
    with program.service(create_app_key(console, create_app(console, mode="completion"))) as client:
        assert client.post("/chat-messages", json=QUESTION).json()["code"] == "not_chat_app"
    with program.service(create_app_key(console, create_app(console))) as client:
        assert client.post("/completion-messages", json=QUESTION).json()["code"] == "not_completion_app"
