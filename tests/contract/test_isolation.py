"""Isolation: what belongs to one workspace does not exist for the credentials of another."""

from typing import Any

import pytest

from tests.contract.operations import Operation, protected
from tests.contract.worlds import USER, World
from tests.journeys.program import Program

# These stand for no thing of a workspace: a provider's name, a type of models.
NAMES = frozenset({"action", "provider", "model_type"})
# By its document, a stop answers the same whether or not there is such a run, so that it tells nobody which runs
# there are. tests/journeys/test_streaming.py shows that a stranger's stop leaves a run alone.
SILENT = frozenset({"deleteSavedMessage", "stopChatMessage", "stopCompletionMessage"})
SILENT_WITHIN_AN_APP = frozenset({"stopDebugChatMessage", "stopDebugCompletionMessage"})
OPERATIONS = [operation for operation in protected() if set(operation.ids) - NAMES and operation.name not in SILENT]
NESTED = [o for o in OPERATIONS if len(o.ids) > 1 and o.name not in SILENT_WITHIN_AN_APP]


def credential(world: World, operation: Operation) -> str:
    """Return a credential of a world that an operation accepts."""
    return next(world.credentials[scheme] for scheme in sorted(operation.schemes) if scheme in world.credentials)


def seen(program: Program, world: World) -> dict[str, Any]:
    """Return what a workspace's own people see of everything that they have."""
    found = {}
    for operation in OPERATIONS:
        # The answers of a run that is over stay as they are; a key's last use and a file's bytes are not compared.
        if operation.method != "GET" or "api_key" in operation.path or operation.name == "listAppApiKeys":
            continue
        with program.client(token=credential(world, operation)) as client:
            answer = client.get(
                operation.url(**world.ids_of(operation.tier)), params={**operation.queries, "user": USER}
            )
        assert answer.status_code == 200, f"{operation}: {answer.text}"
        found[str(operation)] = (answer.status_code, answer.content)
    return found


@pytest.fixture(scope="module")
def before(program: Program, foreign_world: World) -> dict[str, Any]:
    """What the other workspace looked like before anybody tried."""
    return seen(program, foreign_world)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_the_things_of_another_workspace_do_not_exist(
    program: Program, world: World, foreign_world: World, before: dict[str, Any], operation: Operation
) -> None:
    with program.client(token=credential(world, operation)) as client:
        answer = client.request(
            operation.method,
            operation.url(**foreign_world.ids_of(operation.tier)),
            params={**operation.queries, "user": USER},
            **operation.body(),
        )
    assert answer.status_code in (403, 404), answer.text


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.tier == "service"], ids=str)
def test_a_workspace_key_does_not_reach_another_workspace(
    program: Program, world: World, foreign_world: World, before: dict[str, Any], operation: Operation
) -> None:
    with program.client(token=world.workspace_key) as client:
        answer = client.request(
            operation.method,
            operation.url(**foreign_world.ids_of(operation.tier)),
            params={**operation.queries, "user": USER},
            headers={"X-App-Id": foreign_world.ids["app_id"]},
            **operation.body(),
        )
    assert answer.status_code in (403, 404), answer.text


@pytest.mark.parametrize("operation", NESTED, ids=str)
def test_an_own_parent_does_not_open_a_foreign_child(
    program: Program, world: World, foreign_world: World, before: dict[str, Any], operation: Operation
) -> None:
    parent, *children = operation.ids
    own, foreign = world.ids_of(operation.tier), foreign_world.ids_of(operation.tier)
    ids = {parent: own[parent], **{child: foreign[child] for child in children}}
    with program.client(token=credential(world, operation)) as client:
        answer = client.request(
            operation.method, operation.url(**ids), params={**operation.queries, "user": USER}, **operation.body()
        )
    assert answer.status_code in (403, 404), answer.text


def test_ids_in_bodies_and_queries_are_as_foreign(program: Program, world: World, foreign_world: World) -> None:
    ids = foreign_world.ids
    question = {"query": "Hello?", "user": USER, "inputs": {}, "response_mode": "blocking"}
    picture = {"type": "document", "transfer_method": "local_file", "upload_file_id": ids["file_id"]}
    with program.service(world.credentials["AppKey"]) as service:
        answers = [
            service.post("/chat-messages", json={**question, "conversation_id": ids["conversation_id"]}),
            service.post("/chat-messages", json={**question, "files": [picture]}),
            service.get("/messages", params={"conversation_id": ids["conversation_id"], "user": USER}),
        ]
    with program.client("/console/api", world.credentials["ConsoleToken"]) as console:
        chosen = {"datasets": {"datasets": [{"dataset": {"id": ids["dataset_id"], "enabled": True}}]}}
        config = {"dataset_configs": {"retrieval_model": "multiple", **chosen}}
        answers += [
            console.post("/api-keys", json={"name": "Theirs", "app_id": ids["app_id"]}),
            console.post("/api-keys", json={"name": "Theirs", "dataset_ids": [ids["dataset_id"]]}),
            console.post("/datasets/api-keys", json={"dataset_ids": [ids["dataset_id"]]}),
            console.post(f"/apps/{world.ids['app_id']}/model-config", json=config),
        ]
    assert [answer.status_code for answer in answers if answer.status_code not in (400, 403, 404)] == []


def test_nothing_of_it_has_changed(program: Program, foreign_world: World, before: dict[str, Any]) -> None:
    assert seen(program, foreign_world) == before
