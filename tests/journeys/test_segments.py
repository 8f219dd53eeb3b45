"""Passages, written by people: they are found at once, keep their ids, and are gone when they are deleted."""

from typing import Any

import httpx2
import pytest

from tests.journeys.resources import add_text, assert_uniform, await_indexing, create_dataset

WARRANTY = "Every Meridian kettle carries a warranty of thirty months."


@pytest.fixture(params=["economy", "high_quality"], scope="module")
def document(knowledge_client: httpx2.Client, request: pytest.FixtureRequest) -> str:
    """The path of an indexed document, in a dataset of either technique."""
    dataset_id = create_dataset(knowledge_client, indexing_technique=request.param)
    body = {"name": "Warranty", "text": WARRANTY, "process_rule": {"mode": "automatic"}}
    made = knowledge_client.post(f"/datasets/{dataset_id}/document/create-by-text", json=body).raise_for_status().json()
    await_indexing(knowledge_client, dataset_id, made["batch"])
    return f"/datasets/{dataset_id}/documents/{made['document']['id']}"


def found(client: httpx2.Client, document: str, query: str) -> list[dict[str, Any]]:
    """Return what a search by words finds in the document's dataset."""
    dataset = document.rpartition("/documents/")[0]
    body = {"query": query, "retrieval_model": {"search_method": "full_text_search", "top_k": 10}}
    records = client.post(f"{dataset}/retrieve", json=body).raise_for_status().json()["records"]
    return [record["segment"] for record in records]


def add(client: httpx2.Client, document: str, *contents: str, **fields: Any) -> list[dict[str, Any]]:
    """Add passages and return them."""
    body = {"segments": [{"content": content, **fields} for content in contents]}
    answer = client.post(f"{document}/segments", json=body).raise_for_status().json()
    return list(answer["data"])


def test_new_passages_are_found_at_once(knowledge_client: httpx2.Client, document: str) -> None:
    before = knowledge_client.get(document).raise_for_status().json()
    first, second = add(knowledge_client, document, "The turbine hums at dawn.", "Marmalade is kept in the cellar.")
    assert second["position"] == first["position"] + 1
    assert first["status"] == "completed"
    assert found(knowledge_client, document, "turbine")[0]["id"] == first["id"]
    assert found(knowledge_client, document, "marmalade")[0]["id"] == second["id"]
    after = knowledge_client.get(document).raise_for_status().json()
    assert after["segment_count"] == before["segment_count"] + 2
    assert after["word_count"] == before["word_count"] + first["word_count"] + second["word_count"]


def test_given_keywords_lead_to_a_passage(knowledge_client: httpx2.Client, document: str) -> None:
    [made] = add(knowledge_client, document, "It is kept beside the door.", keywords=["umbrella", "parasol"])
    assert made["keywords"] == ["umbrella", "parasol"]
    assert found(knowledge_client, document, "parasol")[0]["id"] == made["id"]


def test_a_changed_passage_keeps_its_id_and_is_found_by_its_new_words(
    knowledge_client: httpx2.Client, document: str
) -> None:
    [made] = add(knowledge_client, document, "Zeppelins land at noon.")
    changed = knowledge_client.post(f"{document}/segments/{made['id']}", json={"segment": {"content": "Gliders land."}})
    assert changed.raise_for_status().json()["data"]["id"] == made["id"]
    assert found(knowledge_client, document, "zeppelins") == []
    hit = found(knowledge_client, document, "gliders")[0]
    assert hit["id"] == made["id"]
    assert hit["index_node_hash"] != made["index_node_hash"]
    read = knowledge_client.get(f"{document}/segments/{made['id']}").raise_for_status().json()
    assert read["doc_form"] == "text_model"
    assert read["data"]["hit_count"] == 1


def test_a_disabled_passage_is_not_found(knowledge_client: httpx2.Client, document: str) -> None:
    [made] = add(knowledge_client, document, "Periscopes are polished on Fridays.")
    place = f"{document}/segments/{made['id']}"
    off = knowledge_client.post(place, json={"segment": {"enabled": False}}).raise_for_status().json()["data"]
    assert off["enabled"] is False
    assert off["disabled_at"]
    assert found(knowledge_client, document, "periscopes") == []
    knowledge_client.post(place, json={"segment": {"enabled": True}}).raise_for_status()
    assert [one["id"] for one in found(knowledge_client, document, "periscopes")] == [made["id"]]


def test_a_deleted_passage_is_gone(knowledge_client: httpx2.Client, document: str) -> None:
    [made] = add(knowledge_client, document, "Obsidian is cut with care.")
    place = f"{document}/segments/{made['id']}"
    deleted = knowledge_client.delete(place)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert_uniform(knowledge_client.get(place), 404, "not_found")
    assert_uniform(knowledge_client.delete(place), 404, "not_found")
    assert found(knowledge_client, document, "obsidian") == []


def test_lists_are_narrowed_and_paged(knowledge_client: httpx2.Client, document: str) -> None:
    made = add(knowledge_client, document, "Alabaster one.", "Alabaster two.", "Alabaster three.")
    params: dict[str, str | int] = {"keyword": "alabaster", "limit": 2, "status": "completed"}
    page = knowledge_client.get(f"{document}/segments", params=params).raise_for_status().json()
    assert [one["id"] for one in page["data"]] == [one["id"] for one in made[:2]]
    assert (page["total"], page["has_more"], page["page"], page["limit"]) == (3, True, 1, 2)
    rest = knowledge_client.get(f"{document}/segments", params={**params, "page": 2}).raise_for_status().json()
    assert [one["id"] for one in rest["data"]] == [made[2]["id"]]
    assert rest["has_more"] is False
    none = knowledge_client.get(f"{document}/segments", params={**params, "status": "error"}).raise_for_status().json()
    assert none["data"] == []


def test_a_whole_dataset_is_listed_and_its_older_paths_work(knowledge_client: httpx2.Client, document: str) -> None:
    [made] = add(knowledge_client, document, "Quicksilver runs.")
    dataset, _, document_id = document.rpartition("/documents/")
    listed = knowledge_client.get(f"{dataset}/segments", params={"keyword": "quicksilver"}).raise_for_status().json()
    assert [one["id"] for one in listed["data"]] == [made["id"]]
    narrowed = knowledge_client.get(f"{dataset}/segments", params={"document_id": document_id, "limit": 100})
    assert made["id"] in [one["id"] for one in narrowed.raise_for_status().json()["data"]]
    place = f"{dataset}/segments/{made['id']}"
    changed = knowledge_client.put(place, json={"segment": {"content": "Quicksilver rests."}}).raise_for_status()
    assert changed.json()["data"]["content"] == "Quicksilver rests."
    assert knowledge_client.delete(place).status_code == 204
    assert_uniform(knowledge_client.put(place, json={"segment": {"content": "x"}}), 404, "not_found")


def test_a_passage_without_text_is_refused(knowledge_client: httpx2.Client, document: str) -> None:
    refused = knowledge_client.post(f"{document}/segments", json={"segments": [{"content": "  "}]})
    assert_uniform(refused, 400, "invalid_param")
    assert refused.json()["details"][0]["field"] == "segments[0].content"


def test_an_archived_document_keeps_its_passages_as_they_are(knowledge_client: httpx2.Client) -> None:
    dataset_id = create_dataset(knowledge_client)
    made = add_text(knowledge_client, dataset_id, "Warranty", WARRANTY)
    await_indexing(knowledge_client, dataset_id, made["batch"])
    document = f"/datasets/{dataset_id}/documents/{made['document']['id']}"
    ids = {"document_ids": [made["document"]["id"]]}
    knowledge_client.patch(f"/datasets/{dataset_id}/documents/status/archive", json=ids).raise_for_status()
    refused = knowledge_client.post(f"{document}/segments", json={"segments": [{"content": "More."}]})
    assert_uniform(refused, 403, "archived_document_immutable")
    knowledge_client.patch(f"/datasets/{dataset_id}/documents/status/disable", json=ids).raise_for_status()
    knowledge_client.patch(f"/datasets/{dataset_id}/documents/status/un_archive", json=ids).raise_for_status()
    assert_uniform(
        knowledge_client.post(f"{document}/segments", json={"segments": [{"content": "More."}]}), 404, "not_found"
    )


def test_child_chunks_lead_to_their_passage(knowledge_client: httpx2.Client, document: str) -> None:
    [made] = add(knowledge_client, document, "The sextant hangs above the chart table.")
    place = f"{document}/segments/{made['id']}/child_chunks"
    child = knowledge_client.post(place, json={"content": "astrolabe"}).raise_for_status().json()["data"]
    assert (child["type"], child["position"], child["segment_id"]) == ("customized", 1, made["id"])
    assert found(knowledge_client, document, "astrolabe")[0]["id"] == made["id"]
    changed = knowledge_client.patch(f"{place}/{child['id']}", json={"content": "theodolite"}).raise_for_status()
    assert changed.json()["data"]["id"] == child["id"]
    assert found(knowledge_client, document, "astrolabe") == []
    assert found(knowledge_client, document, "theodolite")[0]["id"] == made["id"]
    assert found(knowledge_client, document, "sextant")[0]["id"] == made["id"]
    listed = knowledge_client.get(place, params={"limit": 1}).raise_for_status().json()
    assert (listed["total"], listed["total_pages"], listed["page"], listed["limit"]) == (1, 1, 1, 1)
    shown = knowledge_client.get(f"{document}/segments/{made['id']}").raise_for_status().json()["data"]
    assert [one["content"] for one in shown["child_chunks"]] == ["theodolite"]
    assert knowledge_client.delete(f"{place}/{child['id']}").status_code == 204
    assert found(knowledge_client, document, "theodolite") == []
    assert_uniform(knowledge_client.delete(f"{place}/{child['id']}"), 404, "not_found")


def test_the_console_edits_passages(console: httpx2.Client, knowledge_client: httpx2.Client, document: str) -> None:
    answer = console.post(f"{document}/segment", json={"content": "Lanterns are lit at dusk."}).raise_for_status()
    made = answer.json()["data"]
    off = console.patch(f"{document}/segment/disable", params={"segment_id": made["id"]}).raise_for_status()
    assert off.json() == {"result": "success"}
    hidden = console.get(f"{document}/segments", params={"enabled": "false"}).raise_for_status().json()
    assert made["id"] in [one["id"] for one in hidden["data"]]
    console.patch(f"{document}/segment/enable", params={"segment_id": made["id"]}).raise_for_status()
    found(knowledge_client, document, "lanterns")
    hit = console.get(f"{document}/segments", params={"hit_count_gte": 1}).raise_for_status().json()
    assert made["id"] in [one["id"] for one in hit["data"]]
    changed = console.patch(f"{document}/segments/{made['id']}", json={"content": "Lanterns are lit at nine."})
    assert changed.raise_for_status().json()["data"]["content"] == "Lanterns are lit at nine."
    chunks = {"chunks": [{"content": "paraffin"}, {"content": "wick"}]}
    place = f"{document}/segments/{made['id']}/child_chunks"
    written = console.patch(place, json=chunks).raise_for_status().json()["data"]
    kept = {"chunks": [{"id": written[1]["id"], "content": "wicks"}]}
    rest = console.patch(place, json=kept).raise_for_status().json()["data"]
    assert [(one["id"], one["content"]) for one in rest] == [(written[1]["id"], "wicks")]
    gone = console.delete(f"{document}/segments", params={"segment_id": [made["id"]]})
    assert gone.status_code == 204
    assert found(knowledge_client, document, "lanterns") == []


def test_the_rows_of_a_csv_file_become_passages(
    console: httpx2.Client, knowledge_client: httpx2.Client, document: str
) -> None:
    rows = "".join(f'"Row {number}: the barometer, fell to {number}.",x\n' for number in range(150))
    part = {"file": ("rows.csv", f"content,answer\n{rows}".encode(), "text/csv")}
    file_id = console.post("/files/upload", data={"source": "datasets"}, files=part).raise_for_status().json()["id"]
    before = console.get(f"{document}/segments").raise_for_status().json()["total"]
    job = console.post(f"{document}/segments/batch_import", json={"upload_file_id": file_id}).raise_for_status().json()
    assert job["job_status"] == "waiting"
    while job["job_status"] in ("waiting", "processing"):
        job = console.get(f"/datasets/batch_import_status/{job['job_id']}").raise_for_status().json()
        total = console.get(f"{document}/segments").raise_for_status().json()["total"]
        assert job["segments_done"] <= total - before
    assert (job["job_status"], job["segments_done"], job["segments_total"], job["error"]) == (
        "completed",
        150,
        150,
        None,
    )
    assert total == before + 150
    assert found(knowledge_client, document, "barometer")


def test_an_import_that_cannot_be_read_says_why(console: httpx2.Client, document: str) -> None:
    part = {"file": ("rows.csv", b"content\n", "text/csv")}
    file_id = console.post("/files/upload", data={"source": "datasets"}, files=part).raise_for_status().json()["id"]
    job = console.post(f"{document}/segments/batch_import", json={"upload_file_id": file_id}).raise_for_status().json()
    while job["job_status"] in ("waiting", "processing"):
        job = console.get(f"/datasets/batch_import_status/{job['job_id']}").raise_for_status().json()
    assert job["job_status"] == "error"
    assert "no row" in job["error"]
