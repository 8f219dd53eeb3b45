"""The initial password: a server that its operator protects until it has an owner."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from rich.console import Console

from parley.demo import DemoError, Demonstration
from parley.transcript import Transcript
from tests.journeys.program import OWNER, Program, running
from tests.journeys.resources import assert_uniform
from tests.services import Services

INITIAL = "first-come-1843"
SETUP = {"email": "grace@example.com", "name": "Grace", "password": "compiler-1952"}


@pytest.fixture
def guarded(shared_services: Services, tmp_path: Path) -> Iterator[Program]:
    """A program without an owner, and with an initial password."""
    environment = {
        "DATABASE_URL": shared_services.migrated_database(),
        "REDIS_URL": shared_services.new_redis(),
        "PARLEY_INIT_PASSWORD": INITIAL,
        "PARLEY_OWNER_EMAIL": "",
        "PARLEY_OWNER_PASSWORD": "",
    }
    with running(tmp_path, **environment) as started:
        yield started


def give(client: httpx2.Client, password: str) -> httpx2.Response:
    """Give an initial password."""
    return client.post("/init", json={"password": password})


def test_only_a_browser_that_has_given_it_sets_the_server_up(guarded: Program) -> None:
    with guarded.client("/console/api") as browser, guarded.client("/console/api") as other:
        assert browser.get("/init").json() == {"status": "not_started"}
        assert browser.get("/setup").json()["step"] == "not_started"
        assert_uniform(browser.post("/setup", json=SETUP), 401, "not_init_validated")
        assert_uniform(browser.get("/account/profile"), 401, "not_init_validated")
        refused = give(browser, INITIAL + "!")
        assert_uniform(refused, 401, "init_validate_failed")
        assert "set-cookie" not in refused.headers
        assert_uniform(give(browser, "x" * 31), 400, "invalid_param")

        given = give(browser, INITIAL)
        assert (given.status_code, given.json()) == (201, {"result": "success"})
        cookie = given.headers["set-cookie"].lower()
        assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/console/api", "max-age=3600"))
        assert INITIAL not in cookie
        assert browser.get("/init").json() == {"status": "finished"}
        assert_uniform(browser.get("/account/profile"), 401, "not_setup")

        assert other.get("/init").json() == {"status": "not_started"}
        assert_uniform(other.post("/setup", json=SETUP), 401, "not_init_validated")
        name, _, value = given.headers["set-cookie"].partition(";")[0].partition("=")
        forged = {"Cookie": f"{name}={value[:-4]}AAAA"}
        assert_uniform(other.post("/setup", json=SETUP, headers=forged), 401, "not_init_validated")

        for _ in range(5):
            assert_uniform(give(other, "guess"), 401, "init_validate_failed")
        waiting = give(other, INITIAL)
        assert_uniform(waiting, 429, "email_code_login_limit")
        assert int(waiting.headers["retry-after"]) > 0

        assert browser.post("/setup", json=SETUP).status_code == 201
        assert other.get("/init").json() == {"status": "finished"}
        for client in (browser, other):
            assert_uniform(give(client, INITIAL), 403, "already_setup")
            assert_uniform(client.post("/setup", json=SETUP), 403, "already_setup")
        login = {"email": SETUP["email"], "password": SETUP["password"]}
        assert other.post("/login", json=login).status_code == 200


def test_the_demonstration_gives_it(guarded: Program, tmp_path: Path) -> None:
    def demonstration(init_password: str) -> Demonstration:
        made = Demonstration(
            guarded.url, SETUP["email"], SETUP["password"], "?", tmp_path / "demo", init_password=init_password
        )
        made.transcript = Transcript(Console(quiet=True), guarded.url)
        return made

    for wrong in ("", "guess"):
        with pytest.raises(DemoError, match="Set PARLEY_INIT_PASSWORD"):
            demonstration(wrong).sign_in()
    right = demonstration(INITIAL)
    right.sign_in()
    with guarded.client("/console/api", right.token) as console:
        assert console.get("/account/profile").json()["email"] == SETUP["email"]


def test_an_owner_by_the_settings_needs_none(shared_services: Services, tmp_path: Path) -> None:
    services = {"DATABASE_URL": shared_services.migrated_database(), "REDIS_URL": shared_services.new_redis()}
    with running(tmp_path, PARLEY_INIT_PASSWORD=INITIAL, **services) as program:
        with program.client("/console/api") as anybody:
            assert anybody.get("/init").json() == {"status": "finished"}
            assert_uniform(give(anybody, INITIAL), 403, "already_setup")
        with program.console() as console:
            assert console.get("/account/profile").json()["email"] == OWNER["email"]
