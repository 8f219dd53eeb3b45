"""What visitors of a page can do beside asking: keep, pin, rate, upload, and ask for another answer."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.journeys.connected import connect_model
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app, events
from tests.journeys.studio import Studio, open_studio

NOTE = {"file": ("note.txt", b"Nine weeks.", "text/plain")}
ON = {"enabled": True}


@pytest.fixture(scope="module")
def model(console: httpx2.Client) -> Iterator[tuple[dict[str, Any], Studio]]:
    with open_studio() as studio:
        yield connect_model(console, studio.url), studio


def visit(program: Program, console: httpx2.Client, mode: str, config: dict[str, Any]) -> httpx2.Client:
    """Make an app and return the client of a visitor of its page."""
    return come(program, publish(console, mode, config))


def publish(console: httpx2.Client, mode: str, config: dict[str, Any]) -> str:
    """Make an app and return the code of its page."""
    app_id = create_app(console, mode=mode)
    console.post(f"/apps/{app_id}/model-config", json=config).raise_for_status()
    return str(console.get(f"/apps/{app_id}").raise_for_status().json()["site"]["code"])


def come(program: Program, code: str) -> httpx2.Client:
    """Return the client of a new visitor of a page."""
    with program.client("/api") as anonymous:
        passport = anonymous.get("/passport", headers={"X-App-Code": code}).raise_for_status().json()
    return program.client("/api", passport["access_token"])


@pytest.fixture(scope="module")
def chatter(program: Program, console: httpx2.Client, model: tuple[dict[str, Any], Studio]) -> Iterator[httpx2.Client]:
    config = {"model": model[0], "suggested_questions_after_answer": ON}
    with visit(program, console, "chat", config) as client:
        yield client


@pytest.fixture(scope="module")
def writer(program: Program, console: httpx2.Client, model: tuple[dict[str, Any], Studio]) -> Iterator[httpx2.Client]:
    with visit(program, console, "completion", {"model": model[0], "more_like_this": ON}) as client:
        yield client


def test_pinned_conversations_are_listed_apart(chatter: httpx2.Client) -> None:
    asked = [chatter.post("/chat-messages", json={"query": "Hello", "inputs": {}}).json() for _ in range(2)]
    first, second = (answer["conversation_id"] for answer in asked)
    assert chatter.patch(f"/conversations/{first}/pin").json() == {"result": "success"}
    chatter.patch(f"/conversations/{first}/pin").raise_for_status()

    def listed(pinned: bool) -> list[str]:
        rows = chatter.get("/conversations", params={"pinned": str(pinned).lower()}).raise_for_status().json()["data"]
        return [row["id"] for row in rows]

    assert (listed(True), listed(False)) == ([first], [second])
    chatter.patch(f"/conversations/{first}/unpin").raise_for_status()
    assert listed(True) == []
    rated = chatter.post(f"/messages/{asked[0]['message_id']}/feedbacks", json={"rating": "like"})
    assert rated.json() == {"result": "success"}


def test_an_uploaded_file_can_be_fetched_by_its_signed_address(program: Program, chatter: httpx2.Client) -> None:
    file_id = chatter.post("/files/upload", files=NOTE).raise_for_status().json()["id"]
    file = {"type": "document", "transfer_method": "local_file", "upload_file_id": file_id}
    asked = chatter.post("/chat-messages", json={"query": "How long?", "inputs": {}, "files": [file]}).json()
    params = {"conversation_id": asked["conversation_id"]}
    [message] = chatter.get("/messages", params=params).raise_for_status().json()["data"]
    url = message["message_files"][0]["url"]
    with program.client() as anonymous:
        fetched = anonymous.get(url)
        assert (fetched.status_code, fetched.content) == (200, b"Nine weeks.")
        assert fetched.headers["x-content-type-options"] == "nosniff"
        assert_uniform(anonymous.get(url[:-1] + ("A" if url[-1] != "A" else "B")), 403, "file_access_denied")
        assert_uniform(anonymous.get(url.replace("timestamp=", "timestamp=1")), 403, "file_access_denied")
        assert_uniform(anonymous.get(f"/files/{file_id}/file-preview"), 403, "file_access_denied")
        assert_uniform(anonymous.get(url.replace("file-preview", "image-preview")), 403, "file_access_denied")


def test_answers_are_kept_and_made_again(writer: httpx2.Client, model: tuple[dict[str, Any], Studio]) -> None:
    with writer.stream(
        "POST", "/completion-messages", json={"inputs": {}, "query": "Hi", "response_mode": "streaming"}
    ) as r:
        message_id = list(events(r))[-1]["message_id"]
    again = writer.get(f"/messages/{message_id}/more-like-this", params={"response_mode": "blocking"})
    assert again.status_code == 200, again.text
    assert again.json()["message_id"] != message_id
    assert model[1].asked[-1]["temperature"] == 0.9
    assert writer.post("/saved-messages", json={"message_id": message_id}).json() == {"result": "success"}
    saved = writer.get("/saved-messages").raise_for_status().json()
    assert ([row["id"] for row in saved["data"]], saved["has_more"]) == ([message_id], False)
    assert writer.delete(f"/saved-messages/{message_id}").status_code == 204
    assert writer.get("/saved-messages").json()["data"] == []


def test_a_stranger_takes_no_saved_answer_away(
    program: Program, console: httpx2.Client, model: tuple[dict[str, Any], Studio]
) -> None:
    code = publish(console, "completion", {"model": model[0]})
    with come(program, code) as owner, come(program, code) as stranger:
        asked = {"inputs": {}, "query": "Hi", "response_mode": "blocking"}
        message_id = owner.post("/completion-messages", json=asked).raise_for_status().json()["message_id"]
        owner.post("/saved-messages", json={"message_id": message_id}).raise_for_status()
        assert stranger.delete(f"/saved-messages/{message_id}").status_code == 204
        assert_uniform(stranger.post("/saved-messages", json={"message_id": message_id}), 404, "not_found")
        assert stranger.get("/saved-messages").json()["data"] == []
        assert [row["id"] for row in owner.get("/saved-messages").json()["data"]] == [message_id]


def test_what_does_not_fit_the_app_is_refused(chatter: httpx2.Client, writer: httpx2.Client) -> None:
    assert_uniform(chatter.get("/saved-messages"), 400, "not_completion_app")
    assert_uniform(chatter.post("/completion-messages", json={"inputs": {}}), 400, "not_completion_app")
    denied = chatter.post("/remote-files/upload", json={"url": "http://127.0.0.1:1/x.txt"})
    assert_uniform(denied, 400, "egress_denied")
    assert_uniform(chatter.post("/text-to-audio", json={"text": "Hello"}), 400, "invalid_param")


def test_a_page_tells_who_is_there(program: Program, chatter: httpx2.Client) -> None:
    assert chatter.get("/login/status").json() == {"logged_in": True, "app_logged_in": True}
    with program.client("/api") as anonymous:
        assert anonymous.get("/login/status").json() == {"logged_in": False, "app_logged_in": False}
        assert anonymous.get("/webapp/access-mode", params={"appId": "x"}).json() == {"accessMode": "public"}
        assert anonymous.get("/system-features").json()["enable_email_password_login"] is True
        assert anonymous.post("/logout").json() == {"result": "success"}
