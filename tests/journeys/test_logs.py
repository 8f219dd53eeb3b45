"""What administrators read of an app: its conversations, its numbers, and its annotations from a file."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app, create_app_key, create_workspace_key, within_one_day

UNKNOWN = "0193f0a2-6d1c-7c5e-9a57-2f0d6c6f0c01"
WHOLE = {"start": "2020-01-01 00:00", "end": "2099-01-01 00:00"}
STATISTICS = {
    "daily-messages": "message_count",
    "daily-conversations": "conversation_count",
    "daily-end-users": "terminal_count",
    "token-costs": "token_count",
    "average-session-interactions": "interactions",
    "user-satisfaction-rate": "rate",
    "average-response-time": "latency",
    "tokens-per-second": "tps",
}


@pytest.fixture(scope="module")
def answers(console: httpx2.Client, app_id: str, app_client: httpx2.Client) -> list[dict[str, Any]]:
    """Two questions of Ada's in one conversation, and one of Bob's; one was liked, and an administrator tried it."""
    within_one_day()
    first = ask(app_client, "How long is the warranty?", "ada")
    second = ask(app_client, "And the lid?", "ada", conversation_id=first["conversation_id"])
    third = ask(app_client, "Who made it?", "bob")
    rating = {"rating": "like", "user": "ada"}
    app_client.post(f"/messages/{first['message_id']}/feedbacks", json=rating).raise_for_status()
    tried = {"query": "Does it work?", "inputs": {}, "response_mode": "blocking"}
    console.post(f"/apps/{app_id}/chat-messages", json=tried).raise_for_status()
    return [first, second, third]


def ask(client: httpx2.Client, query: str, user: str, **more: Any) -> dict[str, Any]:
    body = {"query": query, "inputs": {}, "user": user, **more}
    return dict(client.post("/chat-messages", json=body).raise_for_status().json())


def test_the_conversations_of_everybody_are_listed(
    console: httpx2.Client, app_id: str, answers: list[dict[str, Any]]
) -> None:
    path = f"/apps/{app_id}/chat-conversations"
    listed = console.get(path).raise_for_status().json()
    assert (listed["total"], listed["has_more"]) == (3, False)
    sources = {row["from_end_user_session_id"]: row["from_source"] for row in listed["data"]}
    assert sources == {"ada": "api", "bob": "api", None: "console"}
    [found] = console.get(path, params={"keyword": "warranty"}).json()["data"]
    assert (found["message_count"], found["summary"]) == (2, "How long is the warranty?")
    assert found["user_feedback_stats"] == {"like": 1, "dislike": 0}
    assert found["status_count"]["success"] == 2
    assert console.get(path, params={"message_count_gte": 2}).json()["total"] == 1
    assert console.get(path, params={"annotation_status": "annotated"}).json()["total"] == 0
    assert console.get(path, params={"keyword": "bob"}).json()["total"] == 1
    assert console.get(path, params=WHOLE).json()["total"] == 3
    assert console.get(path, params={"end": "2020-01-01 00:00"}).json()["total"] == 0
    assert_uniform(console.get(path, params={"start": "2025-02-31 00:00"}), 400, "invalid_param")
    turned = {"start": WHOLE["end"], "end": WHOLE["start"]}
    assert_uniform(console.get(path, params=turned), 400, "invalid_param")
    oldest = console.get(path, params={"sort_by": "created_at"}).json()["data"][0]
    assert oldest["id"] == answers[0]["conversation_id"]


def test_one_conversation_is_shown_and_deleted(
    console: httpx2.Client, app_client: httpx2.Client, app_id: str, answers: list[dict[str, Any]]
) -> None:
    made = ask(app_client, "Forget this.", "carol")["conversation_id"]
    path = f"/apps/{app_id}/chat-conversations"
    shown = console.get(f"{path}/{made}").raise_for_status().json()
    assert (shown["message_count"], shown["annotated"], shown["from_source"]) == (1, False, "api")
    assert console.delete(f"{path}/{made}").status_code == 204
    assert_uniform(console.get(f"{path}/{made}"), 404, "not_found")
    assert app_client.get("/conversations", params={"user": "carol"}).json()["data"] == []
    assert_uniform(console.delete(f"{path}/{UNKNOWN}"), 404, "not_found")


def test_the_messages_of_an_app_that_answers_once_are_its_conversations(
    program: Program, console: httpx2.Client, app_id: str
) -> None:
    writer = create_app(console, mode="completion")
    with program.service(create_app_key(console, writer)) as client:
        body = {"inputs": {"query": "Say hello"}, "user": "ada"}
        message_id = client.post("/completion-messages", json=body).raise_for_status().json()["message_id"]
    console.post(f"/apps/{writer}/feedbacks", json={"message_id": message_id, "rating": "like"}).raise_for_status()
    note = {"question": "Say hello", "answer": "Hello.", "message_id": message_id}
    console.post(f"/apps/{writer}/annotations", json=note).raise_for_status()
    path = f"/apps/{writer}/completion-conversations"
    [row] = console.get(path, params={"annotation_status": "annotated", **WHOLE}).raise_for_status().json()["data"]
    assert (row["id"], row["message"]["query"], row["annotation"]["content"]) == (message_id, "Say hello", "Hello.")
    shown = console.get(f"{path}/{message_id}").raise_for_status().json()
    assert shown["message"]["feedbacks"][0]["from_source"] == "admin"
    assert shown["message"]["annotation"]["account"]["name"]
    assert console.delete(f"{path}/{message_id}").status_code == 204
    assert_uniform(console.get(f"{path}/{message_id}"), 404, "not_found")
    assert console.get(f"/apps/{app_id}/completion-conversations").json()["total"] == 0


@pytest.mark.parametrize("name", STATISTICS)
def test_what_an_app_did_is_told_by_day(
    console: httpx2.Client, app_id: str, answers: list[dict[str, Any]], name: str
) -> None:
    [day] = console.get(f"/apps/{app_id}/statistics/{name}", params=WHOLE).raise_for_status().json()["data"]
    assert set(day) >= {"date", STATISTICS[name]}
    value = day[STATISTICS[name]]
    expected = {"daily-messages": (3, 4), "daily-conversations": (2, 3), "daily-end-users": (2, 3)}
    if name in expected:
        assert value in expected[name]
    elif name == "user-satisfaction-rate":
        assert value in (333.33, 250.0)
    else:
        assert value >= 0
    assert console.get(f"/apps/{app_id}/statistics/{name}", params={"end": WHOLE["start"]}).json() == {"data": []}
    assert_uniform(console.get(f"/apps/{UNKNOWN}/statistics/{name}"), 404, "app_not_found")


def test_annotations_come_from_a_file(console: httpx2.Client) -> None:
    app_id = create_app(console)
    path = f"/apps/{app_id}/annotations"
    table = b'question,answer\nHow long?,Two years.\n"Who, then?",Ada\n'
    made = console.post(f"{path}/batch-import", files={"file": ("notes.csv", table, "text/csv")})
    job = made.raise_for_status().json()
    assert (job["job_status"], job["record_count"]) == ("completed", 2)
    state = console.get(f"{path}/batch-import-status/{job['job_id']}").raise_for_status().json()
    assert (state["job_status"], state["error_msg"]) == ("completed", "")
    listed = console.get(f"{path}/export").raise_for_status().json()["data"]
    assert {(row["question"], row["answer"]) for row in listed} == {("How long?", "Two years."), ("Who, then?", "Ada")}
    half = {"file": ("notes.csv", b"question,answer\nHow?,So.\nWhy?,\n", "text/csv")}
    assert_uniform(console.post(f"{path}/batch-import", files=half), 400, "unreadable_document")
    assert console.get(f"{path}/count").json() == {"count": 2}
    other = {"file": ("notes.txt", b"a,b", "text/plain")}
    assert_uniform(console.post(f"{path}/batch-import", files=other), 415, "unsupported_file_type")
    assert_uniform(console.post(f"{path}/batch-import", files={"x": (None, "1")}), 400, "no_file_uploaded")
    assert_uniform(console.get(f"{path}/batch-import-status/{UNKNOWN}"), 404, "not_found")


@pytest.fixture
def administrator(program: Program, console: httpx2.Client) -> Iterator[httpx2.Client]:
    """A program with a workspace key that may administer apps."""
    key = create_workspace_key(console, permissions=["app"], access="admin")
    with program.service(key) as client:
        yield client


def test_apps_are_made_with_a_workspace_key(
    program: Program, console: httpx2.Client, app_id: str, app_client: httpx2.Client, administrator: httpx2.Client
) -> None:
    made = administrator.post("/apps", json={"name": "My App", "description": "A sample application"})
    assert (made.status_code, made.json()["mode"], made.json()["name"]) == (200, "chat", "My App")
    listed = administrator.get("/apps", params={"keyword": "My App"}).raise_for_status().json()
    assert [row["id"] for row in listed["data"]] == [made.json()["id"]]
    assert console.get(f"/apps/{made.json()['id']}").status_code == 200
    assert_uniform(app_client.get("/apps"), 403, "forbidden")
    assert_uniform(administrator.get("/apps", headers={"X-App-Id": app_id}), 403, "forbidden")
    with program.service(create_workspace_key(console, permissions=["app"], access="write")) as writer:
        assert_uniform(writer.post("/apps", json={"name": "Mine"}), 403, "forbidden")
    assert_uniform(administrator.post("/apps", json={"description": "No name"}), 400, "invalid_param")
