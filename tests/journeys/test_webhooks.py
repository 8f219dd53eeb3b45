"""Webhooks: signed, told once for each run that ends, told again where the receiver was not there."""

import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from tests.journeys.people import new_owner
from tests.journeys.program import Program, running
from tests.journeys.receiver import Receiver, receiving
from tests.journeys.resources import assert_uniform, create_app, create_app_key
from tests.services import Services

QUESTION = {"query": "Tell me a story", "user": "ada", "inputs": {}, "response_mode": "async"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks on a port of its own."""
    with receiving() as made:
        yield made


@pytest.fixture(scope="module")
def open_program(shared_services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A program that may call this machine."""
    environment = {
        "DATABASE_URL": shared_services.migrated_database(),
        "REDIS_URL": shared_services.new_redis(),
        "SSRF_ALLOW_CIDRS": "127.0.0.0/8",
    }
    with running(tmp_path_factory.mktemp("open"), **environment) as started:
        yield started


@pytest.fixture(scope="module")
def open_console(open_program: Program) -> Iterator[httpx2.Client]:
    """A Console client of that program."""
    with new_owner(open_program).console(open_program) as client:
        yield client


def create_webhook(console: httpx2.Client, app_id: str, url: str) -> dict[str, Any]:
    """Make a webhook and return it with its secret."""
    answer = console.post(f"/apps/{app_id}/webhooks", json={"url": url})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def await_delivery(console: httpx2.Client, path: str, status: str, attempts: int = 1) -> dict[str, Any]:
    """Wait until the newest delivery of a webhook stands as it should."""
    deadline = time.monotonic() + 20
    while True:
        log: list[dict[str, Any]] = console.get(f"{path}/deliveries").raise_for_status().json()["data"]
        if log and log[0]["status"] == status and log[0]["attempts"] >= attempts:
            return log[0]
        assert time.monotonic() < deadline, log
        time.sleep(0.05)


def test_the_end_of_a_run_is_told_and_signed(
    open_program: Program, open_console: httpx2.Client, receiver: Receiver
) -> None:
    app_id = create_app(open_console)
    webhook = create_webhook(open_console, app_id, receiver.url)
    path = f"/apps/{app_id}/webhooks/{webhook['id']}"
    with open_program.service(create_app_key(open_console, app_id)) as client:
        headers = {"X-Trace-Id": "trace-of-ada"}
        task = client.post("/chat-messages", json=QUESTION, headers=headers).raise_for_status().json()
        [(headers, body)] = receiver.await_messages(1)
        told = Webhook(webhook["secret"]).verify(body, headers)
        kept = client.get(f"/tasks/{task['task_id']}", params={"user": "ada"}).raise_for_status().json()
    assert told == {**kept["result"], "status": "succeeded", "error": None}
    assert headers["x-trace-id"] == "trace-of-ada"
    with pytest.raises(WebhookVerificationError):
        Webhook(webhook["secret"]).verify(body + b" ", headers)
    delivery = await_delivery(open_console, path, "delivered")
    assert delivery["task_id"] == task["task_id"]
    assert delivery["message_id"] == headers["webhook-id"]
    assert delivery["response_status"] == 204
    assert delivery["payload"].encode() == body


def test_what_is_refused_is_told_again_under_the_same_id(open_console: httpx2.Client, receiver: Receiver) -> None:
    app_id = create_app(open_console)
    webhook = create_webhook(open_console, app_id, receiver.url)
    path = f"/apps/{app_id}/webhooks/{webhook['id']}"
    receiver.statuses = [500]
    delivery = open_console.post(f"{path}/test").raise_for_status().json()
    assert delivery["event"] == "webhook.test"
    first = await_delivery(open_console, path, "pending", attempts=1)
    assert first["next_attempt_at"] is not None
    receiver.await_messages(2)
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 1
    await_delivery(open_console, path, "delivered", attempts=2)
    again = open_console.post(f"{path}/deliveries/{delivery['id']}/redeliver").raise_for_status().json()
    assert again["status"] == "pending"
    receiver.await_messages(3)
    assert receiver.received[2][1] == receiver.received[0][1]
    assert Webhook(webhook["secret"]).verify(receiver.received[2][1], receiver.received[2][0])


def test_both_secrets_sign_after_a_change(open_console: httpx2.Client, receiver: Receiver) -> None:
    app_id = create_app(open_console)
    webhook = create_webhook(open_console, app_id, receiver.url)
    path = f"/apps/{app_id}/webhooks/{webhook['id']}"
    changed = open_console.post(f"{path}/rotate-secret").raise_for_status().json()
    assert changed["secret"] != webhook["secret"]
    open_console.post(f"{path}/test").raise_for_status()
    [(headers, body)] = receiver.await_messages(1)
    for secret in (webhook["secret"], changed["secret"]):
        Webhook(secret).verify(body, headers)


def test_a_receiver_that_is_gone_is_not_called_again(open_console: httpx2.Client, receiver: Receiver) -> None:
    app_id = create_app(open_console)
    webhook = create_webhook(open_console, app_id, receiver.url)
    path = f"/apps/{app_id}/webhooks/{webhook['id']}"
    receiver.statuses = [410]
    open_console.post(f"{path}/test").raise_for_status()
    assert await_delivery(open_console, path, "failed")["response_status"] == 410
    assert open_console.get(path).raise_for_status().json()["enabled"] is False
    changed = open_console.patch(path, json={"enabled": True, "description": "Back"}).raise_for_status().json()
    assert (changed["enabled"], changed["description"], changed["secret"]) == (True, "Back", None)
    assert open_console.delete(path).status_code == 204
    assert_uniform(open_console.get(path), 404, "not_found")


def test_a_private_address_is_refused(console: httpx2.Client) -> None:
    app_id = create_app(console)
    refused = console.post(f"/apps/{app_id}/webhooks", json={"url": "http://169.254.169.254/latest"})
    assert_uniform(refused, 400, "egress_denied")
    assert console.get(f"/apps/{app_id}/webhooks").raise_for_status().json() == {"data": []}
