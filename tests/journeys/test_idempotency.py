"""Requests that are sent twice under one Idempotency-Key."""

import asyncio
import socket
from urllib.parse import urlsplit

import httpx2
import pytest

from models import account
from models.database import Database
from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.resources import (
    assert_uniform,
    create_app,
    create_app_key,
    create_dataset,
    create_workspace_key,
    events,
)

QUESTION = {"query": "Hello?", "user": "ada", "inputs": {}}


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def upload(client: httpx2.Client, content: bytes, key: str, name: str = "note.txt") -> httpx2.Response:
    parts = {"file": (name, content, "text/plain")}
    return client.post("/files/upload", data={"user": "ada"}, files=parts, headers=keyed(key))


def test_a_repeat_says_that_it_is_one_and_makes_nothing(console: httpx2.Client) -> None:
    body = {"name": "Made once", "mode": "chat"}
    first = console.post("/apps", json=body, headers=keyed("app-1"))
    again = console.post("/apps", json=body, headers=keyed("app-1"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert console.get("/apps", params={"name": "Made once"}).json()["total"] == 1


def test_the_order_of_fields_does_not_matter_and_their_values_do(console: httpx2.Client) -> None:
    first = console.post("/apps", json={"name": "Ordered", "mode": "chat"}, headers=keyed("app-2"))
    again = console.post("/apps", json={"mode": "chat", "name": "Ordered"}, headers=keyed("app-2"))
    assert again.json()["id"] == first.json()["id"]
    other = console.post("/apps", json={"name": "Ordered", "mode": "completion"}, headers=keyed("app-2"))
    assert_uniform(other, 409, "idempotency_key_in_use")


def test_a_refused_request_may_be_sent_again(console: httpx2.Client) -> None:
    dataset_id = create_dataset(console)
    taken = console.get(f"/datasets/{dataset_id}").json()["name"]
    refused = console.post("/datasets", json={"name": taken}, headers=keyed("dataset-1"))
    assert refused.status_code == 409
    assert refused.json()["code"] == "dataset_name_duplicate"
    console.delete(f"/datasets/{dataset_id}")
    assert console.post("/datasets", json={"name": taken}, headers=keyed("dataset-1")).status_code == 201


def test_uploads_are_compared_by_their_content(app_client: httpx2.Client) -> None:
    first = upload(app_client, b"one", "upload-1")
    assert first.status_code == 201
    assert upload(app_client, b"one", "upload-1").json()["id"] == first.json()["id"]
    assert_uniform(upload(app_client, b"two", "upload-1"), 409, "idempotency_key_in_use")
    assert_uniform(upload(app_client, b"one", "upload-1", "other.txt"), 409, "idempotency_key_in_use")


def test_the_repeat_of_a_stream_joins_its_run(app_client: httpx2.Client) -> None:
    asked = {**QUESTION, "response_mode": "streaming"}
    seen = []
    for _ in range(2):
        with app_client.stream("POST", "/chat-messages", json=asked, headers=keyed("stream-1")) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            seen.append(list(events(answer)))
    first, again = seen
    assert {event["task_id"] for event in first} == {event["task_id"] for event in again}
    assert again[-1]["event"] == "message_end"
    text = ["".join(event.get("answer", "") for event in run) for run in seen]
    assert text[0] == text[1]


def test_the_repeat_of_a_waited_for_answer_is_that_answer(app_client: httpx2.Client) -> None:
    asked = {**QUESTION, "response_mode": "blocking"}
    first = app_client.post("/chat-messages", json=asked, headers=keyed("wait-1")).raise_for_status().json()
    assert app_client.post("/chat-messages", json=asked, headers=keyed("wait-1")).json() == first


def test_one_key_means_two_requests_for_two_callers(program: Program, console: httpx2.Client) -> None:
    workspace_key = create_workspace_key(console)
    answers = []
    for app_id in (create_app(console), create_app(console)):
        with program.service(workspace_key) as client:
            headers = {**keyed("shared"), "X-App-Id": app_id}
            answers.append(client.post("/chat-messages", json=QUESTION, headers=headers).raise_for_status().json())
    assert answers[0]["conversation_id"] != answers[1]["conversation_id"]


def test_the_secret_of_a_key_is_not_told_again(console: httpx2.Client, app_id: str) -> None:
    for path, body in (
        (f"/apps/{app_id}/api-keys", None),
        ("/datasets/api-keys", None),
        ("/api-keys", {"name": "Back office"}),
    ):
        before = len(console.get(path).json()["data"])
        assert console.post(path, json=body, headers=keyed("secret-1")).status_code == 201
        repeated = console.post(path, json=body, headers=keyed("secret-1"))
        assert_uniform(repeated, 409, "idempotency_key_in_use")
        assert "token" not in repeated.text.replace("tokens", "")
        assert len(console.get(path).json()["data"]) == before + 1


@pytest.mark.parametrize("key", ["", "with space", "x" * 256])
def test_a_key_of_another_form_is_refused(console: httpx2.Client, key: str) -> None:
    refused = console.post("/apps", json={"name": "Never", "mode": "chat"}, headers=keyed(key))
    body = assert_uniform(refused, 400, "invalid_param")
    assert body["details"][0]["field"] == "Idempotency-Key"


def test_requests_with_a_key_count_like_others(program: Program, console: httpx2.Client) -> None:
    app_id = create_app(console)
    console.put(f"/apps/{app_id}", json={"api_rpm": 4}).raise_for_status()
    with program.service(create_app_key(console, app_id)) as client:
        answered = client.post("/chat-messages", json=QUESTION, headers=keyed("counted"))
        assert answered.headers["x-ratelimit-remaining"] == "3"
        broken = client.post(
            "/chat-messages", content=b"{", headers={**keyed("counted-2"), "Content-Type": "application/json"}
        )
        assert_uniform(broken, 400, "invalid_json")
        assert broken.headers["x-ratelimit-remaining"] == "2"
        assert upload(client, b"one", "counted-3").headers["x-ratelimit-remaining"] == "1"
        assert client.post("/chat-messages", json=QUESTION, headers=keyed("counted")).status_code == 200
        assert_uniform(
            client.post("/chat-messages", json=QUESTION, headers=keyed("counted")), 429, "rate_limit_exceeded"
        )


def test_a_form_past_the_limit_is_refused_before_it_is_read(program: Program, console: httpx2.Client) -> None:
    app_id = create_app(console)
    console.put(f"/apps/{app_id}", json={"api_rpm": 1}).raise_for_status()
    key = create_app_key(console, app_id)
    with program.service(key) as client:
        client.get("/info").raise_for_status()
    address = urlsplit(program.url)
    head = [
        "POST /v1/files/upload HTTP/1.1",
        f"Host: {address.netloc}",
        f"Authorization: Bearer {key}",
        "Content-Type: multipart/form-data; boundary=x",
        "Content-Length: 50000000",
        "Idempotency-Key: large",
    ]
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=30) as connection:
        connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n--x\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 429")


def test_an_account_that_changes_its_workspace_begins_anew(program: Program) -> None:
    person = new_owner(program)

    async def join_another() -> str:
        database = Database(program.database_url, 1)
        try:
            async with database.system() as system:
                found = await account.get(system, person.account_id)
                return (await account.create_workspace(system, name="Second", owner=found)).id
        finally:
            await database.close()

    body = {"name": "Mine", "mode": "chat"}
    with person.console(program) as client:
        first = client.post("/apps", json=body, headers=keyed("moving")).raise_for_status().json()
    asyncio.run(join_another())
    with person.console(program) as client:
        second = client.post("/apps", json=body, headers=keyed("moving")).raise_for_status().json()
        assert second["id"] != first["id"]
        assert client.get(f"/apps/{second['id']}").status_code == 200
