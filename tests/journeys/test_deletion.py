"""What is deleted is gone: rows, keys, and the bytes of files."""

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import httpx2
import psycopg
from sqlalchemy import make_url

from tests.journeys.program import Program
from tests.journeys.resources import (
    add_text,
    assert_uniform,
    await_indexing,
    create_app,
    create_app_key,
    create_dataset,
)

PURGE_SECONDS = 60.0
QUESTION = {"query": "What is this?", "user": "ada", "inputs": {}}


def stored(program: Program, content: bytes) -> Path:
    """Return where some bytes lie, made to look as if they had lain there for long."""
    digest = hashlib.sha256(content).hexdigest()
    path = program.home / "files" / digest[:2] / digest[2:4] / digest
    os.utime(path, (time.time() - 86_400,) * 2)
    return path


def count(program: Program, table: str, column: str, value: str) -> int:
    """Return how many rows of a table have a value."""
    address = make_url(program.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        found = connection.execute(f"SELECT count(*) FROM {table} WHERE {column} = %s".encode(), (value,)).fetchone()
    assert found is not None
    return int(found[0])


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PURGE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def upload(client: httpx2.Client, content: bytes) -> str:
    parts = {"file": ("note.txt", content, "text/plain")}
    answer = client.post("/files/upload", data={"user": "ada"}, files=parts)
    return str(answer.raise_for_status().json()["id"])


def ask_with(client: httpx2.Client, file_id: str) -> str:
    file = {"type": "document", "transfer_method": "local_file", "upload_file_id": file_id}
    answer = client.post("/chat-messages", json={**QUESTION, "files": [file]}).raise_for_status().json()
    return str(answer["conversation_id"])


def test_a_deleted_app_leaves_no_row_no_key_and_no_file(program: Program, console: httpx2.Client) -> None:
    app_id = create_app(console)
    key = create_app_key(console, app_id)
    content = f"of an app {uuid4()}".encode()
    with program.service(key) as client:
        conversation_id = ask_with(client, upload(client, content))
        path = stored(program, content)
        assert console.delete(f"/apps/{app_id}").status_code == 204
        assert client.get("/info").status_code in (401, 403)
        wait_for(lambda: not path.exists())
        wait_for(lambda: client.get("/info").status_code == 401)
    wait_for(lambda: count(program, "app", "id", app_id) == 0)
    assert count(program, "conversation", "id", conversation_id) == 0
    for table in ("message", "api_key", "end_user", "site", "upload_file"):
        assert count(program, table, "app_id", app_id) == 0


def test_a_deleted_conversation_takes_its_messages_and_files_along(program: Program, app_client: httpx2.Client) -> None:
    content = f"of a conversation {uuid4()}".encode()
    shared = f"of two conversations {uuid4()}".encode()
    kept = upload(app_client, shared)
    conversation_id = ask_with(app_client, upload(app_client, content))
    again = {"type": "document", "transfer_method": "local_file", "upload_file_id": kept}
    asked = {**QUESTION, "files": [again], "conversation_id": conversation_id}
    app_client.post("/chat-messages", json=asked).raise_for_status()
    ask_with(app_client, kept)
    gone, stays = stored(program, content), stored(program, shared)
    deleted = app_client.request("DELETE", f"/conversations/{conversation_id}", json={"user": "ada"})
    assert deleted.status_code == 204
    wait_for(lambda: not gone.exists())
    wait_for(lambda: count(program, "conversation", "id", conversation_id) == 0)
    assert count(program, "message", "conversation_id", conversation_id) == 0
    assert stays.exists()
    assert app_client.get(f"/files/{kept}/preview", params={"user": "ada"}).content == shared


def test_a_deleted_document_takes_its_file_along(program: Program, console: httpx2.Client, dataset_id: str) -> None:
    text = f"The warranty lasts {uuid4()} months."
    made = add_text(console, dataset_id, "warranty.txt", text)
    document_id = made["document"]["id"]
    path = stored(program, text.encode())
    assert console.delete(f"/datasets/{dataset_id}/documents/{document_id}").status_code == 204
    wait_for(lambda: not path.exists())
    assert count(program, "segment", "document_id", document_id) == 0


def test_a_deleted_dataset_is_out_of_sight_at_once_and_gone_soon(
    program: Program, console: httpx2.Client, knowledge_client: httpx2.Client
) -> None:
    name = f"Handbook {uuid4().hex[:8]}"
    dataset_id = create_dataset(console, name=name)
    text = f"The warranty lasts {uuid4()} months."
    made = add_text(console, dataset_id, "warranty.txt", text)
    await_indexing(knowledge_client, dataset_id, made["batch"])
    path = stored(program, text.encode())
    assert console.delete(f"/datasets/{dataset_id}").status_code == 204
    assert_uniform(console.get(f"/datasets/{dataset_id}"), 404, "not_found")
    assert console.get("/datasets", params={"keyword": name}).json()["total"] == 0
    create_dataset(console, name=name)
    wait_for(lambda: not path.exists() and count(program, "dataset", "id", dataset_id) == 0)
    for table in ("document", "segment", "process_rule"):
        assert count(program, table, "dataset_id", dataset_id) == 0


def test_the_same_bytes_in_two_documents_stay_until_both_are_gone(program: Program, console: httpx2.Client) -> None:
    text = f"The warranty lasts {uuid4()} months."
    first, second = create_dataset(console), create_dataset(console)
    for dataset_id in (first, second):
        add_text(console, dataset_id, "warranty.txt", text)
    path = stored(program, text.encode())
    console.delete(f"/datasets/{first}")
    wait_for(lambda: count(program, "dataset", "id", first) == 0)
    time.sleep(6)
    assert path.exists()
    console.delete(f"/datasets/{second}")
    wait_for(lambda: not path.exists())
