"""Signing in and out: passwords, tokens, cookies."""

import base64
from collections.abc import Iterator

import httpx2
import pytest

from tests.journeys.people import PASSWORD, Person, new_owner
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform


@pytest.fixture
def anonymous(program: Program) -> Iterator[httpx2.Client]:
    """A Console client without a credential, which keeps cookies as a browser does."""
    with program.client("/console/api") as client:
        yield client


@pytest.fixture
def somebody(program: Program) -> Person:
    """An account of the test's own."""
    return new_owner(program)


def sign_in(client: httpx2.Client, person: Person, password: str = PASSWORD) -> httpx2.Response:
    return client.post("/login", json={"email": person.email, "password": password})


def status_with(program: Program, token: str) -> int:
    """Return how the profile answers to a bearer token."""
    with program.client("/console/api", token) as client:
        return client.get("/account/profile").status_code


def test_an_installation_that_is_set_up_is_not_set_up_again(anonymous: httpx2.Client) -> None:
    assert anonymous.get("/setup").json()["step"] == "finished"
    again = anonymous.post("/setup", json={"email": "eve@example.com", "name": "Eve", "password": "engine-1843"})
    assert_uniform(again, 403, "already_setup")


def test_the_right_password_begins_a_session(program: Program, anonymous: httpx2.Client, somebody: Person) -> None:
    answer = sign_in(anonymous, somebody)
    assert answer.status_code == 200
    assert answer.json()["result"] == "success"
    with program.client("/console/api", answer.json()["data"]["access_token"]) as client:
        assert client.get("/account/profile").json()["email"] == somebody.email


def test_a_password_may_come_in_base64(anonymous: httpx2.Client, somebody: Person) -> None:
    assert sign_in(anonymous, somebody, base64.b64encode(PASSWORD.encode()).decode()).status_code == 200


def test_a_wrong_password_and_an_unknown_account_look_alike(anonymous: httpx2.Client, somebody: Person) -> None:
    wrong = assert_uniform(sign_in(anonymous, somebody, "guess"), 401, "authentication_failed")
    unknown = anonymous.post("/login", json={"email": "nobody@example.com", "password": "guess"})
    assert assert_uniform(unknown, 401, "authentication_failed") == wrong


def test_guessing_passwords_has_to_wait(anonymous: httpx2.Client, somebody: Person) -> None:
    for _ in range(5):
        assert sign_in(anonymous, somebody, "guess").status_code == 401
    waiting = sign_in(anonymous, somebody)
    assert_uniform(waiting, 429, "email_code_login_limit")
    assert int(waiting.headers["retry-after"]) > 0


def test_a_refresh_token_serves_once_and_its_reuse_ends_the_session(
    program: Program, anonymous: httpx2.Client, somebody: Person
) -> None:
    first = sign_in(anonymous, somebody).json()["data"]
    anonymous.cookies.clear()
    second = anonymous.post("/refresh-token", json={"refresh_token": first["refresh_token"]})
    assert second.status_code == 200
    renewed = second.json()["data"]
    assert renewed["refresh_token"] != first["refresh_token"]
    assert status_with(program, renewed["access_token"]) == 200
    anonymous.cookies.clear()
    reused = anonymous.post("/refresh-token", json={"refresh_token": first["refresh_token"]})
    assert reused.status_code == 401
    anonymous.cookies.clear()
    assert anonymous.post("/refresh-token", json={"refresh_token": renewed["refresh_token"]}).status_code == 401
    assert status_with(program, renewed["access_token"]) == 401


def test_logging_out_ends_the_session_and_no_other(
    program: Program, anonymous: httpx2.Client, somebody: Person
) -> None:
    here = sign_in(anonymous, somebody).json()["data"]
    there = sign_in(anonymous, somebody).json()["data"]
    anonymous.cookies.clear()
    left = anonymous.post("/logout", headers={"Authorization": f"Bearer {here['access_token']}"})
    assert left.json() == {"result": "success"}
    assert status_with(program, here["access_token"]) == 401
    assert anonymous.post("/refresh-token", json={"refresh_token": here["refresh_token"]}).status_code == 401
    assert status_with(program, there["access_token"]) == 200


def test_a_session_cookie_needs_the_csrf_token_to_change_anything(anonymous: httpx2.Client, somebody: Person) -> None:
    sign_in(anonymous, somebody)
    assert anonymous.get("/account/profile").status_code == 200
    app = {"name": "Shop assistant", "mode": "chat"}
    assert_uniform(anonymous.post("/apps", json=app), 401, "csrf_token_invalid")
    forged = anonymous.post("/apps", json=app, headers={"X-CSRF-Token": "forged"})
    assert_uniform(forged, 401, "csrf_token_invalid")
    token = anonymous.cookies["csrf_token"]
    assert anonymous.post("/apps", json=app, headers={"X-CSRF-Token": token}).status_code == 201


def test_session_cookies_are_out_of_reach_of_scripts(anonymous: httpx2.Client, somebody: Person) -> None:
    cookies = {
        value.partition("=")[0]: value.lower() for value in sign_in(anonymous, somebody).headers.get_list("set-cookie")
    }
    for name in ("session", "access_token", "refresh_token"):
        assert "httponly" in cookies[name]
        assert "samesite=lax" in cookies[name]
        assert "secure" not in cookies[name]
    assert "httponly" not in cookies["csrf_token"]
