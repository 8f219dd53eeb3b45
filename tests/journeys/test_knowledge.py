"""Knowledge bases over the Service API: texts and files in, passages out."""

import json

import httpx2

from tests.journeys.resources import add_text, assert_uniform, await_indexing, create_dataset

WARRANTY = "Every Meridian kettle carries a warranty of thirty months from the date of purchase."
RETURNS = "Unused goods can be returned within twenty-one days."


def test_a_text_is_indexed_and_found(knowledge_client: httpx2.Client) -> None:
    dataset_id = create_dataset(knowledge_client)
    made = add_text(knowledge_client, dataset_id, "Warranty", WARRANTY)
    add_text(knowledge_client, dataset_id, "Returns", RETURNS)
    status = await_indexing(knowledge_client, dataset_id, made["batch"])
    assert status["indexing_status"] == "completed"
    assert status["completed_segments"] == status["total_segments"] == 1
    stamps = ["processing_started_at", "parsing_completed_at", "cleaning_completed_at", "splitting_completed_at"]
    times = [status[name] for name in (*stamps, "completed_at")]
    assert times == sorted(times)
    found = knowledge_client.post(f"/datasets/{dataset_id}/retrieve", json={"query": "warranty of a kettle"})
    records = found.raise_for_status().json()["records"]
    assert records[0]["segment"]["content"] == WARRANTY
    assert records[0]["segment"]["document"]["name"] == "Warranty"
    assert 0 < records[0]["score"] <= 1
    alias = knowledge_client.post(f"/datasets/{dataset_id}/hit-testing", json={"query": "warranty of a kettle"})
    assert alias.raise_for_status().json()["records"][0]["segment"]["id"] == records[0]["segment"]["id"]


def test_a_deleted_document_is_neither_listed_nor_found(knowledge_client: httpx2.Client) -> None:
    dataset_id = create_dataset(knowledge_client)
    made = add_text(knowledge_client, dataset_id, "Warranty", WARRANTY)
    await_indexing(knowledge_client, dataset_id, made["batch"])
    document = f"/datasets/{dataset_id}/documents/{made['document']['id']}"
    listed = knowledge_client.get(f"/datasets/{dataset_id}/documents").raise_for_status().json()
    assert [item["id"] for item in listed["data"]] == [made["document"]["id"]]
    assert listed["total"] == 1
    assert knowledge_client.delete(document).status_code == 204
    assert knowledge_client.get(document).status_code == 404
    assert knowledge_client.get(f"/datasets/{dataset_id}/documents").json()["data"] == []
    found = knowledge_client.post(f"/datasets/{dataset_id}/retrieve", json={"query": "warranty of a kettle"})
    assert found.raise_for_status().json()["records"] == []


def test_a_file_is_indexed(knowledge_client: httpx2.Client) -> None:
    dataset_id = create_dataset(knowledge_client)
    answer = knowledge_client.post(
        f"/datasets/{dataset_id}/document/create-by-file",
        data={"data": json.dumps({"indexing_technique": "economy", "process_rule": {"mode": "automatic"}})},
        files={"file": ("returns.md", f"# Returns\n\n{RETURNS}\n".encode(), "text/markdown")},
    ).raise_for_status()
    status = await_indexing(knowledge_client, dataset_id, answer.json()["batch"])
    assert status["indexing_status"] == "completed"
    assert answer.json()["document"]["name"] == "returns.md"


def test_a_broken_file_ends_with_a_reason_that_a_person_understands(knowledge_client: httpx2.Client) -> None:
    dataset_id = create_dataset(knowledge_client)
    answer = knowledge_client.post(
        f"/datasets/{dataset_id}/document/create-by-file",
        data={"data": json.dumps({"process_rule": {"mode": "automatic"}})},
        files={"file": ("broken.pdf", b"%PDF-1.7\n" + b"\x00garbage" * 50, "application/pdf")},
    ).raise_for_status()
    status = await_indexing(knowledge_client, dataset_id, answer.json()["batch"])
    assert status["indexing_status"] == "error"
    assert "broken.pdf" in status["error"] or "PDF" in status["error"]
    assert "Traceback" not in status["error"]


def test_a_file_of_an_unknown_type_is_refused_at_once(knowledge_client: httpx2.Client) -> None:
    dataset_id = create_dataset(knowledge_client)
    refused = knowledge_client.post(
        f"/datasets/{dataset_id}/document/create-by-file",
        data={"data": "{}"},
        files={"file": ("setup.exe", b"MZ\x90\x00", "application/octet-stream")},
    )
    assert_uniform(refused, 415, "unsupported_file_type")


def test_settings_that_are_no_json_are_refused(knowledge_client: httpx2.Client) -> None:
    dataset_id = create_dataset(knowledge_client)
    refused = knowledge_client.post(
        f"/datasets/{dataset_id}/document/create-by-file",
        data={"data": "{not json"},
        files={"file": ("a.txt", b"hello", "text/plain")},
    )
    assert refused.status_code == 400
    assert refused.json()["details"][0]["field"] == "data"


def test_a_name_is_taken_once(knowledge_client: httpx2.Client) -> None:
    knowledge_client.post("/datasets", json={"name": "Manuals"}).raise_for_status()
    assert_uniform(knowledge_client.post("/datasets", json={"name": "Manuals"}), 409, "dataset_name_duplicate")


def test_a_knowledge_base_is_changed_and_deleted(knowledge_client: httpx2.Client) -> None:
    dataset_id = create_dataset(knowledge_client)
    for method in ("PATCH", "PUT"):
        changed = knowledge_client.request(method, f"/datasets/{dataset_id}", json={"description": f"By {method}"})
        assert changed.raise_for_status().json()["description"] == f"By {method}"
    assert knowledge_client.delete(f"/datasets/{dataset_id}").status_code == 204
    assert_uniform(knowledge_client.get(f"/datasets/{dataset_id}"), 404, "not_found")
