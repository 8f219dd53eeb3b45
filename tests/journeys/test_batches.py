"""A thousand documents in one request, as files and as lines, and a progress that never lies."""

import json
import time
from typing import Any

import httpx2
import pytest

from tests.journeys.resources import assert_uniform, create_dataset

MANY = 1_000
WAIT_SECONDS = 180.0
DATA = json.dumps(
    {
        "indexing_technique": "economy",
        "process_rule": {
            "mode": "custom",
            "rules": {"pre_processing_rules": [], "segmentation": {"separator": "\\n\\n", "max_tokens": 200}},
        },
    }
)
STEPS = ["waiting", "parsing", "cleaning", "splitting", "indexing", "completed"]


def text(number: int) -> str:
    return f"Note {number} is about locker {number}.\n\nLocker {number} is opened with key {number * 7}."


def send(client: httpx2.Client, dataset_id: str, parts: list[Any]) -> httpx2.Response:
    return client.post(f"/datasets/{dataset_id}/documents/batch", files=[("data", (None, DATA)), *parts])


def lines(values: list[Any]) -> list[Any]:
    body = "\n".join(value if isinstance(value, str) else json.dumps(value) for value in values)
    return [("lines", ("notes.jsonl", body.encode(), "application/x-ndjson"))]


@pytest.mark.timeout(240)
def test_a_thousand_documents_are_indexed_and_counted(knowledge_client: httpx2.Client) -> None:
    dataset_id = create_dataset(knowledge_client)
    parts = [("files", (f"note-{number}.txt", text(number).encode(), "text/plain")) for number in range(MANY)]
    answer = send(knowledge_client, dataset_id, parts)
    assert answer.status_code == 200, answer.text
    created = answer.json()
    assert [document["name"] for document in created["documents"]] == [f"note-{n}.txt" for n in range(MANY)]
    assert {document["indexing_status"] for document in created["documents"]} == {"waiting"}
    before: dict[str, Any] = {}
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        place = f"/datasets/{dataset_id}/documents/{created['batch']}/indexing-status"
        now = {one["id"]: one for one in knowledge_client.get(place).raise_for_status().json()["data"]}
        assert len(now) == MANY
        for key, status in now.items():
            assert status["indexing_status"] in STEPS, status
            assert status["completed_segments"] <= status["total_segments"]
            former = before.get(key, {"indexing_status": "waiting"})
            assert STEPS.index(former["indexing_status"]) <= STEPS.index(status["indexing_status"])
            if status["indexing_status"] == "completed":
                assert (status["completed_segments"], status["total_segments"]) == (2, 2)
                assert status["completed_at"] is not None
        before = now
        if all(status["indexing_status"] == "completed" for status in now.values()):
            break
        assert time.monotonic() < deadline
        time.sleep(1)
    shown = knowledge_client.get(f"/datasets/{dataset_id}").json()
    assert (shown["total_documents"], shown["total_available_documents"]) == (MANY, MANY)
    body = {"query": f"locker {MANY - 1}", "retrieval_model": {"search_method": "full_text_search", "top_k": 1}}
    [record] = knowledge_client.post(f"/datasets/{dataset_id}/retrieve", json=body).json()["records"]
    assert record["segment"]["document"]["name"] == f"note-{MANY - 1}.txt"


def test_lines_become_documents_in_their_order(knowledge_client: httpx2.Client) -> None:
    dataset_id = create_dataset(knowledge_client)
    parts = lines([{"name": f"Note {number}", "text": text(number), "more": 1} for number in range(3)] + [""])
    created = send(knowledge_client, dataset_id, parts).raise_for_status().json()
    assert [document["name"] for document in created["documents"]] == ["Note 0", "Note 1", "Note 2"]
    assert [document["position"] for document in created["documents"]] == [1, 2, 3]
    assert created["document"] == created["documents"][0]


@pytest.mark.parametrize(
    ("parts", "status", "code", "named"),
    [
        ([], 400, "no_file_uploaded", "files"),
        (lines([]), 400, "no_file_uploaded", "lines"),
        (lines([{"name": "A", "text": "b"}, "{"]), 400, "unreadable_document", "lines[2]"),
        (lines([{"name": "A", "text": "b"}, {"name": "C"}]), 400, "unreadable_document", "lines[2].text"),
        (lines([{"name": "x" * 256, "text": "b"}]), 400, "unreadable_document", "lines[1].name"),
        (lines([["A", "b"]]), 400, "unreadable_document", "lines[1]"),
        (lines([{"name": "A", "text": "b"}] * (MANY + 1)), 400, "too_many_files", "1000"),
        ([*lines([{"name": "A", "text": "b"}]), ("files", ("a.txt", b"a", "text/plain"))], 409, "conflict", "not both"),
        (
            [("files", ("a.txt", b"a", "text/plain")), ("files", ("b.exe", b"MZ\x90\0", "application/x-msdownload"))],
            415, "unsupported_file_type", "b.exe",
        ),
        ([("files", ("a.txt", b"a", "text/plain"))] * (MANY + 1), 400, "invalid_param", "files"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_one_refuses_all_and_is_named(
    knowledge_client: httpx2.Client, dataset_id: str, parts: list[Any], status: int, code: str, named: str
) -> None:
    body = assert_uniform(send(knowledge_client, dataset_id, parts), status, code)
    assert named in body["message"]
    assert knowledge_client.get(f"/datasets/{dataset_id}/documents").json()["total"] == 0
