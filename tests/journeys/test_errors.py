"""Everything that goes wrong before an operation runs has one shape."""

import json
import socket
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_dataset

QUESTION = {"query": "Hello?", "user": "ada", "response_mode": "blocking", "inputs": {}}


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/v2/chat-messages", "/console/api/nothing", "/api/nothing", "/nothing"]
)
def test_an_unknown_path_is_not_found(program: Program, path: str) -> None:
    with program.client() as client:
        assert_uniform(client.get(path), 404, "not_found")


def test_a_wrong_method_is_told_the_right_ones(program: Program) -> None:
    with program.client("/v1") as client:
        refused = client.patch("/chat-messages")
    assert_uniform(refused, 405, "method_not_allowed")
    assert "POST" in refused.headers["allow"]
    assert "PATCH" not in refused.headers["allow"]


def test_the_service_tier_nests_an_error_too(program: Program) -> None:
    with program.client("/v1") as client:
        body = assert_uniform(client.get("/info"), 401, "unauthorized")
    assert body["error"]["type"] == "unauthorized"
    assert body["error"]["message"] == body["message"]


@pytest.mark.parametrize("content", [b"{", b"", b"\xff\xfe{}", b'{"query": "\xc3\x28"}', b"nothing"])
def test_a_body_that_is_no_json_is_refused(app_client: httpx2.Client, content: bytes) -> None:
    refused = app_client.post("/chat-messages", content=content, headers={"content-type": "application/json"})
    assert refused.status_code == 400, refused.text
    assert refused.json()["code"] in ("invalid_json", "bad_request", "invalid_param")


def test_another_media_type_is_refused(app_client: httpx2.Client) -> None:
    refused = app_client.post("/chat-messages", content=b"<a/>", headers={"content-type": "text/xml"})
    assert_uniform(refused, 415, "unsupported_media_type")


def test_all_wrong_fields_are_named_at_once(app_client: httpx2.Client) -> None:
    body = assert_uniform(
        app_client.post("/chat-messages", json={"query": 1, "inputs": [], "response_mode": "loud"}),
        400,
        "invalid_param",
    )
    assert {"query", "inputs", "response_mode", "user"} <= {detail["field"] for detail in body["details"]}
    assert body["params"] == body["details"][0]["field"]


def test_a_wrong_query_parameter_is_named(app_client: httpx2.Client) -> None:
    refused = app_client.get("/conversations", params={"user": "ada", "limit": 101})
    body = assert_uniform(refused, 400, "invalid_param")
    assert body["params"] == "limit"


def test_an_id_that_is_none_is_refused(app_client: httpx2.Client) -> None:
    assert_uniform(app_client.get("/messages/none", params={"user": "ada"}), 400, "invalid_param")


def test_a_body_in_chunks_is_read(app_client: httpx2.Client) -> None:
    text = json.dumps(QUESTION).encode()
    chunks = (text[start : start + 7] for start in range(0, len(text), 7))
    answer = app_client.post("/chat-messages", content=chunks, headers={"content-type": "application/json"})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary="])
def test_a_form_without_a_boundary_is_refused(app_client: httpx2.Client, content_type: str) -> None:
    refused = app_client.post("/files/upload", content=b"--x\r\n\r\n", headers={"content-type": content_type})
    assert refused.status_code == 400, refused.text
    assert refused.json()["message"]


def test_a_form_that_breaks_off_is_refused(app_client: httpx2.Client) -> None:
    content = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello'
    refused = app_client.post(
        "/files/upload", content=content, headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert refused.status_code == 400, refused.text


def test_a_malformed_cookie_is_no_crash(program: Program) -> None:
    with program.client("/console/api") as client:
        answer = client.get("/account/profile", headers={"cookie": '=;;session="\\; a b=;=c'})
    assert answer.status_code == 401


def test_a_body_survives_the_upgrade_header_of_a_jdk_client(program: Program, app_client: httpx2.Client) -> None:
    address = urlsplit(program.url)
    body = json.dumps(QUESTION).encode()
    head = [
        "POST /v1/chat-messages HTTP/1.1",
        f"Host: {address.netloc}",
        "Connection: Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
        f"Authorization: {app_client.headers['authorization']}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        answer = b""
        while b'"answer"' not in answer and (received := connection.recv(65536)):
            answer += received
    assert answer.startswith(b"HTTP/1.1 200"), answer[:300]
    assert b'"conversation_id"' in answer


@pytest.mark.parametrize("body", [b"zz\r\n{}\r\n0\r\n\r\n", b"2\r\n{}xx\r\n0\r\n\r\n"])
def test_chunks_that_are_none_are_refused(program: Program, app_client: httpx2.Client, body: bytes) -> None:
    address = urlsplit(program.url)
    head = [
        "POST /v1/chat-messages HTTP/1.1",
        f"Host: {address.netloc}",
        f"Authorization: {app_client.headers['authorization']}",
        "Content-Type: application/json",
        "Transfer-Encoding: chunked",
    ]
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        answer = b""
        while received := connection.recv(65536):
            answer += received
            if answer.endswith(b"}"):
                break
    assert answer.startswith(b"HTTP/1.1 400"), answer[:300]
    assert b'"code":"bad_request"' in answer


def test_the_trace_id_comes_back(app_client: httpx2.Client) -> None:
    answered = app_client.get("/info", headers={"X-Trace-Id": "order-66"})
    assert answered.headers["x-trace-id"] == "order-66"
    assert app_client.get("/info").headers["x-trace-id"]


def test_what_real_clients_send_is_tolerated(knowledge_client: httpx2.Client, app_client: httpx2.Client) -> None:
    loose = {**QUESTION, "files": None, "conversation_id": "", "surprise": True}
    assert app_client.post("/chat-messages", json=loose).status_code == 200
    assert app_client.get("/conversations?user=ada&last_id=").status_code == 200
    dataset_id = create_dataset(knowledge_client)
    deleted = knowledge_client.request("DELETE", f"/datasets/{dataset_id}", content=b"{}")
    assert deleted.status_code == 204


def test_an_unchanged_answer_is_not_sent_again(app_client: httpx2.Client) -> None:
    first = app_client.get("/parameters").raise_for_status()
    assert first.headers["cache-control"] == "private, max-age=300"
    again = app_client.get("/parameters", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_an_idempotency_key_gives_the_first_answer_again(knowledge_client: httpx2.Client) -> None:
    headers = {"Idempotency-Key": "import-7"}
    first = knowledge_client.post("/datasets", json={"name": "Once"}, headers=headers).raise_for_status()
    again = knowledge_client.post("/datasets", json={"name": "Once"}, headers=headers).raise_for_status()
    assert again.json() == first.json()
    other = knowledge_client.post("/datasets", json={"name": "Twice"}, headers=headers)
    assert_uniform(other, 409, "idempotency_key_in_use")
