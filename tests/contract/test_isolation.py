"""Isolation: what belongs to one workspace does not exist for the credentials of another."""

import re
from typing import Any

import pytest

from tests.contract.conftest import Worlds
from tests.contract.operations import UNKNOWN, Operation, protected
from tests.contract.worlds import USER, World
from tests.journeys.program import Program

# These stand for no thing of a workspace: a provider's name, a type of models, what is to be done; nodes have the names
# that an editor gives them.
NAMES = frozenset({"action", "provider", "model_type", "status", "vector_type", "block_type", "url", "node_id"})
# To make these takes a peer: an MCP server, an extension's address, a receiver; or an indexing of questions. Nothing
# has the id that stands for them.
NOT_MADE = frozenset({"provider_id", "extension_id", "delivery_id", "annotation_setting_id"})
# By its document, a stop answers the same whether or not there is such a run, so that it tells nobody which runs
# there are. tests/journeys/test_streaming.py and test_workflow_isolation.py show that a stranger's stop leaves a run
# alone, and tests/journeys/test_visitor_features.py that a stranger takes no saved answer away.
SILENT = re.compile(r"/saved-messages/|^(service|web) POST /.*/stop$")
SILENT_WITHIN_AN_APP = frozenset({"stopDebugChatMessage", "stopDebugCompletionMessage"})
# What these tell of the workspaces do not have: suggestions, variants and imports, messages that stand for
# conversations, documents that came from elsewhere, plugins.
ELSEWHERE = frozenset(
    {
        *("listSuggestedQuestions", "createMoreLikeThis", "getSegmentImport"),
        *("getAnnotationImport", "getCompletionConversation", "getPluginTask"),
        *("syncNotionDataset", "syncNotionDocument", "syncWebsiteDocument", "runDatasourceNode"),
    }
)
OPERATIONS = [
    operation for operation in protected() if set(operation.ids) - NAMES and not SILENT.search(str(operation))
]
NESTED = [
    operation
    for operation in OPERATIONS
    if len(set(operation.ids) - NAMES) > 1 and operation.name not in SILENT_WITHIN_AN_APP
]


def reached(worlds: Worlds, operation: Operation) -> World:
    """Return the workspace whose app an operation is for."""
    return worlds[operation.mode]


def credential(world: World, operation: Operation) -> str:
    """Return a credential of a world that an operation accepts."""
    return next(world.credentials[scheme] for scheme in sorted(operation.schemes) if scheme in world.credentials)


def seen(program: Program, worlds: Worlds) -> dict[str, Any]:
    """Return what a workspace's own people see of everything that they have."""
    found = {}
    for operation in OPERATIONS:
        # The answers of a run that is over stay as they are. A key's last use and a signed address are not compared.
        if operation.method != "GET" or operation.name in ("listAppApiKeys", "downloadDocument"):
            continue
        if set(operation.ids) & NOT_MADE or operation.name in ELSEWHERE:
            continue
        world = reached(worlds, operation)
        with program.client(token=credential(world, operation)) as client:
            ids = world.ids_of(operation.tier)
            answer = client.get(operation.url(**ids), params=operation.query(**ids))
        found[str(operation)] = answer
    unseen = {name: answer.text for name, answer in found.items() if answer.status_code != 200}
    assert unseen == {}
    return {name: answer.content for name, answer in found.items()}


@pytest.fixture(scope="module")
def before(program: Program, foreign_worlds: Worlds) -> dict[str, Any]:
    """What the other workspaces looked like before anybody tried."""
    return seen(program, foreign_worlds)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_the_things_of_another_workspace_do_not_exist(
    program: Program, worlds: Worlds, foreign_worlds: Worlds, before: dict[str, Any], operation: Operation
) -> None:
    world, foreign = reached(worlds, operation), reached(foreign_worlds, operation)
    with program.client(token=credential(world, operation)) as client:
        answer = client.request(
            operation.method,
            operation.url(**foreign.ids_of(operation.tier)),
            params=operation.query(**foreign.ids_of(operation.tier)),
            **operation.body(),
        )
    assert answer.status_code in (403, 404), answer.text


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.tier == "service"], ids=str)
def test_a_workspace_key_does_not_reach_another_workspace(
    program: Program, worlds: Worlds, foreign_worlds: Worlds, before: dict[str, Any], operation: Operation
) -> None:
    foreign = reached(foreign_worlds, operation)
    with program.client(token=reached(worlds, operation).workspace_key) as client:
        answer = client.request(
            operation.method,
            operation.url(**foreign.ids_of(operation.tier)),
            params=operation.query(**foreign.ids_of(operation.tier)),
            headers={"X-App-Id": foreign.ids["app_id"]},
            **operation.body(),
        )
    assert answer.status_code in (403, 404), answer.text


@pytest.mark.parametrize("operation", NESTED, ids=str)
def test_an_own_parent_does_not_open_a_foreign_child(
    program: Program, worlds: Worlds, foreign_worlds: Worlds, before: dict[str, Any], operation: Operation
) -> None:
    world, foreign = reached(worlds, operation), reached(foreign_worlds, operation).ids_of(operation.tier)
    things = [name for name in operation.ids if name not in NAMES]
    for owned in range(1, len(things)):
        ids = foreign | {name: world.ids_of(operation.tier).get(name, UNKNOWN) for name in things[:owned]}
        with program.client(token=credential(world, operation)) as client:
            answer = client.request(
                operation.method, operation.url(**ids), params=operation.query(**ids), **operation.body()
            )
        assert answer.status_code in (403, 404), answer.text


def test_ids_in_bodies_and_queries_are_as_foreign(program: Program, world: World, foreign_worlds: Worlds) -> None:
    ids = foreign_worlds["chat"].ids
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


def test_nothing_of_it_has_changed(program: Program, foreign_worlds: Worlds, before: dict[str, Any]) -> None:
    assert seen(program, foreign_worlds) == before
