"""Runs of a draft and its nodes, and what is kept of them; whoever has no part in the app reaches none of it."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.journeys.graphs import answer, rounds
from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app, create_app_key, within_one_day

ORDER = Path(__file__).resolve().parents[1] / "app_files" / "order_list.yml"
INPUTS = {"items": "tea\nbread\nmilk", "customer": "Ada"}
LINES = ["1. bread", "2. milk", "3. tea"]


@pytest.fixture(scope="module")
def app(console: httpx2.Client) -> str:
    """The path of an app that sorts orders, with a draft that has not run yet."""
    body = {"mode": "yaml-content", "yaml_content": ORDER.read_text()}
    return f"/apps/{console.post('/apps/imports', json=body).raise_for_status().json()['app_id']}"


def streamed(answer: httpx2.Response) -> list[dict[str, Any]]:
    """Return the events of a stream."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    return [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]


@pytest.fixture(scope="module")
def run(console: httpx2.Client, app: str) -> dict[str, Any]:
    """The draft, run once."""
    events = streamed(console.post(f"{app}/workflows/draft/run", json={"inputs": INPUTS}))
    assert (events[0]["event"], events[-1]["event"]) == ("workflow_started", "workflow_finished")
    assert events[-1]["data"]["outputs"] == {"customer": "ADA", "lines": LINES, "counted": 3}
    return events[-1]


def test_a_run_is_listed_and_read(console: httpx2.Client, app: str, run: dict[str, Any]) -> None:
    listed = console.get(f"{app}/workflow-runs").raise_for_status().json()
    row = next(row for row in listed["data"] if row["id"] == run["workflow_run_id"])
    assert (row["status"], row["version"], row["created_by_account"]["name"]) == ("succeeded", "draft", "Charles")
    detail = console.get(f"{app}/workflow-runs/{row['id']}").raise_for_status().json()
    assert detail["outputs"]["lines"] == LINES
    assert detail["inputs"]["customer"] == "Ada"
    assert {node["id"] for node in detail["graph"]["nodes"]} >= {"start", "each", "count"}
    nodes = console.get(f"{app}/workflow-runs/{row['id']}/node-executions").raise_for_status().json()["data"]
    assert nodes[0]["node_type"] == "start"
    assert nodes[-1]["outputs"]["lines"] == LINES
    assert all(node["created_by_account"]["name"] == "Charles" for node in nodes)
    others = console.get(f"{app}/workflow-runs", params={"triggered_from": "app-run"}).json()["data"]
    assert run["workflow_run_id"] not in [row["id"] for row in others]
    assert console.get(f"{app}/workflow-runs", params={"status": "stopped"}).json()["data"] == []


def test_what_nodes_gave_are_draft_variables(console: httpx2.Client, app: str, run: dict[str, Any]) -> None:
    place = f"{app}/workflows/draft"
    split = console.get(f"{place}/nodes/split/variables").raise_for_status().json()["items"]
    assert [(each["selector"], each["value"]) for each in split] == [(["split", "lines"], ["tea", "bread", "milk"])]
    names = {each["name"] for each in console.get(f"{place}/system-variables").json()["items"]}
    assert {"user_id", "workflow_run_id"} <= names
    last = console.get(f"{place}/nodes/split/last-run").raise_for_status().json()
    assert (last["status"], last["outputs"]) == ("succeeded", {"lines": ["tea", "bread", "milk"]})
    assert_uniform(console.get(f"{place}/nodes/nowhere/last-run"), 404, "not_found")


def test_a_node_runs_alone_on_what_others_left(console: httpx2.Client, app: str, run: dict[str, Any]) -> None:
    place = f"{app}/workflows/draft"
    ran = console.post(f"{place}/nodes/sorted/run", json={"inputs": {}}).raise_for_status().json()
    assert (ran["status"], ran["outputs"]["first_record"]) == ("succeeded", "bread")
    variable = console.get(f"{place}/nodes/split/variables").json()["items"][0]["id"]
    console.patch(f"{place}/variables/{variable}", json={"value": ["zest", "apple"]}).raise_for_status()
    again = console.post(f"{place}/nodes/sorted/run").raise_for_status().json()
    assert again["outputs"]["first_record"] == "apple"
    console.put(f"{place}/variables/{variable}/reset").raise_for_status()
    assert_uniform(console.post(f"{place}/nodes/nowhere/run"), 404, "not_found")


@pytest.mark.parametrize("key", ["text", "start.items", "#start.items#"])
def test_a_node_runs_alone_on_what_it_is_given(console: httpx2.Client, app: str, key: str) -> None:
    body = {"inputs": {key: "one\ntwo"}}
    ran = console.post(f"{app}/workflows/draft/nodes/split/run", json=body).raise_for_status().json()
    assert ran["outputs"] == {"lines": ["one", "two"]}
    start = console.post(f"{app}/workflows/draft/nodes/start/run", json={"inputs": INPUTS}).raise_for_status().json()
    assert start["outputs"]["customer"] == "Ada"


def test_a_container_runs_alone(console: httpx2.Client, app: str, run: dict[str, Any]) -> None:
    place = f"{app}/workflows/draft"
    body = {"inputs": {"#sorted.result#": ["x", "y"]}}
    events = streamed(console.post(f"{place}/iteration/nodes/each/run", json=body))
    done = next(event["data"] for event in events if event["event"] == "iteration_completed")
    assert done["outputs"] == {"output": ["1. x", "2. y"]}
    events = streamed(console.post(f"{place}/loop/nodes/count/run"))
    done = next(event["data"] for event in events if event["event"] == "loop_completed")
    assert done["outputs"]["total"] == 3
    assert_uniform(console.post(f"{place}/loop/nodes/each/run"), 404, "not_found")
    chat = f"{app}/advanced-chat/workflows/draft"
    assert_uniform(console.post(f"{chat}/iteration/nodes/each/run"), 400, "not_chat_app")
    assert_uniform(console.post(f"{chat}/run", json={"query": "Hello"}), 400, "not_chat_app")


def test_a_container_runs_alone_in_an_app_that_holds_conversations(console: httpx2.Client) -> None:
    app = f"/apps/{create_app(console, mode='advanced-chat')}"
    drawn = rounds()
    drawn["nodes"][-1] = answer("{{#each.output#}}", "end")
    console.post(f"{app}/workflows/draft", json={"graph": drawn}).raise_for_status()
    place = f"{app}/advanced-chat/workflows/draft"
    events = streamed(console.post(f"{place}/iteration/nodes/each/run", json={"inputs": {"make.list": ["x"]}}))
    done = next(event["data"] for event in events if event["event"] == "iteration_completed")
    assert (done["outputs"], events[-1]["data"]["status"]) == ({"output": ["X"]}, "succeeded")
    events = streamed(console.post(f"{place}/loop/nodes/rounds/run"))
    done = next(event["data"] for event in events if event["event"] == "loop_completed")
    assert (done["outputs"], done["steps"]) == ({"n": 0, "loop_round": 2}, 2)
    assert_uniform(console.post(f"{app}/workflows/draft/loop/nodes/rounds/run"), 400, "not_workflow_app")
    last = console.get(f"{app}/workflows/draft/nodes/each/last-run").raise_for_status().json()
    assert (last["node_type"], last["status"], last["outputs"]) == ("iteration", "succeeded", {"output": ["X"]})
    kept = f"{app}/workflows/draft/nodes/each/variables"
    assert [each["value"] for each in console.get(kept).json()["items"]] == [["X"]]
    assert console.delete(kept).status_code == 204
    assert console.get(kept).json()["items"] == []


def test_a_draft_that_does_not_hang_together_is_not_run(console: httpx2.Client) -> None:
    place = f"/apps/{create_app(console, mode='workflow')}/workflows/draft"
    assert_uniform(console.post(f"{place}/run", json={"inputs": {}}), 400, "draft_workflow_not_exist")
    console.post(place, json={"graph": {"nodes": [], "edges": []}}).raise_for_status()
    refused = assert_uniform(console.post(f"{place}/run", json={"inputs": {}}), 400, "invalid_workflow")
    assert refused["details"][0]["type"] == "start"


def test_an_app_that_holds_conversations_is_tried(console: httpx2.Client) -> None:
    app = f"/apps/{create_app(console, mode='advanced-chat')}"
    start = {"id": "start", "data": {"type": "start", "title": "Start", "variables": []}}
    items = [{"variable_selector": ["conversation", "asked"], "input_type": "constant", "operation": "+=", "value": 1}]
    count = {"id": "count", "data": {"type": "assigner", "title": "Count", "version": "2", "items": items}}
    text = "{{#conversation.asked#}}: {{#sys.query#}}"
    answer = {"id": "answer", "data": {"type": "answer", "title": "Answer", "answer": text}}
    edges = [{"source": "start", "target": "count"}, {"source": "count", "target": "answer"}]
    variables = [{"name": "asked", "value_type": "number", "value": 0}]
    body = {"graph": {"nodes": [start, count, answer], "edges": edges}, "conversation_variables": variables}
    console.post(f"{app}/workflows/draft", json=body).raise_for_status()
    place = f"{app}/advanced-chat/workflows/draft/run"
    events = streamed(console.post(place, json={"query": "Hello"}))
    said = "".join(event["answer"] for event in events if event["event"] == "message")
    assert said == "1: Hello"
    question = {"query": "Again", "conversation_id": events[0]["conversation_id"]}
    events = streamed(console.post(place, json=question))
    assert "".join(event["answer"] for event in events if event["event"] == "message") == "2: Again"
    row = console.get(f"{app}/advanced-chat/workflow-runs").raise_for_status().json()["data"][0]
    assert row["conversation_id"] == question["conversation_id"]
    listed = console.get(f"{app}/workflows/draft/conversation-variables").json()["items"]
    assert [each["value"] for each in listed] == [2]
    assert_uniform(console.post(f"{app}/workflows/draft/run", json={"inputs": {}}), 400, "not_workflow_app")


@pytest.fixture(scope="module")
def used(program: Program, console: httpx2.Client, app: str, run: dict[str, Any]) -> dict[str, Any]:
    """The published workflow, run by a person."""
    within_one_day()
    console.post(f"{app}/workflows/publish").raise_for_status()
    with program.service(create_app_key(console, app.removeprefix("/apps/"))) as service:
        body = {"inputs": INPUTS, "user": "grace", "response_mode": "blocking"}
        return dict(service.post("/workflows/run", json=body).raise_for_status().json())


def test_what_users_ran_is_logged_and_counted(console: httpx2.Client, app: str, used: dict[str, Any]) -> None:
    logs = console.get(f"{app}/workflow-app-logs").raise_for_status().json()
    assert (logs["total"], logs["data"][0]["workflow_run"]["id"]) == (1, used["workflow_run_id"])
    assert logs["data"][0]["created_by_end_user"]["session_id"] == "grace"
    for params in (
        {"keyword": "nothing like it"},
        {"status": "failed"},
        {"created_at__after": "2100-01-01T00:00:00Z"},
        {"created_by_end_user_session_id": "ada"},
        {"created_by_account": "ada@example.com"},
    ):
        assert console.get(f"{app}/workflow-app-logs", params=params).raise_for_status().json()["total"] == 0
    published = console.get(f"{app}/workflow-runs", params={"triggered_from": "app-run"}).json()["data"]
    assert [row["version"] for row in published] == ["v1.0.0"]
    place = f"{app}/workflow/statistics"
    (day,) = console.get(f"{place}/daily-conversations").raise_for_status().json()["data"]
    assert day["runs"] == 1
    assert console.get(f"{place}/daily-terminals").json()["data"][0]["terminal_count"] == 1
    assert console.get(f"{place}/token-costs").json()["data"][0]["token_count"] == 0
    assert console.get(f"{place}/average-app-interactions").json()["data"][0]["interactions"] == 1
    past = {"start": "2020-01-01 00:00", "end": "2020-01-02 00:00"}
    assert console.get(f"{place}/daily-conversations", params=past).json() == {"data": []}


@pytest.fixture(scope="module")
def slow(console: httpx2.Client) -> tuple[str, str, str]:
    """An app whose run waits for a person: its path, the run's id, its task's."""
    app = f"/apps/{create_app(console, mode='workflow')}"
    actions = [{"id": "go", "title": "Go on"}]
    nodes = [
        {"id": "start", "data": {"type": "start", "title": "Start"}},
        {
            "id": "ask",
            "data": {"type": "human-input", "title": "Ask", "form_content": "Well?", "user_actions": actions},
        },
        {"id": "end", "data": {"type": "end", "title": "End", "outputs": []}},
    ]
    edges = [
        {"source": "start", "target": "ask"},
        {"source": "ask", "target": "end", "sourceHandle": "go"},
    ]
    console.post(f"{app}/workflows/draft", json={"graph": {"nodes": nodes, "edges": edges}}).raise_for_status()
    events = streamed(console.post(f"{app}/workflows/draft/run", json={"inputs": {}}))
    assert "workflow_paused" in [event["event"] for event in events]
    return app, events[0]["workflow_run_id"], events[0]["task_id"]


def test_strangers_and_other_apps_reach_no_run(
    program: Program, console: httpx2.Client, app: str, slow: tuple[str, str, str]
) -> None:
    own, run_id, task_id = slow
    paths = (f"workflow-runs/{run_id}", f"workflow-runs/{run_id}/node-executions")
    for path in paths:
        assert console.get(f"{own}/{path}").status_code == 200
        assert_uniform(console.get(f"{app}/{path}"), 404, "not_found")
    assert_uniform(console.post(f"{app}/workflow-runs/tasks/{task_id}/stop"), 404, "not_found")
    with new_owner(program).console(program) as stranger:
        for path in (*paths, "workflow-runs", "workflow-app-logs", "workflows/draft/variables"):
            assert_uniform(stranger.get(f"{own}/{path}"), 404, "app_not_found")
        assert_uniform(stranger.post(f"{own}/workflow-runs/tasks/{task_id}/stop"), 404, "app_not_found")
        theirs = f"/apps/{create_app(stranger, mode='workflow')}"
        assert_uniform(stranger.post(f"{theirs}/workflow-runs/tasks/{task_id}/stop"), 404, "not_found")
        assert_uniform(stranger.get(f"{theirs}/workflow-runs/{run_id}"), 404, "not_found")
    assert console.get(f"{own}/workflow-runs/{run_id}").json()["status"] == "paused"
    assert console.post(f"{own}/workflow-runs/tasks/{task_id}/stop").json() == {"result": "success"}
    assert console.get(f"{own}/workflow-runs/{run_id}").json()["status"] == "stopped"
