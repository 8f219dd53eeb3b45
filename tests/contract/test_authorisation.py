"""The authorisation matrix: every operation of every document, with no credential and with another tier's."""

import pytest

from tests.contract.operations import Operation, protected
from tests.contract.worlds import World
from tests.journeys.program import Program

OPERATIONS = protected()


def refused(program: Program, operation: Operation, token: str | None) -> None:
    """Assert that the operation answers 401 in the uniform shape."""
    with program.client(token=token) as client:
        answer = client.request(operation.method, operation.url())
    assert answer.status_code == 401, answer.text
    body = answer.json()
    assert {"code", "message", "status"} <= body.keys()
    assert body["status"] == 401
    assert "www-authenticate" in answer.headers


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_no_credential_is_refused(program: Program, operation: Operation) -> None:
    refused(program, operation, None)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_made_up_credential_is_refused(program: Program, operation: Operation) -> None:
    refused(program, operation, "app-000000000000000000000000")


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_the_credential_of_another_tier_is_refused(program: Program, world: World, operation: Operation) -> None:
    for scheme, token in world.credentials.items():
        # A front end may hold a key of the app instead of a passport.
        accepted = scheme in operation.schemes or (scheme == "AppKey" and "EndUserToken" in operation.schemes)
        if not accepted:
            refused(program, operation, token)
