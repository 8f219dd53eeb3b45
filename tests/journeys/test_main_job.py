"""The main job, as a newcomer does it: sign in, upload, index, create an app and a key, and get a sourced answer."""

import io
import json
import time
from collections.abc import Iterator

import docx
import fpdf
import httpx2
import pytest

from tests.journeys.program import Program

WARRANTY = "Every Meridian kettle carries a warranty of thirty months from the date of purchase."
RETURNS = "Unused goods can be returned within twenty-one days, and the refund is paid to the original card."
SHIPPING = "Parcels to the Faroe Islands leave every Thursday and take nine working days."


def pdf(text: str) -> bytes:
    """Return a one-page PDF that says `text`."""
    document = fpdf.FPDF()
    document.add_page()
    document.set_font("helvetica", size=12)
    document.multi_cell(0, 8, text)
    return bytes(document.output())


def word(text: str) -> bytes:
    """Return a DOCX file with one paragraph."""
    document = docx.Document()
    document.add_paragraph(text)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


FILES = {
    "warranty.pdf": (pdf(WARRANTY), "application/pdf"),
    "returns.docx": (
        word(RETURNS),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "shipping.md": (f"# Shipping\n\n{SHIPPING}\n".encode(), "text/markdown"),
}


def sse(lines: Iterator[str]) -> Iterator[dict[str, object]]:
    """Yield the JSON object of every data line of a stream."""
    for line in lines:
        if line.startswith("data:"):
            yield json.loads(line[5:])


@pytest.fixture(scope="module")
def console(program: Program) -> Iterator[httpx2.Client]:
    """A Console client, signed in as the owner."""
    with program.console() as client:
        yield client


@pytest.fixture(scope="module")
def dataset_id(console: httpx2.Client) -> str:
    """A knowledge base that holds the three files, indexed by the workers."""
    dataset = (
        console.post("/datasets", json={"name": "Shop handbook", "indexing_technique": "high_quality"})
        .raise_for_status()
        .json()
    )
    batches = []
    for name, (content, media_type) in FILES.items():
        created = console.post(
            f"/datasets/{dataset['id']}/document/create_by_file",
            data={"data": json.dumps({"indexing_technique": "high_quality", "process_rule": {"mode": "automatic"}})},
            files={"file": (name, content, media_type)},
        )
        assert created.status_code in (200, 201), created.text
        batches.append(created.json()["batch"])
    deadline = time.monotonic() + 60
    for batch in batches:
        while True:
            status = (
                console.get(f"/datasets/{dataset['id']}/batch/{batch}/indexing-status")
                .raise_for_status()
                .json()["data"][0]
            )
            assert status["indexing_status"] != "error", status
            if status["indexing_status"] == "completed":
                assert status["completed_segments"] == status["total_segments"] >= 1
                break
            assert time.monotonic() < deadline, status
            time.sleep(0.1)
    return str(dataset["id"])


@pytest.fixture(scope="module")
def app_key(console: httpx2.Client, dataset_id: str) -> str:
    """The secret of a key to a chat app that answers from the knowledge base."""
    app = console.post("/apps", json={"name": "Shop assistant", "mode": "chat"}).raise_for_status().json()
    console.post(
        f"/apps/{app['id']}/model-config",
        json={
            "pre_prompt": "Answer from the handbook.",
            "dataset_configs": {
                "retrieval_model": "multiple",
                "top_k": 3,
                "datasets": {"datasets": [{"dataset": {"id": dataset_id, "enabled": True}}]},
            },
            "retriever_resource": {"enabled": True},
        },
    ).raise_for_status()
    return str(console.post(f"/apps/{app['id']}/api-keys").raise_for_status().json()["token"])


@pytest.mark.parametrize(
    ("query", "file", "fact"),
    [
        ("How long is the warranty of a kettle?", "warranty.pdf", "thirty months"),
        ("Within how many days can goods be returned?", "returns.docx", "twenty-one days"),
        ("When do parcels to the Faroe Islands leave?", "shipping.md", "Thursday"),
    ],
)
def test_a_streamed_answer_quotes_its_source(program: Program, app_key: str, query: str, file: str, fact: str) -> None:
    with program.service(app_key) as client:
        request = {"inputs": {}, "query": query, "response_mode": "streaming", "user": "ada"}
        with client.stream("POST", "/chat-messages", json=request) as response:
            assert response.status_code == 200, response.read()
            assert response.headers["content-type"].startswith("text/event-stream")
            events = list(sse(response.iter_lines()))
    assert [event["event"] for event in events if event["event"] != "message"] == ["message_end"]
    assert len({event["task_id"] for event in events}) == 1
    answer = "".join(str(event["answer"]) for event in events if event["event"] == "message")
    assert fact in answer
    resources = events[-1]["metadata"]["retriever_resources"]  # type: ignore[index]
    assert resources[0]["document_name"] == file
    assert 0 < resources[0]["score"] <= 1


def test_a_blocking_answer_is_kept_as_a_message(program: Program, app_key: str) -> None:
    with program.service(app_key) as client:
        request = {
            "inputs": {},
            "query": "How long is the warranty of a kettle?",
            "response_mode": "blocking",
            "user": "grace",
        }
        answered = client.post("/chat-messages", json=request).raise_for_status().json()
        assert answered["event"] == "message"
        assert "thirty months" in answered["answer"]
        listed = client.get("/messages", params={"conversation_id": answered["conversation_id"], "user": "grace"})
        message = listed.raise_for_status().json()["data"][0]
        assert message["id"] == answered["message_id"]
        assert message["answer"] == answered["answer"]
        conversations = client.get("/conversations", params={"user": "grace"}).raise_for_status().json()
        assert [item["id"] for item in conversations["data"]] == [answered["conversation_id"]]


def test_another_user_of_the_app_does_not_see_the_conversation(program: Program, app_key: str) -> None:
    with program.service(app_key) as client:
        request = {"inputs": {}, "query": "Hello?", "response_mode": "blocking", "user": "heloise"}
        answered = client.post("/chat-messages", json=request).raise_for_status().json()
        peeked = client.get("/messages", params={"conversation_id": answered["conversation_id"], "user": "eve"})
    assert peeked.status_code == 404
    assert peeked.json()["code"] == "not_found"


def test_an_unreadable_file_ends_as_an_error_with_a_reason(console: httpx2.Client, dataset_id: str) -> None:
    created = console.post(
        f"/datasets/{dataset_id}/document/create_by_file",
        data={"data": json.dumps({"process_rule": {"mode": "automatic"}})},
        files={"file": ("broken.pdf", b"%PDF-1.7\n" + b"\x00garbage" * 50, "application/pdf")},
    )
    assert created.status_code in (200, 201), created.text
    deadline = time.monotonic() + 60
    while True:
        batch = created.json()["batch"]
        status = (
            console.get(f"/datasets/{dataset_id}/batch/{batch}/indexing-status").raise_for_status().json()["data"][0]
        )
        if status["indexing_status"] == "error":
            break
        assert time.monotonic() < deadline, status
        time.sleep(0.1)
    assert len(status["error"]) > 10
