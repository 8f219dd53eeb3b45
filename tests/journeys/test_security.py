"""What holds for every caller: where credentials may stand, who is let in, and what the logs do not say."""

import contextlib
import select
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import psycopg
import pytest
from sqlalchemy import make_url

from tests.journeys.people import PASSWORD, Person, new_member, new_owner
from tests.journeys.program import Program
from tests.journeys.resources import (
    assert_uniform,
    create_app,
    create_app_key,
    create_knowledge_key,
    create_workspace_key,
)

QUESTION = {"query": "Hello?", "user": "ada", "inputs": {}}
REMEMBERED_SECONDS = 6.0
"""How long an API process goes on by what the database said of a credential, and a little more."""


def set_workspace(program: Program, person: Person, column: str, value: str) -> None:
    """Change a column of somebody's workspace, as an operator does."""
    address = make_url(program.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        statement = f"UPDATE workspace SET {column} = %s WHERE id = %s".encode()
        connection.execute(statement, (value, person.workspace_id))
    time.sleep(REMEMBERED_SECONDS)


def site_code(console: httpx2.Client, app_id: str) -> str:
    site = console.get(f"/apps/{app_id}").raise_for_status().json()["site"]
    return str(site.get("code") or site["access_token"])


def log_text(program: Program) -> str:
    """Return everything that the program's processes have written about themselves."""
    files = [*program.home.joinpath("logs").glob("*.log"), program.home / "program.log"]
    return "\n".join(file.read_text(errors="replace") for file in files)


@pytest.mark.parametrize("path", ["/v1/info", "/api/parameters"])
@pytest.mark.parametrize("name", ["api_key", "api%5Fkey"])
def test_a_key_in_the_query_is_refused_and_not_logged(program: Program, path: str, name: str) -> None:
    secret = f"unlikely{time.monotonic_ns()}"
    with program.client() as client:
        body = assert_uniform(client.get(f"{path}?{name}={secret}"), 401, "unauthorized")
    assert "Authorization" in body["message"]
    assert body["reason"] == "invalid_api_key"
    assert secret not in log_text(program)


def test_a_path_cannot_write_lines_of_its_own_into_the_log(program: Program) -> None:
    mark = f"forged{time.monotonic_ns()}"
    with program.client() as client:
        assert client.get(f"/v1/x%0a00:00:00%20INFO%20{mark}%1b[31m").status_code == 404
    deadline = time.monotonic() + 30
    while not (lines := [line for line in log_text(program).splitlines() if mark in line]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert all("GET /v1/x" in line for line in lines)
    assert "\x1b" not in "".join(lines)


def test_the_logs_hold_no_secret_of_a_whole_visit(program: Program) -> None:
    person = new_owner(program)
    with program.client("/console/api") as browser:
        signed_in = browser.post("/login", json={"email": person.email, "password": PASSWORD}).json()["data"]
        csrf, cookies = browser.cookies["csrf_token"], dict(browser.cookies)
        browser.headers["X-CSRF-Token"] = csrf
        app_id = create_app(browser)
        key = create_app_key(browser, app_id)
        credentials = {"endpoint_url": "http://127.0.0.1:9/v1", "api_key": "a-provider-key-of-the-tests"}
        path = "/workspaces/current/model-providers/openai_api_compatible/credentials"
        assert browser.post(path, json={"credentials": credentials}).status_code == 400
        browser.post("/login", json={"email": person.email, "password": "a-wrong-password"})
        code = site_code(browser, app_id)
    with program.service(key) as client:
        client.post("/chat-messages", json=QUESTION).raise_for_status()
        client.post("/chat-messages", content=b'{"password": ', headers={"content-type": "application/json"})
    with program.client("/api") as visitor:
        passport = visitor.get("/passport", headers={"X-App-Code": code}).raise_for_status().json()["access_token"]
        visitor.get(f"/parameters?token={passport}")
    text = log_text(program)
    for secret in (
        PASSWORD,
        "a-wrong-password",
        key,
        credentials["api_key"],
        csrf,
        passport,
        signed_in["access_token"],
        signed_in["refresh_token"],
        *cookies.values(),
    ):
        assert secret not in text


def test_a_suspended_workspace_is_closed_on_every_tier(program: Program) -> None:
    person = new_owner(program)
    with person.console(program) as console:
        app_id = create_app(console)
        key, knowledge = create_app_key(console, app_id), create_knowledge_key(console)
        workspace_key, code = create_workspace_key(console), site_code(console, app_id)
        with program.client("/api") as visitor:
            passport = visitor.get("/passport", headers={"X-App-Code": code}).raise_for_status().json()["access_token"]
        set_workspace(program, person, "status", "suspended")
        assert_uniform(console.get("/apps"), 403, "workspace_suspended")
    for token, path in (
        (key, "/v1/info"),
        (knowledge, "/v1/datasets"),
        (workspace_key, "/v1/datasets"),
        (passport, "/api/parameters"),
        (key, "/api/parameters"),
    ):
        with program.client(token=token) as client:
            assert_uniform(client.get(path), 403, "workspace_suspended")
    with program.client("/api") as visitor:
        assert visitor.get("/passport", headers={"X-App-Code": code}).status_code == 403


def test_a_plan_limits_accounts_keys_and_visitors_each_for_itself(program: Program) -> None:
    person = new_owner(program)
    with person.console(program) as console:
        app_id = create_app(console)
        key, code = create_app_key(console, app_id), site_code(console, app_id)
        set_workspace(program, person, "plan", "sandbox")
        with program.client("/api") as anonymous:
            passport = anonymous.get("/passport", headers={"X-App-Code": code}).json()["access_token"]
        with program.service(key) as service, program.client("/api", passport) as visitor:
            for client, path in ((console, "/apps"), (service, "/info"), (visitor, "/parameters")):
                for remaining in ("59", "58"):
                    answer = client.get(path).raise_for_status()
                    assert answer.headers["x-ratelimit-limit"] == "60"
                    assert answer.headers["x-ratelimit-remaining"] == remaining
                    assert 0 < int(answer.headers["x-ratelimit-reset"]) <= 60


@pytest.fixture(scope="module")
def editor(program: Program, person: Person) -> Iterator[httpx2.Client]:
    """An editor of the module's workspace."""
    with new_member(program, person.workspace_id, "editor").console(program) as client:
        yield client


def test_a_role_reaches_as_far_as_the_contract_says(editor: httpx2.Client, app_id: str) -> None:
    assert editor.get(f"/apps/{app_id}").status_code == 200
    assert_uniform(editor.post(f"/apps/{app_id}/api-keys"), 403, "forbidden")
    path = "/workspaces/current/model-providers/openai/credentials"
    assert_uniform(editor.post(path, json={"credentials": {"openai_api_key": "k"}}), 403, "forbidden")


def test_a_visitor_cannot_take_the_place_of_somebody_with_an_account(program: Program, console: httpx2.Client) -> None:
    app_id = create_app(console)
    code = site_code(console, app_id)
    account_id = console.get("/account/profile").json()["id"]
    with program.client("/api") as client:
        client.headers["X-App-Code"] = code
        forged = client.get("/passport", params={"user_id": account_id}).raise_for_status().json()["access_token"]
        email = console.get("/account/profile").json()["email"]
        login = client.post("/login", json={"email": email, "password": PASSWORD}).raise_for_status()
        signed_in = {"Authorization": f"Bearer {login.json()['data']['access_token']}"}
        asked = {"query": "My secret?", "inputs": {}, "response_mode": "blocking"}
        client.post("/chat-messages", json=asked, headers=signed_in).raise_for_status()
        assert len(client.get("/conversations", headers=signed_in).json()["data"]) == 1
        seen = client.get("/conversations", headers={"Authorization": f"Bearer {forged}"}).raise_for_status().json()
    assert seen["data"] == []


@pytest.fixture
def connection(program: Program) -> Iterator[socket.socket]:
    """A connection to the server, for requests that no client library would send."""
    address = urlsplit(program.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=30) as opened:
        yield opened


def begin(connection: socket.socket, client: httpx2.Client, header: str) -> None:
    """Send the head of a question with one more header."""
    head = [
        "POST /v1/chat-messages HTTP/1.1",
        "Host: parley",
        f"Authorization: {client.headers['authorization']}",
        "Content-Type: application/json",
        header,
    ]
    connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n")


def test_a_body_that_says_it_is_too_large_is_not_waited_for(
    connection: socket.socket, app_client: httpx2.Client
) -> None:
    begin(connection, app_client, "Content-Length: 500000000")
    assert connection.recv(4096).startswith(b"HTTP/1.1 413")


def test_a_body_of_no_stated_size_is_refused_where_it_passes_the_limit(
    connection: socket.socket, app_client: httpx2.Client
) -> None:
    begin(connection, app_client, "Transfer-Encoding: chunked")
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < 40_000_000 and not select.select([connection], [], [], 0)[0]:
            connection.sendall(chunk)
            sent += 65536
        assert connection.recv(4096).startswith(b"HTTP/1.1 413")
    assert 15_000_000 < sent < 40_000_000


def test_a_person_is_named_by_at_most_255_characters(app_client: httpx2.Client) -> None:
    assert app_client.post("/chat-messages", json={**QUESTION, "user": "a" * 255}).status_code == 200
    for refused in (
        app_client.post("/chat-messages", json={**QUESTION, "user": "a" * 256}),
        app_client.get("/conversations", params={"user": "a" * 256}),
    ):
        assert assert_uniform(refused, 400, "invalid_param")["params"] == "user"


@pytest.mark.parametrize(("sent", "answered"), [("order-66", True), ("a b", False), ("x" * 129, False), ("ü", False)])
def test_a_trace_id_is_taken_over_only_in_its_form(app_client: httpx2.Client, sent: str, answered: bool) -> None:
    named = app_client.get("/info", params={"trace_id": sent}).headers["x-trace-id"]
    assert (named == sent) is answered
    in_body = app_client.post("/chat-messages", json={**QUESTION, "trace_id": sent}).headers["x-trace-id"]
    assert (in_body == sent) is answered


def test_the_header_comes_before_the_query_and_the_query_before_the_body(app_client: httpx2.Client) -> None:
    body = {**QUESTION, "trace_id": "third"}
    both = app_client.post("/chat-messages?trace_id=second", json=body, headers={"X-Trace-Id": "first"})
    assert both.headers["x-trace-id"] == "first"
    assert app_client.post("/chat-messages?trace_id=second", json=body).headers["x-trace-id"] == "second"
    assert app_client.post("/chat-messages", json=body).headers["x-trace-id"] == "third"


def test_browsers_of_other_origins_reach_the_service_tier_and_not_the_console(program: Program) -> None:
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    with program.client() as client:
        service = client.options("/v1/chat-messages", headers=asked)
        console = client.options("/console/api/apps", headers=asked)
        refused = client.get("/v1/info", headers={"Origin": "https://elsewhere.example"})
    assert service.status_code == 204
    assert service.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in service.headers
    assert "POST" in service.headers["access-control-allow-methods"]
    assert "Authorization" in service.headers["access-control-allow-headers"]
    assert "access-control-allow-origin" not in console.headers
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/info", "/parameters", "/meta", "/site"])
def test_head_is_get_without_its_content(app_client: httpx2.Client, path: str) -> None:
    whole, head = app_client.get(path).raise_for_status(), app_client.head(path)
    assert head.status_code == 200
    assert head.content == b""
    for name in ("etag", "cache-control", "content-length", "content-type"):
        assert head.headers[name] == whole.headers[name]
    assert app_client.get(path, headers={"If-None-Match": f'"other", {whole.headers["etag"]}'}).status_code == 304
