"""What administrators do with an app's answers: rate, correct, switch the reply, try inputs, listen."""

import httpx2
import pytest

from tests.journeys.resources import assert_uniform, create_app

UNKNOWN = "0193f0a2-6d1c-7c5e-9a57-2f0d6c6f0c01"


@pytest.fixture(scope="module")
def message(app_client: httpx2.Client) -> dict[str, str]:
    """An answer to somebody."""
    body = {"query": "How long is the warranty?", "inputs": {}, "user": "ada"}
    return dict(app_client.post("/chat-messages", json=body).raise_for_status().json())


def test_an_answer_is_read_rated_and_corrected(
    console: httpx2.Client, app_id: str, app_client: httpx2.Client, message: dict[str, str]
) -> None:
    path = f"/apps/{app_id}"
    shown = console.get(f"{path}/messages/{message['message_id']}").raise_for_status().json()
    assert shown["query"] == "How long is the warranty?"
    params = {"conversation_id": message["conversation_id"]}
    listed = console.get(f"{path}/chat-messages", params=params).raise_for_status().json()
    assert [row["id"] for row in listed["data"]] == [message["message_id"]]
    rating = {"message_id": message["message_id"], "rating": "dislike"}
    assert console.post(f"{path}/feedbacks", json=rating).json() == {"result": "success"}
    assert app_client.get("/app/feedbacks").json()["data"][0]["from_source"] == "admin"
    note = {"question": "How long?", "answer": "Two years.", "message_id": message["message_id"]}
    first = console.post(f"{path}/annotations", json=note).raise_for_status().json()
    again = console.post(f"{path}/annotations", json={**note, "answer": "Three years."}).raise_for_status().json()
    assert (again["id"], again["answer"]) == (first["id"], "Three years.")
    assert console.get(f"{path}/annotations/count").json() == {"count": 1}
    assert console.get(f"{path}/annotations/export").json()["data"] == [again]
    assert console.get(f"{path}/annotations/{first['id']}/hit-histories").json()["total"] == 0
    assert console.get(f"{path}/annotation-setting").json() == {"enabled": False}
    assert_uniform(
        console.post(f"{path}/annotation-settings/{UNKNOWN}", json={"score_threshold": 0.5}), 404, "not_found"
    )
    assert console.delete(f"{path}/annotations").status_code == 204
    assert console.get(f"{path}/annotations").json()["total"] == 0


def test_an_app_that_answers_once_can_be_tried(console: httpx2.Client, app_id: str) -> None:
    writer = create_app(console, mode="completion")
    body = {"inputs": {"query": "Say hello"}, "response_mode": "blocking"}
    tried = console.post(f"/apps/{writer}/completion-messages", json=body)
    assert (tried.status_code, tried.json()["mode"]) == (200, "completion")
    assert_uniform(console.post(f"/apps/{app_id}/completion-messages", json=body), 400, "not_completion_app")
    assert console.get(f"/apps/{writer}/text-to-audio/voices").json()[0] == {"name": "Alloy", "value": "alloy"}


def test_an_extension_within_the_network_is_refused(console: httpx2.Client) -> None:
    body = {"name": "Word check", "api_endpoint": "http://127.0.0.1:1/check", "api_key": "key-of-the-service"}
    refused = assert_uniform(console.post("/api-based-extension", json=body), 400, "completion_request_error")
    assert "not a public one" in refused["message"]
    assert console.get("/api-based-extension").json() == []
