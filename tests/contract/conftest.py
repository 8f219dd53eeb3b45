"""Two workspaces in the running program, each with a thing and a credential of every kind."""

from collections.abc import Iterator

import pytest

from tests.contract.worlds import World, make_world
from tests.journeys.program import Program


@pytest.fixture(scope="session")
def world(program: Program) -> Iterator[World]:
    """The workspace whose credentials are used."""
    made = make_world(program)
    yield made
    made.close()


@pytest.fixture(scope="session")
def foreign_world(program: Program) -> Iterator[World]:
    """Another workspace, which nobody of the first may reach."""
    made = make_world(program)
    yield made
    made.close()
