"""Searches with a real standby of the database: one that follows, one that lags, one that is gone."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from models.migration import upgrade
from parley.embedded.postgres import EmbeddedPostgres
from tests.faults.installation import Installation, installation, wait_until
from tests.faults.standby import TESTER, Standby, ask
from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.resources import await_indexing, create_dataset, create_knowledge_key
from tests.services import Services, execute

NOT_SEARCHED = "the replica was not searched"
READERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> %s
"""


@pytest.fixture(scope="module")
def primary(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that only this module uses, with the program's tables."""
    server = EmbeddedPostgres(folder / "primary", folder / "primary.log", fsync=False)
    server.start()
    try:
        upgrade(server.url)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def following(folder: Path, primary: EmbeddedPostgres) -> Iterator[Standby]:
    """Its standby, which cancels no query for the sake of following."""
    execute(primary.url, "ALTER SYSTEM SET max_standby_streaming_delay = -1")
    server = Standby(folder / "standby", folder / "standby.log", primary)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def standby(following: Standby) -> Standby:
    """The standby, which runs and has caught up."""
    if not following.running:
        following.start()
    following.resume()
    return following


@pytest.fixture(scope="module")
def installed(
    folder: Path, shared_services: Services, primary: EmbeddedPostgres, following: Standby
) -> Iterator[Installation]:
    """An installation that searches the standby."""
    replica = {"DATABASE_REPLICA_URL": following.url}
    with installation(folder, primary.url, shared_services.new_redis(), **replica) as made:
        yield made


@pytest.fixture(scope="module")
def api(installed: Installation) -> Program:
    """One API process, and an indexing worker on the same data folder."""
    api = installed.api()
    installed.worker("indexing", PARLEY_HOME=str(api.home))
    return api


@pytest.fixture(scope="module")
def client(api: Program) -> Iterator[httpx2.Client]:
    """A Service client with a knowledge key."""
    with new_owner(api).console(api) as console, api.service(create_knowledge_key(console)) as made:
        yield made


@pytest.fixture
def dataset_id(client: httpx2.Client) -> str:
    """An empty knowledge base, to be searched by words and by meaning."""
    return create_dataset(client, indexing_technique="high_quality")


def index(client: httpx2.Client, dataset_id: str, name: str, text: str) -> str:
    """Add a document, wait until it is indexed, and return its id."""
    body = {"name": name, "text": text, "process_rule": {"mode": "automatic"}}
    made = client.post(f"/datasets/{dataset_id}/document/create-by-text", json=body).raise_for_status().json()
    assert await_indexing(client, dataset_id, made["batch"])["indexing_status"] == "completed"
    return str(made["document"]["id"])


def found(client: httpx2.Client, dataset_id: str, **more: Any) -> set[str]:
    """Return the names of the documents that a search finds."""
    answer = client.post(f"/datasets/{dataset_id}/retrieve", json={"query": "What does a pump do?", **more})
    assert answer.status_code == 200, answer.text
    return {record["segment"]["document"]["name"] for record in answer.json()["records"]}


def warnings(api: Program) -> int:
    """Return how often the API has said that a search went to the database itself."""
    return (api.home / "process.log").read_text().count(NOT_SEARCHED)


def test_searches_read_the_standby_and_everything_else_the_primary(
    api: Program, client: httpx2.Client, primary: EmbeddedPostgres, standby: Standby, dataset_id: str
) -> None:
    before = warnings(api)
    pump = index(client, dataset_id, "Pump", "A pump moves water to the roof.")
    standby.catch_up()
    assert found(client, dataset_id) == {"Pump"}
    standby.pause()
    index(client, dataset_id, "Well", "A pump lifts water from a well.")
    assert found(client, dataset_id) == {"Pump"}, "what has not reached the standby is not found, nor missed"
    client.delete(f"/datasets/{dataset_id}/documents/{pump}").raise_for_status()
    assert ask(primary, "SELECT count(*) FROM segment WHERE document_id = %s", pump) == 0
    assert found(client, dataset_id, with_positions=True) == {"Pump"}, "nor does anything break on what is gone since"
    standby.resume()
    assert found(client, dataset_id) == {"Well"}
    hits = "SELECT sum(hit_count) FROM segment WHERE dataset_id = %s"
    assert ask(primary, hits, dataset_id) == 1
    assert ask(primary, "SELECT count(*) FROM dataset_query WHERE dataset_id = %s", dataset_id) == 4
    assert ask(standby, "SELECT pg_is_in_recovery()")
    assert warnings(api) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_searches_outlive_the_standby(
    api: Program, client: httpx2.Client, standby: Standby, dataset_id: str, number: signal.Signals
) -> None:
    index(client, dataset_id, "Pump", "A pump moves water to the roof.")
    standby.catch_up()
    before = warnings(api)
    assert found(client, dataset_id) == {"Pump"}
    assert ask(standby, READERS, TESTER) > 0
    assert warnings(api) == before
    standby.end(number)
    assert found(client, dataset_id) == {"Pump"}
    wait_until(lambda: warnings(api) == before + 1)
    index(client, dataset_id, "Well", "A pump lifts water from a well.")
    assert found(client, dataset_id) == {"Pump", "Well"}
    wait_until(lambda: warnings(api) == before + 2)
    standby.start()
    standby.catch_up()
    assert ask(standby, READERS, TESTER) == 0
    assert found(client, dataset_id) == {"Pump", "Well"}
    assert ask(standby, READERS, TESTER) > 0
    assert warnings(api) == before + 2
