"""Documents as questions with answers, which a model writes, and as parents with children, over HTTP."""

import time
from typing import Any

import httpx2
import pytest

from tests.journeys.resources import await_indexing, create_dataset
from tests.journeys.studio import Studio
from tests.journeys.test_knowledge_console import upload

FACTS = ["The kettle boils in ninety seconds.", "The pump lifts water nine metres.", "The lamp burns for six hours."]
RULES = {"pre_processing_rules": [], "segmentation": {"separator": "\\n\\n", "max_tokens": 100}}
PARENTS = {**RULES, "parent_mode": "paragraph", "subchunk_segmentation": {"separator": ". ", "max_tokens": 100}}


@pytest.fixture
def writer(console: httpx2.Client, model: dict[str, Any], studio: Studio) -> Studio:
    """The workspace's chat model, which asks one thing of each passage and knows the answer."""
    default = {"model_type": "llm", "provider": model["provider"], "model": model["name"]}
    console.post("/workspaces/current/default-model", json={"model_settings": [default]}).raise_for_status()
    studio.say = lambda body: f"Q1: What is said?\nA1: {body['messages'][-1]['content']}"
    return studio


def added(client: httpx2.Client, dataset_id: str, form: str, text: str, **settings: Any) -> tuple[str, dict[str, Any]]:
    body = {"name": "Facts", "text": text, "doc_form": form, "indexing_technique": "high_quality", **settings}
    made = client.post(f"/datasets/{dataset_id}/document/create-by-text", json=body).raise_for_status().json()
    return made["document"]["id"], await_indexing(client, dataset_id, made["batch"])


def passages(client: httpx2.Client, document: str) -> list[dict[str, Any]]:
    return list(client.get(f"{document}/segments").raise_for_status().json()["data"])


def records(client: httpx2.Client, dataset_id: str, query: str, method: str) -> list[dict[str, Any]]:
    body = {"query": query, "retrieval_model": {"search_method": method, "top_k": 1}}
    return list(client.post(f"/datasets/{dataset_id}/retrieve", json=body).raise_for_status().json()["records"])


def test_a_model_writes_the_questions_and_their_answers(knowledge_client: httpx2.Client, writer: Studio) -> None:
    dataset_id = create_dataset(knowledge_client, indexing_technique="high_quality")
    rule = {"mode": "custom", "rules": RULES}
    before = len(writer.asked)
    document_id, status = added(
        knowledge_client, dataset_id, "qa_model", "\n\n".join(FACTS), process_rule=rule, doc_language="English"
    )
    assert (status["indexing_status"], status["error"]) == ("completed", None)
    assert (status["completed_segments"], status["total_segments"]) == (3, 3)
    assert len(writer.asked) == before + 3
    assert "English" in writer.asked[-1]["messages"][0]["content"]
    shown = passages(knowledge_client, f"/datasets/{dataset_id}/documents/{document_id}")
    assert [(one["content"], one["answer"].strip()) for one in shown] == [("What is said?", fact) for fact in FACTS]
    [record] = records(knowledge_client, dataset_id, "What is said?", "hybrid_search")
    assert record["segment"]["answer"].strip() in FACTS


def test_a_model_that_makes_no_questions_is_named_and_a_retry_works(
    console: httpx2.Client, knowledge_client: httpx2.Client, writer: Studio
) -> None:
    answer, writer.say = writer.say, lambda body: "I would rather not."
    dataset_id = create_dataset(knowledge_client, indexing_technique="high_quality")
    document_id, status = added(knowledge_client, dataset_id, "qa_model", FACTS[0])
    assert status["indexing_status"] == "error"
    assert "made no questions and answers" in status["error"]
    writer.say = answer
    retried = console.post(f"/datasets/{dataset_id}/retry", json={"document_ids": [document_id]})
    assert retried.status_code == 204, retried.text
    for _ in range(600):
        state = knowledge_client.get(f"/datasets/{dataset_id}/documents/{document_id}/status").json()
        if state["indexing_status"] in ("completed", "error"):
            break
        time.sleep(0.1)
    assert (state["indexing_status"], state["error"]) == ("completed", None)


def test_a_preview_shows_questions_of_the_first_passage(console: httpx2.Client, writer: Studio) -> None:
    file_id = upload(console, "facts.txt", "\n\n".join(FACTS))
    body = {
        "info_list": {"data_source_type": "upload_file", "file_info_list": {"file_ids": [file_id]}},
        "process_rule": {"mode": "custom", "rules": RULES},
        "doc_form": "qa_model",
        "doc_language": "French",
    }
    before = len(writer.asked)
    estimate = console.post("/datasets/indexing-estimate", json=body).raise_for_status().json()
    [pair] = estimate["qa_preview"]
    assert (pair["question"], pair["answer"].strip()) == ("What is said?", FACTS[0])
    assert estimate["total_segments"] == 3
    assert len(writer.asked) == before + 1
    assert "French" in writer.asked[-1]["messages"][0]["content"]
    rows = "question,answer\nHow high?,Nine metres.\nHow long?,Six hours.\n"
    body["info_list"] = {
        "data_source_type": "upload_file", "file_info_list": {"file_ids": [upload(console, "facts.csv", rows)]},
    }  # fmt: skip
    estimate = console.post("/datasets/indexing-estimate", json=body).raise_for_status().json()
    assert estimate["qa_preview"] == [
        {"question": "How high?", "answer": "Nine metres."}, {"question": "How long?", "answer": "Six hours."},
    ]  # fmt: skip
    assert len(writer.asked) == before + 1


def test_passages_that_people_add_are_cut_into_children_that_find_them(knowledge_client: httpx2.Client) -> None:
    builtin = {"embedding_model_provider": "builtin", "embedding_model": "minilm-l6-v2-lexical-cjk"}
    dataset_id = create_dataset(knowledge_client, indexing_technique="high_quality", **builtin)
    rule = {"mode": "hierarchical", "rules": PARENTS}
    document_id, status = added(
        knowledge_client, dataset_id, "hierarchical_model", "Leave is asked for. It is granted.", process_rule=rule
    )
    assert status["indexing_status"] == "completed", status
    document = f"/datasets/{dataset_id}/documents/{document_id}"
    text = "Trains are booked in second class. Cycling is paid by the kilometre."
    [made] = (
        knowledge_client.post(f"{document}/segments", json={"segments": [{"content": text}]}).raise_for_status().json()
    )["data"]
    place = f"{document}/segments/{made['id']}/child_chunks"
    children = knowledge_client.get(place).raise_for_status().json()["data"]
    assert [(one["type"], one["content"]) for one in children] == [
        ("automatic", "Trains are booked in second class"),
        ("automatic", "Cycling is paid by the kilometre."),
    ]
    [record] = records(knowledge_client, dataset_id, "money for bicycle trips", "semantic_search")
    assert record["segment"]["id"] == made["id"]
    assert record["child_chunks"][0]["content"].startswith("Cycling")
    written = knowledge_client.post(place, json={"content": "Ferries need a permit."}).raise_for_status().json()["data"]
    assert (written["type"], written["position"]) == ("customized", 3)
    [record] = records(knowledge_client, dataset_id, "permit for a ferry", "semantic_search")
    assert record["child_chunks"][0]["id"] == written["id"]
    changed = {"content": "Planes are booked by the office. Taxis are paid at night.", "regenerate_child_chunks": True}
    knowledge_client.post(f"{document}/segments/{made['id']}", json={"segment": changed}).raise_for_status()
    children = knowledge_client.get(place).raise_for_status().json()["data"]
    assert [one["content"] for one in children] == ["Planes are booked by the office", "Taxis are paid at night."]
    [record] = records(knowledge_client, dataset_id, "a taxi late in the evening", "semantic_search")
    assert record["child_chunks"][0]["content"].startswith("Taxis")
