"""Generation workers that are killed in the midst of a workflow, and beside one that waits for a person."""

import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.faults.installation import Installation, kill, wait_until
from tests.faults.model import HeldModel
from tests.journeys.graphs import answer, end, graph, human, llm, node, published_app, start, template
from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.resources import create_app_key, events
from workers import reconciler

RUN_ENDS_SECONDS = 45.0
ORPHANED_SECONDS = reconciler.ORPHANED.total_seconds() + 2 * reconciler.EVERY_SECONDS
USER = {"user": "ada"}
MODEL = {"provider": "openai_api_compatible", "name": "slow", "mode": "chat", "completion_params": {}}


@pytest.fixture(scope="module")
def api(installed: Installation) -> Program:
    """One API process."""
    return installed.api()


@pytest.fixture(scope="module")
def console(api: Program) -> Iterator[httpx2.Client]:
    """A Console client of an owner."""
    with new_owner(api).console(api) as client:
        yield client


def follow(client: httpx2.Client, run_id: str) -> list[dict[str, Any]]:
    """Return all events of a run."""
    with client.stream("GET", f"/workflow/{run_id}/events?user=ada&continue_on_pause=true") as response:
        return list(events(response))


def test_a_killed_workers_run_fails_with_a_reason(
    installed: Installation, api: Program, console: httpx2.Client, held: HeldModel
) -> None:
    drawn = graph(
        [
            start(),
            template("before", "done"),
            llm("think", MODEL, "Think."),
            end(before=["before", "output"], text=["think", "text"]),
        ],
        "start>before",
        "before>think",
        "think>end",
    )
    app_id = published_app(console, "workflow", drawn)
    doomed = installed.worker()
    with api.service(create_app_key(console, app_id)) as client:
        body = {"inputs": {}, "response_mode": "async", **USER}
        task = client.post("/workflows/run", json=body).raise_for_status().json()
        run_id = task["workflow_run_id"]
        wait_until(lambda: held.asked)
        installed.worker()
        killed = kill(doomed)
        told = follow(client, run_id)
        assert time.monotonic() - killed < RUN_ENDS_SECONDS
        assert (told[-1]["event"], told[-1]["data"]["status"]) == ("workflow_finished", "failed")
        assert "worker" in told[-1]["data"]["error"]
        kept = client.get(f"/workflows/run/{run_id}").raise_for_status().json()
        assert (kept["status"], kept["error"]) == ("failed", told[-1]["data"]["error"])
        assert client.get(f"/tasks/{task['task_id']}?user=ada").json()["error"]["code"] == "generation_interrupted"
    nodes = console.get(f"/apps/{app_id}/workflow-runs/{run_id}/node-executions").raise_for_status().json()["data"]
    assert {node["node_id"]: node["status"] for node in nodes} == {
        "start": "succeeded",
        "before": "succeeded",
        "think": "failed",
    }


def test_a_run_that_another_called_lives_and_fails_with_its_callers_worker(
    installed: Installation, api: Program, console: httpx2.Client, held: HeldModel
) -> None:
    below = published_app(
        console,
        "workflow",
        graph([start(), llm("think", MODEL, "Think."), end(text=["think", "text"])], "start>think", "think>end"),
    )
    tool = {"workflow_app_id": below, "name": "think", "label": "Think"}
    made = console.post("/workspaces/current/tool-provider/workflow/create", json=tool).raise_for_status().json()
    call = node(
        "call", "tool", provider_id=made["workflow_tool_id"], provider_type="workflow", tool_name="think", tool_label=""
    )
    above = published_app(
        console, "workflow", graph([start(), call, end(text=["call", "text"])], "start>call", "call>end")
    )

    def called() -> dict[str, Any]:
        logs = console.get(f"/apps/{below}/workflow-app-logs").raise_for_status().json()["data"]
        return dict(logs[0]["workflow_run"])

    doomed = installed.worker()
    installed.end_workers(doomed)
    with api.service(create_app_key(console, above)) as client:
        body = {"inputs": {}, "response_mode": "async", **USER}
        run_id = client.post("/workflows/run", json=body).raise_for_status().json()["workflow_run_id"]
        wait_until(lambda: held.asked)
        time.sleep(ORPHANED_SECONDS)
        assert called()["status"] == "running"
        installed.worker()
        killed = kill(doomed)
        assert follow(client, run_id)[-1]["data"]["status"] == "failed"
        wait_until(lambda: called()["status"] == "failed")
        assert time.monotonic() - killed < RUN_ENDS_SECONDS
        assert "worker" in called()["error"]


def test_a_killed_workers_answer_fails_with_its_run(
    installed: Installation, api: Program, console: httpx2.Client, held: HeldModel
) -> None:
    drawn = graph(
        [start(), llm("think", MODEL, "Think."), answer("Well: {{#think.text#}}")], "start>think", "think>answer"
    )
    app_id = published_app(console, "advanced-chat", drawn)
    doomed = installed.worker()
    installed.end_workers(doomed)
    with api.service(create_app_key(console, app_id)) as client:
        body = {"query": "Hi", "inputs": {}, "response_mode": "async", **USER}
        task = client.post("/chat-messages", json=body).raise_for_status().json()
        path, partial = f"/messages/{task['message_id']}?user=ada", f"Well: {held.begin()}"
        wait_until(lambda: client.get(path).json()["answer"] == partial)
        installed.worker()
        kill(doomed)
        told = follow(client, task["workflow_run_id"])
        assert [event["event"] for event in told[-2:]] == ["workflow_finished", "error"]
        message = client.get(path).raise_for_status().json()
        assert (message["status"], message["answer"]) == ("error", partial)


def test_a_run_that_waits_for_a_person_outlives_its_worker(
    installed: Installation, api: Program, console: httpx2.Client
) -> None:
    drawn = graph(
        [start(), human("Well?", ["note"], {"ok": "OK"}), end(note=["ask", "note"])], "start>ask", "ask:ok>end"
    )
    app_id = published_app(console, "workflow", drawn)
    doomed = installed.worker()
    installed.end_workers(doomed)
    with api.service(create_app_key(console, app_id)) as client:
        body = {"inputs": {}, "response_mode": "streaming", **USER}
        with client.stream("POST", "/workflows/run", json=body) as response:
            told = list(events(response))
        assert told[-1]["event"] == "workflow_paused"
        kill(doomed)
        installed.worker()
        token = told[-2]["data"]["form_token"]
        form = {"action": "ok", "inputs": {"note": "still here"}}
        client.post(f"/form/human_input/{token}", json=form).raise_for_status()
        last = follow(client, told[0]["workflow_run_id"])[-1]
        assert last["data"]["outputs"] == {"note": "still here"}
