"""Webhooks: signed, told once for each run that ends, told again where the receiver was not there."""

import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from tests.journeys.graphs import end, graph, published_app, start, template
from tests.journeys.program import Program
from tests.journeys.receiver import Receiver, receiving
from tests.journeys.resources import assert_uniform, create_app, create_app_key

QUESTION = {"query": "Tell me a story", "user": "ada", "inputs": {}, "response_mode": "async"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks on a port of its own."""
    with receiving() as made:
        yield made


def create_webhook(console: httpx2.Client, app_id: str, url: str) -> dict[str, Any]:
    """Make a webhook and return it with its secret."""
    answer = console.post(f"/apps/{app_id}/webhooks", json={"url": url})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def await_delivery(console: httpx2.Client, path: str, status: str, attempts: int = 1) -> dict[str, Any]:
    """Wait until the newest delivery of a webhook stands as it should."""
    deadline = time.monotonic() + 60
    while True:
        log: list[dict[str, Any]] = console.get(f"{path}/deliveries").raise_for_status().json()["data"]
        if log and log[0]["status"] == status and log[0]["attempts"] >= attempts:
            return log[0]
        assert time.monotonic() < deadline, log
        time.sleep(0.05)


def test_the_end_of_a_run_is_told_and_signed(open_program: Program, owner: httpx2.Client, receiver: Receiver) -> None:
    app_id = create_app(owner)
    webhook = create_webhook(owner, app_id, receiver.url)
    path = f"/apps/{app_id}/webhooks/{webhook['id']}"
    with open_program.service(create_app_key(owner, app_id)) as client:
        headers = {"X-Trace-Id": "trace-of-ada"}
        task = client.post("/chat-messages", json=QUESTION, headers=headers).raise_for_status().json()
        [(headers, body)] = receiver.await_messages(1)
        told = Webhook(webhook["secret"]).verify(body, headers)
        kept = client.get(f"/tasks/{task['task_id']}", params={"user": "ada"}).raise_for_status().json()
    assert told == {**kept["result"], "status": "succeeded", "error": None}
    assert headers["x-trace-id"] == "trace-of-ada"
    with pytest.raises(WebhookVerificationError):
        Webhook(webhook["secret"]).verify(body + b" ", headers)
    delivery = await_delivery(owner, path, "delivered")
    assert delivery["task_id"] == task["task_id"]
    assert delivery["message_id"] == headers["webhook-id"]
    assert delivery["response_status"] == 204
    assert delivery["payload"].encode() == body


def test_the_end_of_a_workflows_run_is_told(open_program: Program, owner: httpx2.Client, receiver: Receiver) -> None:
    greeting = graph(
        [start("name"), template("greet", "Hello {{ name }}!", name=["start", "name"]), end(said=["greet", "output"])],
        "start>greet",
        "greet>end",
    )
    app_id = published_app(owner, "workflow", greeting)
    webhook = create_webhook(owner, app_id, receiver.url)
    with open_program.service(create_app_key(owner, app_id)) as client:
        asked = {"inputs": {"name": "Ada"}, "user": "ada", "response_mode": "async"}
        task = client.post("/workflows/run", json=asked).raise_for_status().json()
        [(headers, body)] = receiver.await_messages(1)
        told = Webhook(webhook["secret"]).verify(body, headers)
        kept = client.get(f"/tasks/{task['task_id']}", params={"user": "ada"}).raise_for_status().json()
    more = {"event": "workflow_finished", "mode": "workflow", "status": "succeeded", "error": None}
    assert told == {**kept["result"], **more}
    assert told["data"]["outputs"] == {"said": "Hello Ada!"}


def test_what_is_refused_is_told_again_under_the_same_id(owner: httpx2.Client, receiver: Receiver) -> None:
    app_id = create_app(owner)
    webhook = create_webhook(owner, app_id, receiver.url)
    path = f"/apps/{app_id}/webhooks/{webhook['id']}"
    receiver.statuses = [500]
    delivery = owner.post(f"{path}/test").raise_for_status().json()
    assert delivery["event"] == "webhook.test"
    first = await_delivery(owner, path, "pending", attempts=1)
    assert first["next_attempt_at"] is not None
    receiver.await_messages(2)
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 1
    await_delivery(owner, path, "delivered", attempts=2)
    again = owner.post(f"{path}/deliveries/{delivery['id']}/redeliver").raise_for_status().json()
    assert again["status"] == "pending"
    receiver.await_messages(3)
    assert receiver.received[2][1] == receiver.received[0][1]
    assert Webhook(webhook["secret"]).verify(receiver.received[2][1], receiver.received[2][0])


def test_both_secrets_sign_after_a_change(owner: httpx2.Client, receiver: Receiver) -> None:
    app_id = create_app(owner)
    webhook = create_webhook(owner, app_id, receiver.url)
    path = f"/apps/{app_id}/webhooks/{webhook['id']}"
    changed = owner.post(f"{path}/rotate-secret").raise_for_status().json()
    assert changed["secret"] != webhook["secret"]
    owner.post(f"{path}/test").raise_for_status()
    [(headers, body)] = receiver.await_messages(1)
    for secret in (webhook["secret"], changed["secret"]):
        Webhook(secret).verify(body, headers)


def test_a_receiver_that_is_gone_is_not_called_again(owner: httpx2.Client, receiver: Receiver) -> None:
    app_id = create_app(owner)
    webhook = create_webhook(owner, app_id, receiver.url)
    path = f"/apps/{app_id}/webhooks/{webhook['id']}"
    receiver.statuses = [410]
    owner.post(f"{path}/test").raise_for_status()
    assert await_delivery(owner, path, "failed")["response_status"] == 410
    assert owner.get(path).raise_for_status().json()["enabled"] is False
    changed = owner.patch(path, json={"enabled": True, "description": "Back"}).raise_for_status().json()
    assert (changed["enabled"], changed["description"], changed["secret"]) == (True, "Back", None)
    assert owner.delete(path).status_code == 204
    assert_uniform(owner.get(path), 404, "not_found")


def test_a_private_address_is_refused(console: httpx2.Client) -> None:
    app_id = create_app(console)
    refused = console.post(f"/apps/{app_id}/webhooks", json={"url": "http://169.254.169.254/latest"})
    assert_uniform(refused, 400, "egress_denied")
    assert console.get(f"/apps/{app_id}/webhooks").raise_for_status().json() == {"data": []}
