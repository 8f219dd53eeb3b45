"""Workflows that are tools: made, called by other workflows and by agents, five deep, stopped with their callers."""

import time
from typing import Any

import httpx2
import pytest
from llmock.pytest_plugin import LLMock

from tests.journeys.connected import connect_model
from tests.journeys.graphs import code, end, graph, human, llm, node, publish, published_app, start, template
from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app, create_app_key, events

TOOLS = "/workspaces/current/tool-provider/workflow"
USER = {"user": "ada"}
SLEEP = "def main():\n    n = 0\n    for i in range(10 ** 9):\n        n += i\n    return {'out': 'done'}"


def field(name: str, kind: str = "paragraph", **more: Any) -> dict[str, Any]:
    return {"variable": name, "label": name.title(), "type": kind, "required": True, **more}


def shouting() -> dict[str, Any]:
    """A workflow that shouts a word several times."""
    shout = template("shout", "{{ (word | upper) * times }}", word=["start", "word"], times=["start", "times"])
    return graph(
        [start(field("word"), field("times", "number")), shout, end(shouted=["shout", "output"])],
        "start>shout",
        "shout>end",
    )


def make_tool(console: httpx2.Client, app_id: str, name: str, **more: Any) -> str:
    body = {"workflow_app_id": app_id, "name": name, "label": name.title(), "description": "Does it.", **more}
    made = console.post(f"{TOOLS}/create", json=body)
    assert made.status_code == 200, made.text
    return str(made.json()["workflow_tool_id"])


def calls(tool_id: str, name: str, node_id: str = "call", **parameters: Any) -> dict[str, Any]:
    """A tool node that calls a workflow."""
    given = {key: {"type": "mixed", "value": value} for key, value in parameters.items()}
    return node(
        node_id,
        "tool",
        provider_id=tool_id,
        provider_type="workflow",
        provider_name=name,
        tool_name=name,
        tool_label=name,
        tool_configurations={},
        tool_parameters=given,
    )


def run(program: Program, console: httpx2.Client, app_id: str, **inputs: Any) -> dict[str, Any]:
    with program.service(create_app_key(console, app_id)) as client:
        answer = client.post("/workflows/run", json={"inputs": inputs, "response_mode": "blocking", **USER})
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def runs_of(console: httpx2.Client, app_id: str) -> list[dict[str, Any]]:
    found = console.get(f"/apps/{app_id}/workflow-app-logs").raise_for_status().json()["data"]
    return [entry["workflow_run"] for entry in found]


@pytest.fixture(scope="module")
def shouter(console: httpx2.Client) -> str:
    return published_app(console, "workflow", shouting())


@pytest.fixture(scope="module")
def tool_id(console: httpx2.Client, shouter: str) -> str:
    return make_tool(console, shouter, "shout", parameters=[{"name": "word", "description": "Any word."}])


def test_a_tool_is_shown_changed_and_taken_back(console: httpx2.Client) -> None:
    app_id = published_app(console, "workflow", shouting())
    tool = make_tool(console, app_id, "whisper", parameters=[{"name": "times", "form": "form"}], labels=["fun"])
    shown = console.get(f"{TOOLS}/get?workflow_tool_id={tool}").raise_for_status().json()
    assert shown == console.get(f"{TOOLS}/get?workflow_app_id={app_id}").json()
    assert (shown["version"], shown["synced"], shown["workflow_app_id"]) == ("v1.0.0", True, app_id)
    [listed] = console.get(f"{TOOLS}/tools?workflow_tool_id={tool}").raise_for_status().json()
    assert listed == shown["tool"]
    kinds = {each["name"]: (each["type"], each["form"], each["required"]) for each in listed["parameters"]}
    assert kinds == {"word": ("string", "llm", True), "times": ("number", "form", True)}
    names = [each["name"] for each in console.get("/workspaces/current/tools/workflow").json()]
    assert "whisper" in names
    every = console.get("/workspaces/current/tool-providers").raise_for_status().json()
    assert [each["workflow_app_id"] for each in every if each["name"] == "whisper"] == [app_id]
    assert console.get(f"/apps/{app_id}/workflows/draft").json()["tool_published"] is True
    publish(console, app_id, shouting())
    assert console.get(f"{TOOLS}/get?workflow_tool_id={tool}").json()["synced"] is False
    versions = console.get(f"/apps/{app_id}/workflows").json()["items"]
    first = next(each["id"] for each in versions if each["version"] == "v1.0.0")
    assert_uniform(console.delete(f"/apps/{app_id}/workflows/{first}"), 400, "invalid_action")
    new = {"workflow_tool_id": tool, "name": "whisper", "label": "Whisper", "description": "Softly."}
    console.post(f"{TOOLS}/update", json=new).raise_for_status()
    shown = console.get(f"{TOOLS}/get?workflow_tool_id={tool}").json()
    assert (shown["version"], shown["synced"], shown["description"]) == ("v1.0.1", True, "Softly.")
    console.post(f"{TOOLS}/delete", json={"workflow_tool_id": tool}).raise_for_status()
    assert_uniform(console.get(f"{TOOLS}/get?workflow_tool_id={tool}"), 404, "not_found")
    assert_uniform(console.get(f"{TOOLS}/get"), 404, "not_found")
    again = make_tool(console, app_id, "whisper")
    assert console.delete(f"/apps/{app_id}").status_code == 204
    assert_uniform(console.get(f"{TOOLS}/get?workflow_tool_id={again}"), 404, "not_found")


def test_what_cannot_be_a_tool_is_refused(
    console: httpx2.Client, program: Program, app_id: str, shouter: str, tool_id: str
) -> None:
    def refused(body: dict[str, Any], status: int, code: str) -> None:
        assert_uniform(console.post(f"{TOOLS}/create", json={"label": "It", **body}), status, code)

    asking = graph(
        [start(), human("Well?", [], {"ok": "OK"}), node("end", "end", outputs=[])], "start>ask", "ask:ok>end"
    )
    asker = published_app(console, "workflow", asking)
    refused({"workflow_app_id": asker, "name": "asks"}, 400, "invalid_workflow_tool")
    refused({"workflow_app_id": app_id, "name": "chats"}, 400, "not_workflow_app")
    unpublished = create_app(console, mode="workflow", name="Unpublished")
    refused({"workflow_app_id": unpublished, "name": "later"}, 400, "app_unavailable")
    refused({"workflow_app_id": shouter, "name": "twice"}, 400, "tool_provider_exists")
    other = published_app(console, "workflow", shouting())
    refused({"workflow_app_id": other, "name": "shout"}, 400, "tool_provider_exists")
    refused({"workflow_app_id": other, "name": "strange name"}, 400, "invalid_param")
    strange = {"workflow_app_id": other, "name": "odd", "parameters": [{"name": "volume"}]}
    refused(strange, 400, "invalid_workflow_tool")
    with new_owner(program).console(program) as stranger:
        assert_uniform(stranger.get(f"{TOOLS}/get?workflow_tool_id={tool_id}"), 404, "not_found")
        body = {"workflow_app_id": shouter, "name": "theft", "label": "Theft"}
        assert_uniform(stranger.post(f"{TOOLS}/create", json=body), 404, "app_not_found")
        assert stranger.get("/workspaces/current/tools/workflow").json() == []


def test_a_workflow_calls_another(program: Program, console: httpx2.Client, shouter: str, tool_id: str) -> None:
    call = calls(tool_id, "shout", word="{{#start.word#}}", times=2)
    drawn = graph([start("word"), call, end(it=["call", "shouted"], text=["call", "text"])], "start>call", "call>end")
    before = len(runs_of(console, shouter))
    told = run(program, console, published_app(console, "workflow", drawn), word="tea")
    assert told["outputs"] == {"it": "TEATEA", "text": '{"shouted":"TEATEA"}'}
    made = runs_of(console, shouter)
    assert len(made) == before + 1
    assert made[0]["status"] == "succeeded"
    nodes = console.get(f"/apps/{shouter}/workflow-runs/{made[0]['id']}/node-executions").raise_for_status().json()
    assert [each["node_id"] for each in nodes["data"]] == ["start", "shout", "end"]


def test_a_failure_below_is_the_callers(program: Program, console: httpx2.Client) -> None:
    broken = code("work", "def main():\n    raise ValueError('no tea')", {"out": "string"})
    below = published_app(
        console, "workflow", graph([start(), broken, end(out=["work", "out"])], "start>work", "work>end")
    )
    tool = make_tool(console, below, "brew")
    drawn = graph([start(), calls(tool, "brew"), end(text=["call", "text"])], "start>call", "call>end")
    told = run(program, console, published_app(console, "workflow", drawn))
    assert told["status"] == "failed"
    assert "brew" in told["error"]
    assert "no tea" in told["error"]
    missing = graph([start(), calls(below, "brew"), end(text=["call", "text"])], "start>call", "call>end")
    assert run(program, console, published_app(console, "workflow", missing))["status"] == "failed"


def test_what_was_spent_below_is_the_callers(program: Program, console: httpx2.Client, model: dict[str, Any]) -> None:
    thinking = graph([start(), llm("think", model, "Think."), end(text=["think", "text"])], "start>think", "think>end")
    tool = make_tool(console, published_app(console, "workflow", thinking), "think")
    drawn = graph([start(), calls(tool, "think"), end(text=["call", "text"])], "start>call", "call>end")
    told = run(program, console, published_app(console, "workflow", drawn))
    assert told["total_tokens"] == 12


def test_workflows_call_each_other_five_deep(program: Program, console: httpx2.Client) -> None:
    app_id = published_app(console, "workflow", shouting())
    tool = make_tool(console, app_id, "deeper")
    again = calls(tool, "deeper", word="x", times=1)
    asked = start(field("word"), field("times", "number"))
    publish(console, app_id, graph([asked, again, end(text=["call", "text"])], "start>call", "call>end"))
    moved = {"workflow_tool_id": tool, "name": "deeper", "label": "Deeper"}
    console.post(f"{TOOLS}/update", json=moved).raise_for_status()
    told = run(program, console, app_id, word="x", times=1)
    assert told["status"] == "failed"
    assert "5 deep" in told["error"]
    assert [each["status"] for each in runs_of(console, app_id)] == ["failed"] * 6


def test_a_stop_reaches_what_is_called(program: Program, console: httpx2.Client) -> None:
    slow = graph([start(), code("spin", SLEEP, {"out": "string"}), end(out=["spin", "out"])], "start>spin", "spin>end")
    below = published_app(console, "workflow", slow)
    tool = make_tool(console, below, "spin")
    drawn = graph([start(), calls(tool, "spin"), end(text=["call", "text"])], "start>call", "call>end")
    with program.service(create_app_key(console, published_app(console, "workflow", drawn))) as client:
        body = {"inputs": {}, "response_mode": "streaming", **USER}
        with client.stream("POST", "/workflows/run", json=body) as response:
            for event in events(response):
                if event["event"] == "node_started" and event["data"]["node_id"] == "call":
                    deadline = time.monotonic() + 60
                    while not runs_of(console, below):
                        assert time.monotonic() < deadline
                        time.sleep(0.02)
                    client.post(f"/workflows/tasks/{event['task_id']}/stop", json=USER).raise_for_status()
                last = event
    assert last["data"]["status"] == "stopped"
    assert [each["status"] for each in runs_of(console, below)] == ["stopped"]


def test_files_go_down_and_come_up(program: Program, console: httpx2.Client) -> None:
    read = node("read", "document-extractor", variable_selector=["start", "letter"], is_array_file=False)
    reading = graph(
        [start(field("letter", "file")), read, end(text=["read", "text"], letter=["start", "letter"])],
        "start>read",
        "read>end",
    )
    tool = make_tool(console, published_app(console, "workflow", reading), "read")
    call = calls(tool, "read")
    call["data"]["tool_parameters"] = {"letter": {"type": "variable", "value": ["start", "letter"]}}
    drawn = graph(
        [start(field("letter", "file")), call, end(text=["call", "text"], files=["call", "files"])],
        "start>call",
        "call>end",
    )
    with program.service(create_app_key(console, published_app(console, "workflow", drawn))) as client:
        part = {"file": ("notes.txt", b"Kettles whistle.", "text/plain")}
        file_id = client.post("/files/upload", files=part, data=USER).raise_for_status().json()["id"]
        letter = {"type": "document", "transfer_method": "local_file", "upload_file_id": file_id}
        body = {"inputs": {"letter": letter}, "response_mode": "blocking", **USER}
        told = client.post("/workflows/run", json=body).raise_for_status().json()["data"]
    assert told["status"] == "succeeded", told
    assert "Kettles whistle." in told["outputs"]["text"]
    assert [file["related_id"] for file in told["outputs"]["files"]] == [file_id]


def test_an_agent_calls_a_workflow(
    program: Program, console: httpx2.Client, tool_id: str, llmock_server: Any, llmock: LLMock
) -> None:
    model = connect_model(console, llmock_server.base_url("openai"))
    agent = create_app(console, mode="agent-chat", name="Shouting desk")
    named = {"provider_type": "workflow", "provider_id": tool_id, "tool_name": "shout", "enabled": True}
    config = {"model": model, "agent_mode": {"enabled": True, "strategy": "function_call", "tools": [named]}}
    console.post(f"/apps/{agent}/model-config", json=config).raise_for_status()
    llmock.call_tool("shout", {"word": "tea", "times": 3}).reply("TEA!")
    body = {"query": "Shout tea.", "inputs": {}, "response_mode": "streaming", **USER}
    with (
        program.service(create_app_key(console, agent)) as client,
        client.stream("POST", "/chat-messages", json=body) as response,
    ):
        told = list(events(response))
    thought = next(event for event in told if event["event"] == "agent_thought" and event["observation"])
    assert "TEATEATEA" in thought["observation"]
    assert told[-1]["event"] == "message_end"


def test_an_agent_node_calls_a_workflow(
    program: Program, console: httpx2.Client, tool_id: str, llmock_server: Any, llmock: LLMock
) -> None:
    model = connect_model(console, llmock_server.base_url("openai"))
    named = {
        "type": "workflow",
        "provider_name": tool_id,
        "tool_name": "shout",
        "enabled": True,
        "settings": {"times": 2},
    }
    agent = node(
        "think",
        "agent",
        agent_strategy_name="function_calling",
        agent_parameters={
            "model": {"type": "constant", "value": model},
            "tools": {"type": "constant", "value": [named]},
            "query": {"type": "constant", "value": "Shout tea."},
        },
    )
    drawn = graph([start(), agent, end(json=["think", "json"])], "start>think", "think>end")
    llmock.call_tool("shout", {"word": "tea"}).reply("TEA!")
    told = run(program, console, published_app(console, "workflow", drawn))
    assert "TEATEA" in str(told["outputs"]["json"])
