"""What a caller is told when the model's provider fails, streamed and in one piece."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from llmock.pytest_plugin import LLMock

from tests.journeys.connected import KEY, connect_model
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app, create_app_key, events

QUESTION = {"query": "Hello?", "user": "ada", "inputs": {}}
Fault = Callable[[LLMock], object]

FAULTS: dict[str, tuple[Fault, int, str]] = {
    "a key that it refuses": (
        lambda peer: peer.fail(401, times=None, message=f"Incorrect API key provided: {KEY}"),
        400,
        "completion_request_error",
    ),
    "a limit that stays": (lambda peer: peer.rate_limit(times=None, retry_after=0.1), 429, "rate_limit_error"),
    "a spent quota": (
        lambda peer: peer.fail(429, times=None, code="insufficient_quota", message="You exceeded your current quota"),
        400,
        "provider_quota_exceeded",
    ),
    "an outage": (lambda peer: peer.outage(status=500), 400, "completion_request_error"),
    "a model that it does not have": (
        lambda peer: peer.fail(404, times=None, message="The model does not exist"),
        400,
        "model_currently_not_support",
    ),
    "a question that is too long": (
        lambda peer: peer.context_overflow(times=None),
        400,
        "completion_request_error",
    ),
}


@pytest.fixture(scope="module")
def connected(program: Program, console: httpx2.Client, llmock_server: Any) -> Iterator[httpx2.Client]:
    """A Service client of a chat app that the peer answers."""
    model = connect_model(console, llmock_server.base_url("openai"))
    app_id = create_app(console)
    console.post(f"/apps/{app_id}/model-config", json={"model": model}).raise_for_status()
    with program.service(create_app_key(console, app_id)) as client:
        yield client


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_failure_in_one_piece_has_its_own_code(connected: httpx2.Client, llmock: LLMock, name: str) -> None:
    fault, status, code = FAULTS[name]
    fault(llmock)
    answer = connected.post("/chat-messages", json={**QUESTION, "response_mode": "blocking"})
    assert_uniform(answer, status, code)
    assert KEY not in answer.text


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_streamed_failure_is_the_last_event(connected: httpx2.Client, llmock: LLMock, name: str) -> None:
    fault, status, code = FAULTS[name]
    fault(llmock)
    with connected.stream("POST", "/chat-messages", json={**QUESTION, "response_mode": "streaming"}) as response:
        assert response.status_code == 200
        received = list(events(response))
    *before, failure = received
    assert all(event["event"] == "message" and event["answer"] == "" for event in before)
    assert (failure["event"], failure["status"], failure["code"]) == ("error", status, code)
    assert KEY not in failure["message"]
    kept = connected.get(f"/messages/{failure['message_id']}", params={"user": "ada"}).raise_for_status().json()
    assert kept["status"] == "error"
    assert kept["error"]


@pytest.mark.parametrize("kind", ["truncate", "disconnect", "corrupt"])
def test_a_stream_that_breaks_off_is_an_error_and_keeps_what_came(
    connected: httpx2.Client, llmock: LLMock, kind: str
) -> None:
    llmock.reply("One two three four five six seven eight nine ten.", times=None)
    getattr(llmock, kind)(after_chunks=3, times=None)
    with connected.stream("POST", "/chat-messages", json={**QUESTION, "response_mode": "streaming"}) as response:
        received = list(events(response))
    assert received[-1]["event"] == "error"
    assert received[-1]["code"] == "completion_request_error"
    streamed = "".join(event["answer"] for event in received[:-1])
    message_id = received[-1]["message_id"]
    kept = connected.get(f"/messages/{message_id}", params={"user": "ada"}).raise_for_status().json()
    assert kept["answer"] == streamed


def test_a_provider_that_stumbles_once_is_asked_again(connected: httpx2.Client, llmock: LLMock) -> None:
    llmock.fail(503).rate_limit(retry_after=0.1).reply("Here I am.")
    answer = connected.post("/chat-messages", json={**QUESTION, "response_mode": "blocking"}).raise_for_status()
    assert answer.json()["answer"] == "Here I am."
    llmock.assert_resilient()


def test_credentials_that_do_not_work_are_not_kept(console: httpx2.Client, llmock: LLMock) -> None:
    llmock.fail(401, times=None, message="Incorrect API key provided")
    path = "/workspaces/current/model-providers/openai_api_compatible/credentials"
    credentials = {"endpoint_url": llmock.base_url("openai"), "api_key": "wrong"}
    refused = console.post(path, json={"credentials": credentials})
    assert_uniform(refused, 400, "credentials_validation_failed")
    tried = console.post(f"{path}/validate", json={"credentials": credentials}).raise_for_status()
    assert tried.json()["result"] == "error"


def test_a_secret_is_masked_when_credentials_are_read(console: httpx2.Client, connected: httpx2.Client) -> None:
    read = console.get("/workspaces/current/model-providers/openai_api_compatible/credentials").raise_for_status()
    assert KEY not in read.text


def test_a_provider_is_shown_as_spent_until_it_answers_again(
    console: httpx2.Client, connected: httpx2.Client, llmock: LLMock
) -> None:
    def status() -> str:
        listed = console.get("/workspaces/current/model-providers").raise_for_status().json()["data"]
        return next(str(one["status"]) for one in listed if one["provider"] == "openai_api_compatible")

    asked = {**QUESTION, "response_mode": "blocking"}
    llmock.reply("Hello.", times=1)
    connected.post("/chat-messages", json=asked).raise_for_status()
    assert status() == "active"
    FAULTS["a spent quota"][0](llmock)
    assert connected.post("/chat-messages", json=asked).status_code == 400
    assert status() == "quota-exceeded"
    llmock.reset()
    llmock.reply("Hello again.", times=None)
    connected.post("/chat-messages", json=asked).raise_for_status()
    assert status() == "active"
