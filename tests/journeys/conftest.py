"""A workspace of its own for each module of journeys, in one program for all of them."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.journeys.people import Person, new_owner
from tests.journeys.program import Program
from tests.journeys.resources import create_app, create_app_key, create_dataset, create_knowledge_key


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
