"""Runs belong to an app and to a person: no other key reads one, stops one or answers its form.

Elsewhere a key of any app stops any run whose task it can name, and reads the runs of other apps; hence these tests.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest

from tests.contract.conftest import Worlds
from tests.contract.workflow_things import REFUND, WORKFLOW_MODES, workflow_app
from tests.contract.worlds import USER
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app_key, events

PLACES = {"workflow": ("/workflows/run", "/workflows/tasks"), "advanced-chat": ("/chat-messages", "/chat-messages")}


@dataclass(frozen=True)
class Waiting:
    """A run that waits for a person, and who began it.

    Attributes:
        owner: holds a key to the app.
        stranger: holds a key to another app of the same workspace, of the same mode.
        foreigner: holds a key to an app of another workspace.
        stop: the path that stops the run.
        run_id: its id.
        task_id: its task.
        form_token: of the form that it waits for.
    """

    owner: httpx2.Client
    stranger: httpx2.Client
    foreigner: httpx2.Client
    stop: str
    run_id: str
    task_id: str
    form_token: str

    @property
    def status(self) -> str:
        """Where the run stands, as its owner is told."""
        answer = self.owner.get(f"/tasks/{self.task_id}", params={"user": USER}).raise_for_status()
        return str(answer.json()["status"])


@pytest.fixture(params=WORKFLOW_MODES)
def waiting(
    program: Program, worlds: Worlds, foreign_worlds: Worlds, request: pytest.FixtureRequest
) -> Iterator[Waiting]:
    """A run of an app in a workspace that has another app like it."""
    mode = request.param
    world, foreign = worlds[mode], foreign_worlds[mode]
    begin, stop = PLACES[mode]
    other_key = create_app_key(world.console, workflow_app(world.console, mode))
    with (
        program.service(world.credentials["AppKey"]) as owner,
        program.service(other_key) as stranger,
        program.service(foreign.credentials["AppKey"]) as foreigner,
    ):
        asked = {"query": "May I?", "inputs": REFUND, "user": USER, "response_mode": "streaming"}
        with owner.stream("POST", begin, json=asked) as response:
            told = list(events(response))
        run_id, task_id = told[0]["workflow_run_id"], told[0]["task_id"]
        token = next(event["data"]["form_token"] for event in told if event["event"] == "human_input_required")
        yield Waiting(owner, stranger, foreigner, f"{stop}/{task_id}/stop", run_id, task_id, token)


def test_a_task_id_of_somebody_else_stops_nothing(waiting: Waiting) -> None:
    for client, user in ((waiting.owner, "eve"), (waiting.stranger, USER), (waiting.foreigner, USER)):
        answer = client.post(waiting.stop, json={"user": user})
        assert (answer.status_code, answer.json()) == (200, {"result": "success"})
        assert waiting.status == "paused"
    waiting.owner.post(waiting.stop, json={"user": USER}).raise_for_status()
    assert waiting.status == "stopped"


def test_a_visitor_stops_no_run_but_an_own_one(
    program: Program, worlds: Worlds, foreign_worlds: Worlds, waiting: Waiting, request: pytest.FixtureRequest
) -> None:
    mode = request.node.callspec.params["waiting"]
    for world in (worlds[mode], foreign_worlds[mode]):
        with program.client("/api", world.credentials["EndUserToken"]) as visitor:
            assert visitor.post(waiting.stop, json={}).json() == {"result": "success"}
            assert_uniform(visitor.get(f"/workflow/{waiting.run_id}/events"), 404, "not_found")
    assert waiting.status == "paused"


def test_a_key_reads_no_run_of_another_app(waiting: Waiting, request: pytest.FixtureRequest) -> None:
    paths = [f"/workflow/{waiting.run_id}/events", f"/tasks/{waiting.task_id}"]
    if request.node.callspec.params["waiting"] == "workflow":
        paths.append(f"/workflows/run/{waiting.run_id}")
    for path in paths:
        with waiting.owner.stream("GET", path, params={"user": USER}) as answer:
            assert answer.status_code == 200
        for client, user in ((waiting.stranger, USER), (waiting.foreigner, USER), (waiting.owner, "eve")):
            assert_uniform(client.get(path, params={"user": user}), 404, "not_found")


def test_a_key_answers_no_form_of_another_app(waiting: Waiting) -> None:
    path = f"/form/human_input/{waiting.form_token}"
    for client in (waiting.stranger, waiting.foreigner):
        assert_uniform(client.get(path), 404, "not_found")
        assert_uniform(client.post(path, json={"action": "yes", "inputs": {}, "user": USER}), 404, "not_found")
    assert waiting.status == "paused"


def test_a_key_lists_no_run_of_another_app(worlds: Worlds, program: Program) -> None:
    world = worlds["workflow"]
    with program.service(create_app_key(world.console, workflow_app(world.console, "workflow"))) as stranger:
        assert stranger.get("/workflows/logs").raise_for_status().json()["total"] == 0


def test_a_version_of_another_app_is_not_run(worlds: Worlds, foreign_worlds: Worlds, program: Program) -> None:
    world, foreign = worlds["workflow"], foreign_worlds["workflow"]
    other_key = create_app_key(world.console, workflow_app(world.console, "workflow"))
    asked = {"inputs": {}, "user": USER, "response_mode": "blocking"}
    for key in (other_key, foreign.credentials["AppKey"]):
        with program.service(key) as stranger:
            path = f"/workflows/{world.ids['workflow_id']}/run"
            assert_uniform(stranger.post(path, json=asked), 404, "not_found")
            body = {**asked, "query": "Hello?", "workflow_id": world.ids["workflow_id"]}
            assert_uniform(stranger.post("/workflows/run", json=body), 404, "not_found")


def test_the_console_stops_no_run_through_another_app(worlds: Worlds, waiting: Waiting, foreign_worlds: Worlds) -> None:
    for one in WORKFLOW_MODES:
        own = f"/apps/{worlds[one].ids['changing_app_id']}/workflow-runs/tasks/{waiting.task_id}/stop"
        assert_uniform(worlds[one].console.post(own), 404, "not_found")
        theirs = f"/apps/{foreign_worlds[one].ids['app_id']}/workflow-runs/tasks/{waiting.task_id}/stop"
        assert_uniform(foreign_worlds[one].console.post(theirs), 404, "not_found")
    assert waiting.status == "paused"
