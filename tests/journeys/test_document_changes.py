"""Documents after they were added: changed, switched, paused, retried, downloaded, deleted."""

import io
import json
import zipfile
from typing import Any

import httpx2

from tests.journeys.resources import add_text, assert_uniform, await_indexing, create_dataset

PARAGRAPHS = [f"Paragraph {number} tells of the {word} at length. " * 8 for number, word in enumerate(("kite", "quay"))]
RULE = {"mode": "custom", "rules": {"segmentation": {"separator": "###", "max_tokens": 1000}}}


def indexed(client: httpx2.Client, text: str = "A kettle.", **settings: Any) -> tuple[str, dict[str, Any]]:
    """Add a text, await its indexing, and return the path of its dataset and the document."""
    dataset_id = create_dataset(client)
    body = {"name": "Kettle", "text": text, "process_rule": {"mode": "automatic"}, **settings}
    made = client.post(f"/datasets/{dataset_id}/document/create-by-text", json=body).raise_for_status().json()
    await_indexing(client, dataset_id, made["batch"])
    return f"/datasets/{dataset_id}", made["document"]


def upload(client: httpx2.Client, name: str, content: str, path: str = "/datasets/pipeline/file-upload") -> str:
    """Upload a text file for later and return its id."""
    answer = client.post(path, files={"file": (name, content.encode(), "text/plain")})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_unchanged_passages_keep_their_ids_and_counts(knowledge_client: httpx2.Client) -> None:
    dataset, document = indexed(knowledge_client, "###".join(PARAGRAPHS), process_rule=RULE)
    place = f"{dataset}/documents/{document['id']}"
    knowledge_client.post(f"{dataset}/retrieve", json={"query": "kite"}).raise_for_status()
    before = knowledge_client.get(f"{place}/segments").raise_for_status().json()["data"]
    text = "###".join([PARAGRAPHS[0], "The quay was rebuilt.", "A lighthouse was added."])
    for path in ("update-by-text", "update_by_text"):
        answer = knowledge_client.post(f"{place}/{path}", json={"name": "Harbour", "text": text}).raise_for_status()
        assert answer.json()["document"]["id"] == document["id"]
        assert answer.json()["document"]["indexing_status"] == "waiting"
        await_indexing(knowledge_client, dataset.rpartition("/")[2], answer.json()["batch"])
    after = knowledge_client.get(f"{place}/segments").raise_for_status().json()["data"]
    assert after[0]["id"] == before[0]["id"]
    assert after[0]["hit_count"] == before[0]["hit_count"] == 1
    assert [one["content"] for one in after[1:]] == ["The quay was rebuilt.", "A lighthouse was added."]
    assert before[1]["id"] not in [one["id"] for one in after]
    assert knowledge_client.get(place).raise_for_status().json()["name"] == "Harbour"


def test_a_name_is_changed_without_indexing_again(knowledge_client: httpx2.Client) -> None:
    dataset, document = indexed(knowledge_client)
    answer = knowledge_client.post(f"{dataset}/documents/{document['id']}/update-by-text", json={"name": "Teapot"})
    assert answer.raise_for_status().json()["document"]["indexing_status"] == "completed"
    assert answer.json()["document"]["name"] == "Teapot"


def test_a_file_replaces_the_content(knowledge_client: httpx2.Client) -> None:
    dataset, document = indexed(knowledge_client)
    place = f"{dataset}/documents/{document['id']}"
    calls = [("PATCH", place), ("POST", f"{place}/update-by-file"), ("POST", f"{place}/update_by_file")]
    for number, (method, path) in enumerate(calls):
        part = {"file": (f"new-{number}.txt", f"Lantern number {number}.".encode(), "text/plain")}
        answer = knowledge_client.request(
            method, path, files=part, data={"data": json.dumps({"doc_language": "English"})}
        )
        assert answer.raise_for_status().json()["document"]["name"] == f"new-{number}.txt"
        await_indexing(knowledge_client, dataset.rpartition("/")[2], answer.json()["batch"])
        shown = knowledge_client.get(f"{place}/segments").raise_for_status().json()["data"]
        assert [one["content"] for one in shown] == [f"Lantern number {number}."]


def test_documents_are_made_of_uploads(knowledge_client: httpx2.Client, console: httpx2.Client) -> None:
    dataset_id = create_dataset(knowledge_client)
    ids = [
        upload(knowledge_client, "a.txt", "An anchor."),
        upload(knowledge_client, "b.txt", "A buoy.", "/datasets/upload"),
    ]
    source = {"info_list": {"data_source_type": "upload_file", "file_info_list": {"file_ids": ids}}}
    made = knowledge_client.post(f"/datasets/{dataset_id}/documents", json={"data_source": source}).raise_for_status()
    assert [one["name"] for one in made.json()["documents"]] == ["a.txt", "b.txt"]
    assert made.json()["document"]["id"] == made.json()["documents"][0]["id"]
    for _ in made.json()["documents"]:
        await_indexing(knowledge_client, dataset_id, made.json()["batch"])
    more = console.post(f"/datasets/{dataset_id}/documents", json={"data_source": source}).raise_for_status().json()
    assert more["dataset"]["id"] == dataset_id
    assert [one["created_from"] for one in more["documents"]] == ["web", "web"]
    status = console.get(f"/datasets/{dataset_id}/indexing-status").raise_for_status().json()["data"]
    assert len(status) == 4


def test_documents_are_made_of_a_text_or_a_form_at_the_same_place(knowledge_client: httpx2.Client) -> None:
    dataset_id = create_dataset(knowledge_client)
    place = f"/datasets/{dataset_id}/documents"
    text = knowledge_client.post(place, json={"name": "Anchor", "text": "An anchor."}).raise_for_status().json()
    part = {"file": ("buoy.txt", b"A buoy.", "text/plain")}
    form = knowledge_client.post(place, files=part, data={"indexing_technique": "economy"}).raise_for_status().json()
    assert (text["document"]["name"], form["document"]["name"]) == ("Anchor", "buoy.txt")
    assert await_indexing(knowledge_client, dataset_id, form["batch"])["indexing_status"] == "completed"
    one = knowledge_client.get(f"{place}/{form['document']['id']}/status").raise_for_status().json()
    assert (one["id"], one["indexing_status"]) == (form["document"]["id"], "completed")


def test_another_origin_is_refused_by_its_name(knowledge_client: httpx2.Client, console: httpx2.Client) -> None:
    dataset, document = indexed(knowledge_client)
    source = {"info_list": {"data_source_type": "notion_import", "file_info_list": {"file_ids": [document["id"]]}}}
    refused = console.post(f"{dataset}/documents", json={"data_source": source})
    assert_uniform(refused, 400, "invalid_param")
    assert "notion_import" in refused.json()["message"]
    for path in (f"{dataset}/documents/{document['id']}/website-sync", f"{dataset}/notion/sync"):
        assert "upload_file" in assert_uniform(console.get(path), 400, "unsupported_data_source")["message"]


def test_documents_are_switched_all_or_none(knowledge_client: httpx2.Client, console: httpx2.Client) -> None:
    dataset, document = indexed(knowledge_client, "The brass kettle sings.")
    place = f"{dataset}/documents/status"
    ids = {"document_ids": [document["id"]]}
    unknown = {"document_ids": [document["id"], "01930000-0000-7000-8000-000000000000"]}

    def state() -> tuple[str, int]:
        shown = knowledge_client.get(f"{dataset}/documents/{document['id']}").raise_for_status().json()
        found = knowledge_client.post(f"{dataset}/retrieve", json={"query": "kettle"}).raise_for_status().json()
        return shown["display_status"], len(found["records"])

    assert_uniform(knowledge_client.patch(f"{place}/disable", json=unknown), 404, "not_found")
    assert state() == ("available", 1)
    for action, after in (("disable", "disabled"), ("enable", "available"), ("archive", "archived")):
        done = knowledge_client.patch(f"{place}/{action}", json=ids).raise_for_status()
        assert done.json() == {"result": "success"}
        assert state() == (after, 1 if after == "available" else 0)
    assert_uniform(knowledge_client.delete(f"{dataset}/documents/{document['id']}"), 403, "archived_document_immutable")
    console.patch(f"{place}/un_archive/batch", params={"document_id": document["id"]}).raise_for_status()
    assert state() == ("available", 1)
    assert_uniform(knowledge_client.patch(f"{place}/shred", json=ids), 400, "invalid_param")


def test_a_failed_document_is_listed_and_retried(knowledge_client: httpx2.Client, console: httpx2.Client) -> None:
    dataset_id = create_dataset(knowledge_client)
    part = {"file": ("broken.pdf", b"%PDF-1.7\n" + b"\x00garbage" * 50, "application/pdf")}
    made = knowledge_client.post(f"/datasets/{dataset_id}/documents", files=part).raise_for_status().json()
    await_indexing(knowledge_client, dataset_id, made["batch"])
    failed = console.get(f"/datasets/{dataset_id}/error-docs").raise_for_status().json()
    assert failed["total"] == 1
    assert failed["data"][0]["error"]
    document_id = made["document"]["id"]
    retried = console.post(f"/datasets/{dataset_id}/retry", json={"document_ids": [document_id]})
    assert (retried.status_code, retried.content) == (204, b"")
    assert await_indexing(knowledge_client, dataset_id, made["batch"])["indexing_status"] == "error"
    _, good = indexed(knowledge_client)
    other = console.post(f"/datasets/{dataset_id}/retry", json={"document_ids": [good["id"]]})
    assert_uniform(other, 404, "not_found")


def test_pause_and_resume_answer_what_is_possible(knowledge_client: httpx2.Client, console: httpx2.Client) -> None:
    dataset, document = indexed(knowledge_client)
    place = f"{dataset}/documents/{document['id']}"
    assert_uniform(console.patch(f"{place}/processing/pause"), 400, "document_indexing")
    assert_uniform(console.patch(f"{place}/processing/resume"), 400, "document_indexing")
    finished = console.post(f"{dataset}/retry", json={"document_ids": [document["id"]]})
    assert_uniform(finished, 400, "document_already_finished")
    # The first of two long documents keeps the worker, so that the second is not complete before it is paused.
    dataset_id, text = dataset.rpartition("/")[2], "A long text about harbours. " * 40_000
    add_text(knowledge_client, dataset_id, "First", text)
    slow = add_text(knowledge_client, dataset_id, "Long", text)
    place = f"{dataset}/documents/{slow['document']['id']}"
    assert console.patch(f"{place}/processing/pause").status_code == 204
    assert knowledge_client.get(f"{place}/status").json()["indexing_status"] == "paused"
    assert knowledge_client.get(place).json()["display_status"] == "paused"
    assert console.patch(f"{place}/processing/resume").status_code == 204
    assert await_indexing(knowledge_client, dataset_id, slow["batch"])["indexing_status"] == "completed"


def test_a_document_is_renamed(knowledge_client: httpx2.Client, console: httpx2.Client) -> None:
    dataset, document = indexed(knowledge_client)
    answer = console.post(f"{dataset}/documents/{document['id']}/rename", json={"name": "Samovar"})
    assert answer.raise_for_status().json()["name"] == "Samovar"


def test_documents_are_downloaded(knowledge_client: httpx2.Client, program: Any) -> None:
    dataset, document = indexed(knowledge_client, "Brass polish.")
    place = f"{dataset}/documents/{document['id']}"
    url = knowledge_client.get(f"{place}/download").raise_for_status().json()["url"]
    with program.client() as anyone:
        fetched = anyone.get(url.replace(url.partition("/files/")[0], program.url)).raise_for_status()
        assert fetched.text == "Brass polish."
        assert fetched.headers["content-disposition"].startswith("attachment")
    second = add_text(knowledge_client, dataset.rpartition("/")[2], "Kettle", "Copper polish.")["document"]
    packed = knowledge_client.post(
        f"{dataset}/documents/download-zip", json={"document_ids": [document["id"], second["id"]]}
    ).raise_for_status()
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert archive.namelist() == ["Kettle.txt", "Kettle (2).txt"]
        assert archive.read("Kettle (2).txt") == b"Copper polish."


def test_documents_are_deleted_together(knowledge_client: httpx2.Client, console: httpx2.Client) -> None:
    dataset, document = indexed(knowledge_client)
    second = add_text(knowledge_client, dataset.rpartition("/")[2], "Teapot", "A teapot.")["document"]
    gone = console.delete(f"{dataset}/documents", params={"document_id": [document["id"], second["id"]]})
    assert (gone.status_code, gone.content) == (204, b"")
    assert console.get(f"{dataset}/documents").raise_for_status().json()["total"] == 0
