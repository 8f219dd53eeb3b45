"""Roles: every Console operation that names the roles it takes refuses all others, and nobody else."""

from collections.abc import Iterator
from typing import get_args

import httpx2
import pytest

from models.account import Role
from tests.contract.operations import Operation, operations
from tests.contract.worlds import World
from tests.journeys.people import new_member
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform

ROLES = get_args(Role)
OPERATIONS = [operation for operation in operations() if operation.roles]


@pytest.fixture(scope="module")
def members(program: Program, world: World) -> Iterator[dict[str, httpx2.Client]]:
    """A signed-in Console client for each role, all of one workspace."""
    made = {}
    for role in ROLES:
        member = new_member(program, world.person.workspace_id, role)
        with member.console(program) as signed_in:
            made[role] = program.client(token=signed_in.headers["authorization"].removeprefix("Bearer "))
    yield made
    for client in made.values():
        client.close()


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_role_that_is_not_named_is_refused(members: dict[str, httpx2.Client], operation: Operation) -> None:
    for role in sorted(set(ROLES) - operation.roles):
        assert_uniform(members[role].request(operation.method, operation.url(), **operation.body()), 403, "forbidden")


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_role_that_is_named_gets_through(members: dict[str, httpx2.Client], operation: Operation) -> None:
    for role in sorted(operation.roles):
        # Without its body and with ids of nothing, the operation is let in but has nothing to act on.
        answer = members[role].request(operation.method, operation.url())
        assert answer.status_code not in (401, 403), answer.text
