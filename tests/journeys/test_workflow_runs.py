"""Workflows that are run: as a stream, at once, later; watched, joined again, stopped, listed, and told to visitors."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import pairwise
from typing import Any

import httpx2
import pytest

from tests.journeys.graphs import code, end, graph, llm, published_app, rounds, start, template
from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app, create_app_key, events
from tests.journeys.stated_events import stated
from tests.journeys.studio import Studio

USER = {"user": "ada"}
MANY = 25
GREETING = graph(
    [start("name"), template("greet", "Hello {{ name }}!", name=["start", "name"]), end(greeting=["greet", "output"])],
    "start>greet",
    "greet>end",
)


@pytest.fixture(scope="module")
def client_of(program: Program, console: httpx2.Client) -> Callable[..., Any]:
    def client(drawn: dict[str, Any], mode: str = "workflow", **more: Any) -> AbstractContextManager[httpx2.Client]:
        return program.service(create_app_key(console, published_app(console, mode, drawn, **more)))

    return client


def run(client: httpx2.Client, **inputs: Any) -> dict[str, Any]:
    """Run a workflow and wait for it."""
    answer = client.post("/workflows/run", json={"inputs": inputs, "response_mode": "blocking", **USER})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def stream(client: httpx2.Client, path: str = "/workflows/run", **body: Any) -> list[dict[str, Any]]:
    """Run a workflow and return all its events, each of which follows its schema."""
    asked = {"inputs": {}, "response_mode": "streaming", **USER, **body}
    with client.stream("POST", path, json=asked) as response:
        assert response.status_code == 200, response.read()
        return [stated(event, "WorkflowEvent") for event in events(response)]


def names(told: list[dict[str, Any]]) -> list[str]:
    return [event["event"] for event in told]


def test_a_run_is_streamed_from_its_start_to_its_end(client_of: Any) -> None:
    with client_of(GREETING) as client:
        told = stream(client, inputs={"name": "Ada"})
        assert names(told) == [
            "workflow_started",
            *["node_started", "node_finished"],
            "node_started",
            "text_chunk",
            "node_finished",
            *["node_started", "node_finished"],
            "workflow_finished",
        ]
        first, last = told[0], told[-1]
        assert first["data"]["inputs"]["name"] == "Ada"
        assert first["data"]["inputs"]["sys.user_id"] == "ada"
        assert first["data"]["reason"] == "initial"
        assert last["data"]["status"] == "succeeded"
        assert last["data"]["outputs"] == {"greeting": "Hello Ada!"}
        assert last["data"]["created_by"]["user"] == "ada"
        assert len({(event["task_id"], event["workflow_run_id"]) for event in told}) == 1
        rendered = next(
            event for event in told if event["data"].get("node_id") == "greet" and "status" in event["data"]
        )
        assert rendered["data"]["inputs"] == {"name": "Ada"}
        assert rendered["data"]["outputs"] == {"output": "Hello Ada!"}
        assert rendered["data"]["predecessor_node_id"] == "start"
        kept = client.get(f"/workflows/run/{first['workflow_run_id']}").raise_for_status().json()
        assert (kept["status"], kept["outputs"], kept["total_steps"]) == ("succeeded", {"greeting": "Hello Ada!"}, 3)
        assert kept["inputs"]["name"] == "Ada"


def test_a_run_is_waited_for(client_of: Any) -> None:
    with client_of(GREETING) as client:
        told = run(client, name="Bob")
        assert told["data"]["status"] == "succeeded"
        assert told["data"]["outputs"] == {"greeting": "Hello Bob!"}
        assert told["data"]["finished_at"] >= told["data"]["created_at"]
        assert client.get(f"/workflows/run/{told['workflow_run_id']}?user=ada").status_code == 200
        assert_uniform(client.get(f"/workflows/run/{told['workflow_run_id']}?user=eve"), 404, "not_found")


def test_a_run_is_left_to_itself(client_of: Any) -> None:
    with client_of(GREETING) as client:
        body = {"inputs": {"name": "Eve"}, "response_mode": "async", **USER}
        accepted = client.post("/workflows/run", json=body)
        assert accepted.status_code == 202, accepted.text
        task = accepted.json()
        assert (task["status"], task["mode"], task["message_id"]) == ("queued", "workflow", None)
        deadline = time.monotonic() + 60
        while task["status"] in ("queued", "running"):
            assert time.monotonic() < deadline
            task = client.get(f"/tasks/{task['task_id']}?user=ada").raise_for_status().json()
        assert task["status"] == "succeeded"
        assert task["result"]["data"]["outputs"] == {"greeting": "Hello Eve!"}
        assert_uniform(client.get(f"/tasks/{task['task_id']}?user=eve"), 404, "not_found")


def test_many_runs_of_models_go_on_at_once(client_of: Any, model: dict[str, Any], studio: Studio) -> None:
    calls = ("first", "second", "third")
    nodes = [start("topic"), *(llm(name, model, "Write of {{#start.topic#}}.") for name in calls)]
    way = ("start", *calls, "end")
    drawn = graph([*nodes, end(text=["third", "text"])], *(f"{one}>{other}" for one, other in pairwise(way)))
    before = len(studio.asked)
    with client_of(drawn) as client:
        body = {"inputs": {"topic": "tea"}, "response_mode": "async", **USER}
        tasks = [client.post("/workflows/run", json=body).raise_for_status().json() for _ in range(MANY)]
        for task in tasks:
            with client.stream("GET", f"/workflow/{task['workflow_run_id']}/events?user=ada") as response:
                ended = list(events(response))[-1]
            assert ended["data"]["status"] == "succeeded", ended
            assert ended["data"]["total_steps"] == len(way)
    assert len(studio.asked) - before == MANY * len(calls)


def test_a_run_is_joined_again_and_replayed(client_of: Any) -> None:
    with client_of(GREETING) as client:
        told = stream(client, inputs={"name": "Ada"})
        for named in (told[0]["workflow_run_id"], told[0]["task_id"]):
            with client.stream("GET", f"/workflow/{named}/events?user=ada") as response:
                lines = list(response.iter_lines())
            assert [line for line in lines if line.startswith("id:")]
            with client.stream("GET", f"/workflow/{named}/events?user=ada") as response:
                assert list(events(response)) == told
        ids = [line[3:].strip() for line in lines if line.startswith("id:")]
        with client.stream("GET", f"/workflow/{named}/events?user=ada", headers={"last-event-id": ids[2]}) as response:
            assert list(events(response)) == told[3:]
        with client.stream("GET", f"/workflow/{named}/events?user=ada&include_state_snapshot=true") as response:
            shown = [stated(event, "RunEvent") for event in events(response)]
        assert names(shown) == ["workflow_started", *["node_started", "node_finished"] * 3, "workflow_finished"]
        assert_uniform(client.get(f"/workflow/{named}/events?user=eve"), 404, "not_found")


def test_a_failed_run_says_so_and_answers_200(client_of: Any) -> None:
    broken = code("work", "def main():\n    raise ValueError('no tea')", {"out": "string"})
    with client_of(graph([start(), broken, end(out=["work", "out"])], "start>work", "work>end")) as client:
        told = run(client)
        assert told["data"]["status"] == "failed"
        assert "no tea" in told["data"]["error"]
        streamed = stream(client)
        assert names(streamed)[-1] == "workflow_finished"
        failed = next(event for event in streamed if event["data"].get("status") == "failed")
        assert failed["data"]["node_id"] == "work"
        assert "no tea" in failed["data"]["error"]


def test_a_failure_that_is_handled_is_a_partial_success(client_of: Any) -> None:
    broken = code("work", "def main():\n    raise ValueError('no tea')", {"out": "string"})
    broken["data"] |= {
        "error_strategy": "default-value",
        "default_value": [{"key": "out", "type": "string", "value": "coffee"}],
        "retry_config": {"retry_enabled": True, "max_retries": 2, "retry_interval": 10},
    }
    with client_of(graph([start(), broken, end(out=["work", "out"])], "start>work", "work>end")) as client:
        told = stream(client)
    retries = [event["data"] for event in told if event["event"] == "node_retry"]
    assert [(data["retry_index"], data["status"]) for data in retries] == [(1, "retry"), (2, "retry")]
    assert told[-1]["data"]["status"] == "partial-succeeded"
    assert told[-1]["data"]["exceptions_count"] == 1
    assert told[-1]["data"]["outputs"] == {"out": "coffee"}


def test_iterations_and_loops_tell_their_rounds(client_of: Any) -> None:
    with client_of(rounds()) as client:
        told = stream(client)
    around = [event for event in told if event["event"].startswith(("iteration_", "loop_"))]
    assert names(around) == [
        "iteration_started",
        "iteration_next",
        "iteration_next",
        "iteration_completed",
        "loop_started",
        "loop_next",
        "loop_completed",
    ]
    assert around[0]["data"]["metadata"] == {"iterator_length": 2}
    assert around[3]["data"]["outputs"] == {"output": ["A", "B"]}
    inner = [event["data"] for event in told if event["data"].get("node_id") == "shout" and "status" in event["data"]]
    assert [data["execution_metadata"]["iteration_index"] for data in inner] == [0, 1]
    assert {data["iteration_id"] for data in inner} == {"each"}
    assert told[-1]["data"]["outputs"]["letters"] == ["A", "B"]


def test_a_model_is_streamed_and_paid_for(client_of: Any, model: dict[str, Any]) -> None:
    drawn = graph(
        [start("topic"), llm("write", model, "Write about {{#start.topic#}}."), end(text=["write", "text"])],
        "start>write",
        "write>end",
    )
    with client_of(drawn) as client:
        told = stream(client, inputs={"topic": "kettles"})
        chunks = [event["data"] for event in told if event["event"] == "text_chunk"]
        assert "".join(data["text"] for data in chunks).strip() == "Thirty months."
        assert {tuple(data["from_variable_selector"]) for data in chunks} == {("write", "text")}
        wrote = next(
            event["data"] for event in told if event["data"].get("node_id") == "write" and "status" in event["data"]
        )
        assert wrote["execution_metadata"]["total_tokens"] == 12
        assert wrote["process_data"]["prompts"][0]["text"] == "Write about kettles."
        assert told[-1]["data"]["total_tokens"] == 12


def test_a_run_is_stopped_by_its_owner_alone(client_of: Any) -> None:
    spin = code("spin", "def main():\n    n = 0\n    while True:\n        n += 1", {"out": "string"})
    drawn = graph([start(), spin, end(out=["spin", "out"])], "start>spin", "spin>end")
    spin["data"]["retry_config"] = {"retry_enabled": True, "max_retries": 10, "retry_interval": 5000}
    with client_of(drawn) as client:
        asked = {"inputs": {}, "response_mode": "streaming", **USER}
        with client.stream("POST", "/workflows/run", json=asked) as response:
            told = []
            for event in events(response):
                told.append(stated(event, "WorkflowEvent"))
                if event["event"] == "node_started" and event["data"]["node_id"] == "spin":
                    task = f"/workflows/tasks/{event['task_id']}/stop"
                    assert client.post(task, json={"user": "eve"}).json() == {"result": "success"}
                    kept = client.get(f"/workflows/run/{event['workflow_run_id']}").json()
                    assert kept["status"] == "running"
                    began = time.monotonic()
                    assert client.post(task, json=USER).json() == {"result": "success"}
        assert time.monotonic() - began < 20, "its retries alone would take longer"
        assert told[-1]["data"]["status"] == "stopped"
        assert told[-2]["data"]["status"] == "stopped"
        assert client.post(task, json=USER).json() == {"result": "success"}


def test_runs_are_listed_and_filtered(client_of: Any) -> None:
    with client_of(GREETING) as client:
        first, second = run(client, name="Ada")["workflow_run_id"], run(client, name="Zoe")["workflow_run_id"]
        listed = client.get("/workflows/logs").raise_for_status().json()
        assert [entry["id"] for entry in listed["data"]] == [second, first]
        assert (listed["total"], listed["has_more"], listed["page"], listed["limit"]) == (2, False, 1, 20)
        entry = listed["data"][0]
        assert (entry["created_from"], entry["created_by_role"]) == ("service-api", "end_user")
        assert entry["created_by_end_user"]["session_id"] == "ada"
        assert (entry["workflow_run"]["version"], entry["workflow_run"]["status"]) == ("v1.0.0", "succeeded")

        def ids(**query: Any) -> list[str]:
            return [
                each["id"] for each in client.get("/workflows/logs", params=query).raise_for_status().json()["data"]
            ]

        assert ids(keyword="zoe") == [second]
        assert ids(keyword=first) == [first]
        assert ids(status="failed") == []
        assert ids(created_by_end_user_session_id="eve") == []
        assert ids(created_at__after="2030-01-01T00:00:00Z") == []
        assert ids(created_at__before="2030-01-01") == [second, first]
        assert ids(limit=1, page=2) == [first]
        assert_uniform(client.get("/workflows/logs?created_at__after=tuesday"), 400, "invalid_param")


def test_an_older_version_can_be_run(console: httpx2.Client, program: Program) -> None:
    app_id = published_app(console, "workflow", GREETING)
    old = console.get(f"/apps/{app_id}/workflows/publish").raise_for_status().json()["id"]
    draft = console.get(f"/apps/{app_id}/workflows/draft").raise_for_status().json()["id"]
    newer = graph([start("name"), end(greeting=["start", "name"])], "start>end")
    console.post(f"/apps/{app_id}/workflows/draft", json={"graph": newer, "features": {}}).raise_for_status()
    console.post(f"/apps/{app_id}/workflows/publish", json={}).raise_for_status()
    with program.service(create_app_key(console, app_id)) as client:
        assert run(client, name="Ada")["data"]["outputs"] == {"greeting": "Ada"}
        body = {"inputs": {"name": "Ada"}, "response_mode": "blocking", **USER}
        assert client.post(f"/workflows/{old}/run", json=body).json()["data"]["outputs"] == {"greeting": "Hello Ada!"}
        assert_uniform(client.post(f"/workflows/{draft}/run", json=body), 400, "invalid_param")
        unknown = "01930000-0000-7000-8000-000000000000"
        assert_uniform(client.post(f"/workflows/{unknown}/run", json=body), 404, "not_found")


def test_what_cannot_be_run_is_refused(program: Program, console: httpx2.Client, app_client: httpx2.Client) -> None:
    body = {"inputs": {}, **USER}
    assert_uniform(app_client.post("/workflows/run", json=body), 400, "not_workflow_app")
    with program.service(create_app_key(console, create_app(console, mode="workflow"))) as client:
        assert_uniform(client.post("/workflows/run", json=body), 400, "app_unavailable")
        assert_uniform(client.post("/chat-messages", json={"query": "Hi", **body}), 400, "not_chat_app")
    required = {"variable": "name", "label": "Name", "type": "text-input", "required": True, "max_length": 3}
    app_id = published_app(console, "workflow", graph([start(required), end(out=["start", "name"])], "start>end"))
    with program.service(create_app_key(console, app_id)) as client:
        refused = assert_uniform(client.post("/workflows/run", json=body), 400, "invalid_param")
        assert refused["details"][0]["field"] == "inputs.name"
        body["inputs"] = {"name": "Augusta"}
        assert_uniform(client.post("/workflows/run", json=body), 400, "invalid_param")
        assert_uniform(client.post("/workflows/run", json={"inputs": {}}), 400, "invalid_param")


def test_another_app_sees_nothing(client_of: Any) -> None:
    with client_of(GREETING) as one, client_of(GREETING) as other:
        run_id = run(one, name="Ada")["workflow_run_id"]
        assert_uniform(other.get(f"/workflows/run/{run_id}"), 404, "not_found")
        assert_uniform(other.get(f"/workflow/{run_id}/events?user=ada"), 404, "not_found")
        assert other.get("/workflows/logs").json()["total"] == 0


def test_secrets_are_not_told(client_of: Any) -> None:
    secret = {"name": "token", "value_type": "secret", "value": "hunter2-hunter2", "description": ""}
    drawn = graph(
        [start(), template("use", "{{ token | length }}", token=["env", "token"]), end(length=["use", "output"])],
        "start>use",
        "use>end",
    )
    with client_of(drawn, environment_variables=[secret]) as client:
        told = stream(client)
        assert told[-1]["data"]["outputs"] == {"length": "15"}
        assert "hunter2" not in str(told)


def test_a_visitor_sees_no_details(program: Program, console: httpx2.Client) -> None:
    app_id = published_app(console, "workflow", GREETING)
    code_ = console.get(f"/apps/{app_id}").raise_for_status().json()["site"]["code"]
    with program.client("/api") as anonymous:
        token = anonymous.get("/passport", headers={"X-App-Code": code_}).raise_for_status().json()["access_token"]
    with program.client("/api", token) as visitor:
        with visitor.stream("POST", "/workflows/run", json={"inputs": {"name": "Ada"}}) as response:
            told = [stated(event, "WorkflowEvent") for event in events(response)]
        assert told[-1]["data"]["outputs"] == {"greeting": "Hello Ada!"}
        details = [event["data"] for event in told if event["event"] in ("node_started", "node_finished")]
        assert details
        for data in details:
            assert not any(data.get(name) for name in ("inputs", "outputs", "process_data", "execution_metadata"))
        run_id = told[0]["workflow_run_id"]
        with visitor.stream("GET", f"/workflow/{run_id}/events") as response:
            assert list(events(response)) == told
        assert visitor.post(f"/workflows/tasks/{told[0]['task_id']}/stop").json() == {"result": "success"}
    with program.client("/api", create_app_key(console, app_id)) as keyed:
        body = {"inputs": {"name": "Bob"}, "user": "bob", "response_mode": "blocking"}
        assert keyed.post("/workflows/run", json=body).json()["data"]["outputs"] == {"greeting": "Hello Bob!"}
        assert_uniform(keyed.post("/workflows/run", json={"inputs": {}}), 400, "invalid_param")


def test_the_app_tells_what_it_asks_for(client_of: Any) -> None:
    required = {"variable": "name", "label": "Name", "type": "text-input", "required": True, "max_length": 48}
    drawn = graph([start(required), end(out=["start", "name"])], "start>end")
    with client_of(drawn, features={"opening_statement": "Welcome"}) as client:
        parameters = client.get("/parameters").raise_for_status().json()
        assert parameters["opening_statement"] == "Welcome"
        assert parameters["user_input_form"][0]["text-input"]["variable"] == "name"
        assert parameters["parameters"][0] == {"variable": "name", "name": "Name", "type": "string", "required": True}
        assert client.get("/info").json()["mode"] == "workflow"


def test_a_repeat_of_a_request_joins_its_run(client_of: Any) -> None:
    with client_of(GREETING) as client:
        client.headers["Idempotency-Key"] = "once"
        told = stream(client, inputs={"name": "Ada"})
        assert stream(client, inputs={"name": "Ada"}) == told
        assert client.get("/workflows/logs").json()["total"] == 1


def test_workspaces_are_apart(program: Program, client_of: Any) -> None:
    with client_of(GREETING) as client:
        run_id = run(client, name="Ada")["workflow_run_id"]
    with new_owner(program).console(program) as stranger:
        app_id = published_app(stranger, "workflow", GREETING)
        with program.service(create_app_key(stranger, app_id)) as client:
            assert_uniform(client.get(f"/workflows/run/{run_id}"), 404, "not_found")
