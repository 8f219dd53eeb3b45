"""Two workspaces in the running program, each with a thing and a credential of every kind."""

from collections.abc import Iterator

import pytest

from tests.contract.worlds import MODES, World, make_world
from tests.journeys.program import Program

Worlds = dict[str, World]
"""A workspace for each mode of an app, since a key opens the app of one mode."""


@pytest.fixture(scope="session")
def worlds(program: Program) -> Iterator[Worlds]:
    """The workspaces whose credentials are used."""
    made = {mode: make_world(program, mode) for mode in MODES}
    yield made
    for world in made.values():
        world.close()


@pytest.fixture(scope="session")
def foreign_worlds(program: Program) -> Iterator[Worlds]:
    """Other workspaces, which nobody of the first may reach."""
    made = {mode: make_world(program, mode) for mode in MODES}
    yield made
    for world in made.values():
        world.close()


@pytest.fixture(scope="session")
def world(worlds: Worlds) -> World:
    """The workspace of a chat app."""
    return worlds["chat"]
