"""A workspace of its own for each module of journeys, in one program for all of them; a second program may call us."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.journeys.connected import connect_model
from tests.journeys.people import Person, new_owner
from tests.journeys.program import Program, running
from tests.journeys.resources import create_app, create_app_key, create_dataset, create_knowledge_key
from tests.journeys.studio import Studio, open_studio
from tests.services import Services


@pytest.fixture(scope="module")
def person(program: Program) -> Person:
    """The owner of a workspace that only this module uses."""
    return new_owner(program)


@pytest.fixture(scope="module")
def console(program: Program, person: Person) -> Iterator[httpx2.Client]:
    """A Console client, signed in as the module's owner."""
    with person.console(program) as client:
        yield client


@pytest.fixture(scope="module")
def app_id(console: httpx2.Client) -> str:
    """A chat app."""
    return create_app(console)


@pytest.fixture(scope="module")
def app_client(program: Program, console: httpx2.Client, app_id: str) -> Iterator[httpx2.Client]:
    """A Service client with a key to the chat app."""
    with program.service(create_app_key(console, app_id)) as client:
        yield client


@pytest.fixture(scope="module")
def dataset_id(console: httpx2.Client) -> str:
    """An empty knowledge base."""
    return create_dataset(console)


@pytest.fixture(scope="module")
def knowledge_client(program: Program, console: httpx2.Client) -> Iterator[httpx2.Client]:
    """A Service client with a knowledge key."""
    with program.service(create_knowledge_key(console)) as client:
        yield client


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    """A provider of models that this module asks."""
    with open_studio() as opened:
        yield opened


@pytest.fixture(scope="module")
def model(console: httpx2.Client, studio: Studio) -> dict[str, Any]:
    """The studio's model, as an app of the module's workspace is configured with it."""
    return connect_model(console, studio.url)


@pytest.fixture(scope="session")
def open_program(shared_services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A program that may call this machine; its catalogue of plugins is the folder `plugins` of its data folder."""
    home = tmp_path_factory.mktemp("open")
    plugins = home / "plugins"
    plugins.mkdir()
    environment = {
        "PARLEY_PLUGIN_CATALOG_DIR": str(plugins),
        "DATABASE_URL": shared_services.migrated_database(),
        "REDIS_URL": shared_services.new_redis(),
        "SSRF_ALLOW_CIDRS": "127.0.0.0/8",
    }
    with running(home, **environment) as started:
        yield started


@pytest.fixture(scope="module")
def owner(open_program: Program) -> Iterator[httpx2.Client]:
    """A Console client of that program, of a workspace that only this module uses."""
    with new_owner(open_program).console(open_program) as client:
        yield client
