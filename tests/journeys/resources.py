"""Things that journeys need, made over HTTP in one call each."""

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2

WAIT_SECONDS = 90.0
NEAR_SECONDS = 45.0


def create_app(console: httpx2.Client, **settings: Any) -> str:
    """Make a chat app, or one of another mode, and return its id."""
    body = {"name": "Shop assistant", "mode": "chat", **settings}
    return str(console.post("/apps", json=body).raise_for_status().json()["id"])


def create_app_key(console: httpx2.Client, app_id: str, **restrictions: Any) -> str:
    """Make a key to an app and return its secret."""
    answer = console.post(f"/apps/{app_id}/api-keys", json=restrictions or None)
    return str(answer.raise_for_status().json()["token"])


def create_knowledge_key(console: httpx2.Client, **restrictions: Any) -> str:
    """Make a knowledge key and return its secret."""
    return str(console.post("/datasets/api-keys", json=restrictions or None).raise_for_status().json()["token"])


def create_workspace_key(console: httpx2.Client, **restrictions: Any) -> str:
    """Make a workspace key and return its secret."""
    body = {"name": "Back office", **restrictions}
    return str(console.post("/api-keys", json=body).raise_for_status().json()["token"])


def create_dataset(client: httpx2.Client, **settings: Any) -> str:
    """Make a knowledge base and return its id."""
    body = {"name": f"Handbook {uuid4().hex[:8]}", "indexing_technique": "economy", **settings}
    return str(client.post("/datasets", json=body).raise_for_status().json()["id"])


def add_text(client: httpx2.Client, dataset_id: str, name: str, text: str, **settings: Any) -> dict[str, Any]:
    """Add a text to a knowledge base and return the answer, without waiting for its indexing."""
    body = {
        "name": name,
        "text": text,
        "indexing_technique": "economy",
        "process_rule": {"mode": "automatic"},
        **settings,
    }
    answer = client.post(f"/datasets/{dataset_id}/document/create-by-text", json=body).raise_for_status().json()
    return dict(answer)


def await_indexing(knowledge: httpx2.Client, dataset_id: str, batch: str) -> dict[str, Any]:
    """Poll a batch over the Service API until its document is indexed or has failed, and return the status."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        answer = knowledge.get(f"/datasets/{dataset_id}/documents/{batch}/indexing-status").raise_for_status()
        status: dict[str, Any] = answer.json()["data"][0]
        if status["indexing_status"] in ("completed", "error"):
            return status
        assert time.monotonic() < deadline, status
        time.sleep(0.1)


def within_one_day() -> None:
    """Wait until midnight (UTC) is over where it is near: what follows is counted by day."""
    left = 86_400 - time.time() % 86_400
    if left < NEAR_SECONDS:
        time.sleep(left + 1)


def events(response: httpx2.Response) -> Iterator[dict[str, Any]]:
    """Yield the JSON object of every data line of a stream."""
    for line in response.iter_lines():
        if line.startswith("data:"):
            yield json.loads(line[5:])


def assert_uniform(response: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """Assert that a response is an error in the one shape, and return its body."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/json")
    body: dict[str, Any] = response.json()
    assert body["code"] == code, body
    assert body["status"] == status
    assert body["message"]
    return body
