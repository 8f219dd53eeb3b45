"""Redis and the database: killed and started again, and Redis once without anything that it knew."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from models.migration import upgrade
from parley.embedded.postgres import EmbeddedPostgres
from parley.embedded.redis import EmbeddedRedis
from tests.faults.installation import Installation, answers, installation, wait_until
from tests.faults.model import HeldModel
from tests.faults.reader import LATER, QUESTION, Reader
from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app, create_app_key


@pytest.fixture(scope="module")
def postgres(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that only this module uses."""
    server = EmbeddedPostgres(folder / "postgresql", folder / "postgresql.log", fsync=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def installed(
    folder: Path, postgres: EmbeddedPostgres, redis_server: EmbeddedRedis, model: HeldModel
) -> Iterator[Installation]:
    """An installation on services that can be taken away."""
    upgrade(postgres.url)
    connected = {"LLM_URL": model.url, "LLM_MODEL": "slow", "PARLEY_GENERATION_CONCURRENCY": "1"}
    with installation(folder, postgres.url, redis_server.url, **connected) as made:
        yield made


@pytest.fixture(scope="module")
def api(installed: Installation) -> Program:
    """One API process and one worker, which answers one question at a time."""
    installed.worker()
    return installed.api()


@pytest.fixture(scope="module")
def client(api: Program) -> Iterator[httpx2.Client]:
    """A Service client of a chat app."""
    with new_owner(api).console(api) as console, api.service(create_app_key(console, create_app(console))) as made:
        yield made


def assert_away(answer: httpx2.Response) -> None:
    """Assert that an answer says when to come again."""
    assert_uniform(answer, 503, "service_unavailable")
    assert int(answer.headers["retry-after"]) > 0


def kill_redis(server: EmbeddedRedis) -> None:
    """End Redis as a crash does."""
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not server.running)


def test_runs_and_queued_work_survive_a_restart_of_redis(
    installed: Installation, api: Program, client: httpx2.Client, held: HeldModel, redis_server: EmbeddedRedis
) -> None:
    running = Reader(client, json=QUESTION)
    running.await_text(held.begin())
    queued = client.post("/chat-messages", json=LATER).raise_for_status().json()
    kill_redis(redis_server)
    wait_until(lambda: answers(api, "/readyz", 503))
    begun = installed.rows("SELECT count(*) FROM message")
    assert_away(client.post("/chat-messages", json=LATER))
    assert_away(client.post("/chat-messages", json=QUESTION, headers={"Idempotency-Key": "once"}))
    assert client.get("/parameters").status_code == 200
    assert installed.rows("SELECT count(*) FROM message") == begun
    redis_server.start()
    wait_until(lambda: answers(api, "/readyz", 200))
    again = wait_until(lambda: posted(client))
    held.release()
    assert running.end()["event"] == "message_end"
    assert running.text == held.answer()
    assert len(set(running.ids)) == len(running.ids)
    for task_id in (running.task_id, queued["task_id"], again):
        assert installed.await_status(task_id, "normal")["answer"] == held.answer()
        assert installed.message(task_id)["attempt"] == 1


def posted(client: httpx2.Client) -> str:
    """Begin a run, and return its task; nothing while a service is away."""
    answer = client.post("/chat-messages", json=LATER)
    return str(answer.json()["task_id"]) if answer.status_code == 202 else ""


def test_a_redis_that_lost_everything_leaves_no_run_without_an_end(
    installed: Installation,
    api: Program,
    client: httpx2.Client,
    held: HeldModel,
    redis_server: EmbeddedRedis,
    folder: Path,
) -> None:
    running = Reader(client, json=QUESTION)
    running.await_text(held.begin())
    queued = client.post("/chat-messages", json=LATER).raise_for_status().json()
    wait_until(lambda: installed.message(running.task_id)["answer"] == held.begin())
    kill_redis(redis_server)
    shutil.rmtree(folder / "redis" / "appendonlydir")
    redis_server.start()
    last = running.end()
    assert (last["event"], last["code"]) == ("error", "generation_interrupted")
    assert installed.message(running.task_id)["status"] == "error"
    assert installed.message(running.task_id)["answer"] == held.begin()
    held.release()
    assert installed.await_status(queued["task_id"], "normal")["answer"] == held.answer()


def test_a_run_survives_a_restart_of_the_database(
    installed: Installation, api: Program, client: httpx2.Client, held: HeldModel, postgres: EmbeddedPostgres
) -> None:
    running = Reader(client, json=QUESTION)
    running.await_text(held.begin())
    postgres.stop()
    held.release()
    running.await_text(held.answer())
    assert_away(client.post("/chat-messages", json=LATER))
    assert_away(client.get("/conversations", params={"user": "ada"}))
    wait_until(lambda: answers(api, "/readyz", 503))
    postgres.start()
    assert running.end()["event"] == "message_end"
    assert running.text == held.answer()
    assert installed.message(running.task_id)["answer"] == held.answer()
    wait_until(lambda: answers(api, "/readyz", 200))
    assert installed.await_status(wait_until(lambda: posted(client)), "normal")["answer"] == held.answer()
