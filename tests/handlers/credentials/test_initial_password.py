"""The cookie of a browser that has given the initial password."""

import time
from typing import Any

import pytest

from foundation.secrets import issue_jwt
from foundation.settings import Settings
from handlers.call import RequestHead
from handlers.credentials.initial_password import is_owed, is_right, validation

SECRET = "a secret key of a test"


def settings(password: str, **others: Any) -> Settings:
    return Settings(**{"init_password": password, "secret_key": SECRET, **others})


def head(cookie: str = "") -> RequestHead:
    headers = [(b"cookie", cookie.encode())] if cookie else []
    return RequestHead({"headers": headers, "scheme": "http"}, "console")


def cookie_of(given: Settings) -> str:
    return validation(head(), given)[1].partition(";")[0]


def test_where_none_is_set_none_is_right_and_none_is_owed() -> None:
    assert not is_right(settings(""), "")
    assert not is_owed(head(), settings(""))


def test_the_right_one_is_right() -> None:
    assert is_right(settings("née 1843"), "née 1843")
    assert not is_right(settings("née 1843"), "nee 1843")
    assert not is_right(settings("née 1843"), "")


def test_a_cookie_serves_for_the_password_and_the_key_that_it_was_made_with() -> None:
    given = settings("first")
    cookie = cookie_of(given)
    assert not is_owed(head(cookie), given)
    assert is_owed(head(), given)
    assert is_owed(head("init_validated=1"), given)
    assert is_owed(head(cookie), settings("second"))
    assert is_owed(head(cookie), settings("first", secret_key="another secret key of a test"))


def test_a_token_for_another_purpose_does_not_serve() -> None:
    session = issue_jwt(SECRET, "console", {"sid": "a"}, 60)
    assert is_owed(head(f"init_validated={session}"), settings("first"))


def test_a_cookie_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    with monkeypatch.context() as patch:
        patch.setattr("foundation.secrets.time.time", lambda: now - 3_700)
        cookie = cookie_of(settings("first"))
    assert is_owed(head(cookie), settings("first"))


def test_the_cookie_is_for_https_where_the_client_came_by_it() -> None:
    assert "; Secure" not in validation(head(), settings("first"))[1]
    assert "; Secure" in validation(head(), settings("first", public_url="https://parley.example"))[1]
