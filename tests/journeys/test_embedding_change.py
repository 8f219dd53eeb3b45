"""A knowledge base that is given another embedding model over HTTP, with a provider that works, fails and changes."""

import time
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from tests.journeys.resources import add_text, await_indexing, create_dataset
from tests.journeys.studio import Studio

PROVIDER = "openai_api_compatible"
MODELS = [{"embedding_model_provider": PROVIDER, "embedding_model": f"text-embedding-{name}"} for name in ("a", "b")]
TEXT = "\n\n".join(
    f"Locker {number} is opened with key {number * 13}, says the porter of the house." for number in range(40)
)
RULE = {
    "mode": "custom",
    "rules": {"pre_processing_rules": [], "segmentation": {"separator": "\\n\\n", "max_tokens": 100}},
}


@pytest.fixture
def dataset_id(knowledge_client: httpx2.Client, model: dict[str, Any]) -> str:
    """A knowledge base with one document, found by vectors of the first model."""
    made = create_dataset(knowledge_client, indexing_technique="high_quality", **MODELS[0])
    body = {"name": "Lockers", "text": TEXT, "indexing_technique": "high_quality", "process_rule": RULE}
    created = knowledge_client.post(f"/datasets/{made}/document/create-by-text", json=body).raise_for_status().json()
    status = await_indexing(knowledge_client, made, created["batch"])
    assert (status["indexing_status"], status["total_segments"]) == ("completed", 40)
    return made


def change(client: httpx2.Client, dataset_id: str, **settings: Any) -> dict[str, Any]:
    answer = client.patch(f"/datasets/{dataset_id}", json=settings)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def until(client: httpx2.Client, dataset_id: str, done: Callable[[Any], bool]) -> dict[str, Any]:
    """Poll a knowledge base until its `reindexing` is as wanted; what it says meanwhile never goes back."""
    deadline, before = time.monotonic() + 90, 0
    while True:
        shown: dict[str, Any] = client.get(f"/datasets/{dataset_id}").raise_for_status().json()
        state = shown["reindexing"]
        if done(state):
            return shown
        assert time.monotonic() < deadline, shown
        assert before <= state["completed_texts"] <= max(state["total_texts"], 0)
        before = state["completed_texts"]
        time.sleep(0.05)


def found(client: httpx2.Client, dataset_id: str) -> list[str]:
    body = {"query": "porter", "retrieval_model": {"search_method": "semantic_search", "top_k": 5}}
    records = client.post(f"/datasets/{dataset_id}/retrieve", json=body).raise_for_status().json()["records"]
    return [record["segment"]["id"] for record in records]


def test_another_model_takes_over_while_the_old_index_serves(
    knowledge_client: httpx2.Client, dataset_id: str, studio: Studio
) -> None:
    studio.embedding_held = "text-embedding-b"
    shown = change(knowledge_client, dataset_id, **MODELS[1])
    assert (shown["embedding_model"], shown["reindexing"]["serving_embedding_model"]) == (
        "text-embedding-b", "text-embedding-a",
    )  # fmt: skip
    assert len(found(knowledge_client, dataset_id)) == 5
    assert change(knowledge_client, dataset_id, **MODELS[1])["reindexing"] is not None
    studio.embedding_held = ""
    shown = until(knowledge_client, dataset_id, lambda state: state is None)
    assert (shown["embedding_model"], shown["embedding_model_provider"]) == ("text-embedding-b", PROVIDER)
    assert studio.vectors_made["text-embedding-b"] >= 40
    before = studio.vectors_made["text-embedding-b"]
    assert len(found(knowledge_client, dataset_id)) == 5
    assert studio.vectors_made["text-embedding-b"] == before + 1


def test_a_provider_that_fails_is_named_and_a_retry_takes_over(
    knowledge_client: httpx2.Client, dataset_id: str, studio: Studio
) -> None:
    studio.embedding_fault = "out of ink"
    change(knowledge_client, dataset_id, **MODELS[1])
    studio.embedding_fault = "out of ink"
    shown = until(knowledge_client, dataset_id, lambda state: state["status"] == "error")
    assert "out of ink" in shown["reindexing"]["error"]
    studio.embedding_fault = ""
    assert len(found(knowledge_client, dataset_id)) == 5
    change(knowledge_client, dataset_id, **MODELS[1])
    assert until(knowledge_client, dataset_id, lambda state: state is None)["embedding_model"] == "text-embedding-b"
    assert len(found(knowledge_client, dataset_id)) == 5


def test_the_serving_model_gives_the_change_up(
    knowledge_client: httpx2.Client, dataset_id: str, studio: Studio
) -> None:
    studio.embedding_fault = "out of ink"
    change(knowledge_client, dataset_id, **MODELS[1])
    until(knowledge_client, dataset_id, lambda state: state["status"] == "error")
    studio.embedding_fault = ""
    shown = change(knowledge_client, dataset_id, **MODELS[0])
    assert (shown["embedding_model"], shown["reindexing"]) == ("text-embedding-a", None)
    assert len(found(knowledge_client, dataset_id)) == 5


def test_words_alone_and_meaning_again(knowledge_client: httpx2.Client, dataset_id: str) -> None:
    change(knowledge_client, dataset_id, indexing_technique="economy")
    shown = until(knowledge_client, dataset_id, lambda state: state is None)
    assert (shown["indexing_technique"], shown["embedding_model"]) == ("economy", None)
    assert len(found(knowledge_client, dataset_id)) == 5
    added = add_text(knowledge_client, dataset_id, "Gate", "The gate of the house is closed at ten.")
    await_indexing(knowledge_client, dataset_id, added["batch"])
    change(knowledge_client, dataset_id, indexing_technique="high_quality", **MODELS[1])
    shown = until(knowledge_client, dataset_id, lambda state: state is None)
    assert (shown["indexing_technique"], shown["embedding_model"]) == ("high_quality", "text-embedding-b")
    assert len(found(knowledge_client, dataset_id)) == 5


def test_vectors_of_another_length_end_a_document_with_the_reason(
    knowledge_client: httpx2.Client, dataset_id: str, studio: Studio
) -> None:
    studio.vector_length = 5
    body = {"name": "Gate", "text": "The gate of the house is closed at ten.", "process_rule": RULE}
    place = f"/datasets/{dataset_id}/document/create-by-text"
    created = knowledge_client.post(place, json=body).raise_for_status().json()
    status = await_indexing(knowledge_client, dataset_id, created["batch"])
    studio.vector_length = 8
    assert status["indexing_status"] == "error"
    assert "vectors of length 5; those of this knowledge base have 8" in status["error"]
