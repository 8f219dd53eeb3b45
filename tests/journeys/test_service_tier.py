"""What a back end does with keys alone: keep knowledge up to date, ask, read conversations, send files."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.journeys.program import Program

ALICE, BOB = {"user": "alice"}, {"user": "bob"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
FACT = "The Meridian kettle holds one point seven litres."


@pytest.fixture(scope="module")
def knowledge(program: Program) -> Iterator[httpx2.Client]:
    """A Service client with a key to the workspace's datasets."""
    with program.console() as console:
        key = console.post("/datasets/api-keys").raise_for_status().json()["token"]
    with program.service(key) as client:
        yield client


@pytest.fixture(scope="module")
def dataset(knowledge: httpx2.Client) -> dict[str, Any]:
    """A dataset that was made with the key."""
    made = knowledge.post("/datasets", json={"name": "Data sheets", "permission": "all_team_members"})
    assert made.status_code == 200, made.text
    return dict(made.json())


@pytest.fixture(scope="module")
def document(knowledge: httpx2.Client, dataset: dict[str, Any]) -> dict[str, Any]:
    """An indexed document of that dataset."""
    path = f"/datasets/{dataset['id']}"
    created = knowledge.post(
        f"{path}/document/create-by-text", json={"name": "kettle", "text": FACT, "process_rule": {"mode": "automatic"}}
    )
    assert created.status_code == 200, created.text
    completed(knowledge, dataset["id"], created.json()["batch"])
    return dict(created.json()["document"])


@pytest.fixture(scope="module")
def app(program: Program, dataset: dict[str, Any], document: dict[str, Any]) -> Iterator[httpx2.Client]:
    """A Service client with the key of a chat app that knows the dataset."""
    linked = {"datasets": {"datasets": [{"dataset": {"id": dataset["id"], "enabled": True}}]}}
    with program.console() as console:
        made = console.post("/apps", json={"name": "Helper", "mode": "chat"}).raise_for_status().json()
        config = {"dataset_configs": linked, "opening_statement": "Hello!"}
        console.post(f"/apps/{made['id']}/model-config", json=config).raise_for_status()
        key = console.post(f"/apps/{made['id']}/api-keys").raise_for_status().json()["token"]
    with program.service(key) as client:
        yield client


@pytest.fixture(scope="module")
def answer(app: httpx2.Client) -> dict[str, Any]:
    """Alice's first answer, in blocking mode."""
    asked = app.post("/chat-messages", json={"query": "How much does the Meridian kettle hold?", "inputs": {}, **ALICE})
    assert asked.status_code == 200, asked.text
    return dict(asked.json())


def completed(knowledge: httpx2.Client, dataset_id: str, batch: str) -> None:
    """Wait until a batch is indexed."""
    deadline = time.monotonic() + 60
    while True:
        states = knowledge.get(f"/datasets/{dataset_id}/documents/{batch}/indexing-status").raise_for_status().json()
        if states["data"][0]["indexing_status"] == "completed":
            return
        assert states["data"][0]["indexing_status"] != "error", states
        assert time.monotonic() < deadline, states
        time.sleep(0.1)


def test_the_index_needs_no_key(program: Program) -> None:
    with program.client("/v1") as anonymous:
        assert anonymous.get("/").json()["api_version"] == "v1"


def test_datasets_are_listed_read_changed_and_deleted(knowledge: httpx2.Client) -> None:
    made = knowledge.post("/datasets", json={"name": "Scratch"}).json()
    again = knowledge.post("/datasets", json={"name": "Scratch"})
    assert (again.status_code, again.json()["code"]) == (409, "dataset_name_duplicate")
    assert made["id"] in [row["id"] for row in knowledge.get("/datasets", params={"keyword": "scra"}).json()["data"]]
    path = f"/datasets/{made['id']}"
    assert knowledge.patch(path, json={"description": "Notes"}).json()["description"] == "Notes"
    assert knowledge.put(path, json={"name": "Scratches"}).json()["name"] == "Scratches"
    assert knowledge.get(path).json()["name"] == "Scratches"
    assert knowledge.delete(path).status_code == 204
    gone = knowledge.get(path)
    assert (gone.status_code, gone.json()["message"]) == (404, "Dataset not found.")


def test_a_file_becomes_a_document_that_can_be_found_and_deleted(
    knowledge: httpx2.Client, dataset: dict[str, Any]
) -> None:
    path = f"/datasets/{dataset['id']}"
    created = knowledge.post(
        f"{path}/document/create_by_file",
        data={"data": json.dumps({"indexing_technique": "high_quality", "process_rule": {"mode": "automatic"}})},
        files={"file": ("toaster.md", b"# Toaster\n\nThe Comet toaster has six levels.\n", "text/markdown")},
    )
    assert created.status_code == 200, created.text
    document = created.json()["document"]
    assert (document["display_status"], document["doc_type"]) == ("queuing", "md")
    completed(knowledge, dataset["id"], created.json()["batch"])
    detail = knowledge.get(f"{path}/documents/{document['id']}").json()
    assert (detail["display_status"], detail["segment_count"]) == ("available", 1)
    assert set(knowledge.get(f"{path}/documents/{document['id']}?metadata=only").json()) == {
        "id",
        "doc_type",
        "doc_metadata",
    }
    listed = knowledge.get(f"{path}/documents", params={"keyword": "toast", "status": "available"}).json()
    assert [row["id"] for row in listed["data"]] == [document["id"]]
    found = knowledge.post(f"{path}/hit-testing", json={"query": "How many levels does the Comet toaster have?"})
    assert found.json()["records"][0]["segment"]["document"]["name"] == "toaster.md"
    assert knowledge.delete(f"{path}/documents/{document['id']}").status_code == 204
    assert knowledge.get(f"{path}/documents/{document['id']}").status_code == 404


def test_a_file_that_lies_about_its_type_is_refused(knowledge: httpx2.Client, dataset: dict[str, Any]) -> None:
    refused = knowledge.post(
        f"/datasets/{dataset['id']}/document/create-by-file", files={"file": ("letter.pdf", PNG, "application/pdf")}
    )
    assert (refused.status_code, refused.json()["code"]) == (415, "unsupported_file_type")
    assert "image/png" in refused.json()["message"]


def test_retrieve_finds_the_passage(
    knowledge: httpx2.Client, dataset: dict[str, Any], document: dict[str, Any]
) -> None:
    model = {"search_method": "hybrid_search", "top_k": 1, "weights": {"semantic_weight": 0.7, "keyword_weight": 0.3}}
    body = {"query": "kettle litres", "retrieval_model": model}
    found = knowledge.post(f"/datasets/{dataset['id']}/retrieve", json=body).json()
    assert found["query"] == {"content": "kettle litres"}
    assert found["records"][0]["segment"]["content"] == FACT


def test_the_answer_rests_on_the_document(answer: dict[str, Any], document: dict[str, Any]) -> None:
    assert "one point seven" in answer["answer"]
    assert answer["metadata"]["retriever_resources"][0]["document_id"] == document["id"]
    assert isinstance(answer["metadata"]["usage"]["total_price"], str)


def test_a_stream_ends_with_message_end_and_ids_are_sent_on_request(app: httpx2.Client) -> None:
    body = {"query": "How much does the kettle hold?", "inputs": {}, "response_mode": "streaming", **ALICE}
    plain = app.post("/chat-messages", json=body)
    assert plain.headers["content-type"].startswith("text/event-stream")
    events = [json.loads(line[6:]) for line in plain.text.splitlines() if line.startswith("data: ")]
    assert events[0]["event"] == "message"
    assert events[-1]["event"] == "message_end"
    assert "id:" not in plain.text
    numbered = app.post("/chat-messages", json=body, headers={"Last-Event-ID": ""})
    assert "\nid: " in f"\n{numbered.text}"


def test_messages_belong_to_one_person(app: httpx2.Client, answer: dict[str, Any]) -> None:
    params = {"conversation_id": answer["conversation_id"], **ALICE, "first_id": ""}
    listed = app.get("/messages", params=params).json()
    assert [row["id"] for row in listed["data"]] == [answer["message_id"]]
    assert app.get(f"/messages/{answer['message_id']}", params=ALICE).json() == listed["data"][0]
    assert app.get(f"/messages/{answer['message_id']}", params=BOB).status_code == 404
    refused = app.get("/messages", params={**params, **BOB})
    assert (refused.status_code, refused.json()["message"]) == (404, "Conversation Not Exists.")


def test_conversations_are_listed_renamed_and_deleted(app: httpx2.Client) -> None:
    carol = {"user": "carol"}
    asked = app.post("/chat-messages", json={"query": "What holds the kettle?", "inputs": {}, **carol}).json()
    listed = app.get("/conversations", params={**carol, "last_id": ""}).json()
    assert [row["id"] for row in listed["data"]] == [asked["conversation_id"]]
    assert listed["data"][0]["introduction"] == "Hello!"
    path = f"/conversations/{asked['conversation_id']}"
    renamed = app.post(f"{path}/name", json={"name": "Kettles", **carol}).json()
    assert (renamed["name"], renamed["result"], renamed["data"]["name"]) == ("Kettles", "success", "Kettles")
    generated = app.post(f"{path}/name", json={"auto_generate": True, **carol}).json()
    assert generated["name"] == "What holds the kettle?"
    assert app.request("DELETE", path, json=carol).status_code == 204
    assert app.get("/conversations", params=carol).json()["data"] == []
    unknown = app.get("/conversations", params={**carol, "last_id": "0193f0a2-6d1c-7c5e-9a57-2f0d6c6f0c01"})
    assert (unknown.status_code, unknown.json()["message"]) == (404, "Last Conversation Not Exists.")


def test_what_cannot_be_asked_is_refused(app: httpx2.Client) -> None:
    missing = app.post("/chat-messages", json={"query": "Hello", "inputs": {}})
    assert (missing.status_code, missing.json()["code"], missing.json()["params"]) == (400, "invalid_param", "user")
    assert missing.json()["message"] == "Arg user must be provided."
    wrong_mode = app.post("/completion-messages", json={"inputs": {}, **ALICE})
    assert (wrong_mode.status_code, wrong_mode.json()["code"]) == (400, "not_completion_app")
    unknown = "0193f0a2-6d1c-7c5e-9a57-2f0d6c6f0c01"
    body = {"query": "Hello", "inputs": {}, "conversation_id": unknown, **ALICE}
    assert app.post("/chat-messages", json=body).json()["message"] == "Conversation Not Exists."
    assert app.post(f"/chat-messages/{unknown}/stop", json=ALICE).json() == {"result": "success"}


def test_a_completion_app_answers_once(program: Program) -> None:
    with program.console() as console:
        made = console.post("/apps", json={"name": "Writer", "mode": "completion"}).raise_for_status().json()
        key = console.post(f"/apps/{made['id']}/api-keys").raise_for_status().json()["token"]
    with program.service(key) as writer:
        body = {"inputs": {"query": "Say hello"}, **ALICE}
        for path in ("/completion-messages", "/completions"):
            answered = writer.post(path, json=body)
            assert answered.status_code == 200, answered.text
            assert answered.json()["mode"] == "completion"
            assert "conversation_id" not in answered.json()
        assert writer.get("/conversations", params=ALICE).json()["code"] == "not_chat_app"


def test_the_app_tells_what_it_is_and_answers_can_be_kept(app: httpx2.Client) -> None:
    info = app.get("/info")
    assert info.json()["mode"] == "chat"
    assert info.headers["cache-control"] == "private, max-age=300"
    kept = app.get("/info", headers={"If-None-Match": info.headers["etag"]})
    assert (kept.status_code, kept.content) == (304, b"")
    assert app.get("/app/info").json() == info.json()
    parameters = app.get("/parameters").json()
    assert parameters == app.get("/app/parameters").json()
    assert (parameters["opening_statement"], parameters["user_input_form"]) == ("Hello!", [])
    assert app.get("/meta").json()["tool_icons"] == {}
    assert app.get("/site").json()["title"] == "Helper"


def test_a_file_is_kept_for_its_app_and_comes_back(app: httpx2.Client) -> None:
    for path in ("/files/upload", "/files"):
        kept = app.post(path, data=ALICE, files={"file": ("chart.png", PNG, "image/png")})
        assert kept.status_code == 201, kept.text
    shown = app.get(f"/files/{kept.json()['id']}/preview", params=ALICE)
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    saved = app.get(f"/files/{kept.json()['id']}/preview?as_attachment=true")
    assert saved.headers["content-disposition"].startswith("attachment")
    refused = app.post("/files/upload", data=ALICE, files={"file": ("run.exe", b"MZ", "image/png")})
    assert (refused.status_code, refused.json()["code"]) == (415, "unsupported_file_type")


def test_a_dataset_in_use_is_not_deleted(knowledge: httpx2.Client, app: httpx2.Client, dataset: dict[str, Any]) -> None:
    refused = knowledge.delete(f"/datasets/{dataset['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "dataset_in_use")
    assert app.get("/datasets").status_code == 401
