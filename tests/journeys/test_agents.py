"""An agent, from its tools in the Console to its thoughts in a stream: built-in tools, an API and an MCP server."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from threading import Thread
from typing import Any

import httpx2
import pytest
from llmock.pytest_plugin import LLMock
from llmock.scenarios import Fail, Match

from tests.journeys.connected import connect_model
from tests.journeys.frames import follow
from tests.journeys.graphs import end, graph, llm, node, published_app, start
from tests.journeys.program import Program
from tests.journeys.resources import (
    add_text,
    assert_uniform,
    await_indexing,
    create_app,
    create_app_key,
    create_dataset,
    create_knowledge_key,
    events,
)
from tests.journeys.stated_events import stated
from tests.tool_peers import KEY, Peer, api_peer, mcp_peer
from workers.event_log.entries import envelope_key, stream_key
from workers.rq.connection import connect

TOOLS = "/workspaces/current/tool-provider"
TOOL_SECONDS = 30.0
"""What the slow tool takes."""
QUESTION = {"query": "What is the weather in Oslo?", "user": "ada", "inputs": {}, "response_mode": "streaming"}
CREDENTIALS = {"auth_type": "api_key_header", "api_key_header_prefix": "bearer", "api_key_value": KEY}


@pytest.fixture(scope="module")
def api() -> Iterator[Peer]:
    with api_peer() as peer:
        yield peer


@pytest.fixture(scope="module")
def mcp() -> Iterator[Peer]:
    with mcp_peer() as peer:
        yield peer


@pytest.fixture(scope="module")
def tools(owner: httpx2.Client, api: Peer, mcp: Peer) -> list[dict[str, Any]]:
    """A tool of each kind, as an app names it."""
    document = owner.get(f"{TOOLS}/api/remote", params={"url": f"{api.url}/openapi.json"}).raise_for_status().json()
    body = {"provider": "Weather", "schema_type": "openapi", "schema": document["schema"], "credentials": CREDENTIALS}
    assert owner.post(f"{TOOLS}/api/add", json=body).raise_for_status().json() == {"result": "success"}
    provider = owner.get("/workspaces/current/tools/api").raise_for_status().json()[0]
    server = {"server_url": mcp.url, "name": "Forecasts", "server_identifier": "forecasts", "icon": "🌦️"}
    server["headers"] = {"Authorization": f"Bearer {KEY}"}  # type: ignore[assignment]
    added = owner.post(f"{TOOLS}/mcp", json=server).raise_for_status().json()
    assert added["is_team_authorization"]
    return [
        {"provider_type": "builtin", "provider_id": "maths", "tool_name": "eval_expression", "enabled": True},
        *(
            {"provider_type": "api", "provider_id": provider["id"], "tool_name": name}
            for name in ("getWeather", "getMap")
        ),
        *({"provider_type": "mcp", "provider_id": added["id"], "tool_name": name} for name in ("forecast", "slow")),
    ]


@pytest.fixture(scope="module")
def agent_id(owner: httpx2.Client, tools: list[dict[str, Any]], llmock_server: Any) -> str:
    """An agent with these tools, whose model is the peer."""
    model = connect_model(owner, llmock_server.base_url("openai"))
    app_id = create_app(owner, mode="agent-chat", name="Weather desk")
    config = {"model": model, "agent_mode": {"enabled": True, "strategy": "function_call", "tools": tools}}
    owner.post(f"/apps/{app_id}/model-config", json=config).raise_for_status()
    return app_id


@pytest.fixture(scope="module")
def agent(open_program: Program, owner: httpx2.Client, agent_id: str) -> Iterator[httpx2.Client]:
    """A Service client with a key to the agent."""
    with open_program.service(create_app_key(owner, agent_id)) as client:
        yield client


def ask(client: httpx2.Client, **more: Any) -> list[dict[str, Any]]:
    """Ask the agent and return all events of its stream, each of the schema that the contract gives it."""
    with client.stream("POST", "/chat-messages", json={**QUESTION, **more}) as response:
        assert response.status_code == 200, response.read()
        return [stated(event, "ChatEvent") for event in events(response)]


def thoughts(received: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each thought as it was sent last."""
    return list({event["id"]: event for event in received if event["event"] == "agent_thought"}.values())


def answer(received: list[dict[str, Any]]) -> str:
    return "".join(event["answer"] for event in received if event["event"] == "agent_message")


def kept(client: httpx2.Client, received: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the message as the list shows it."""
    conversation = received[0]["conversation_id"]
    query = {"conversation_id": conversation, "user": "ada"}
    return dict(client.get("/messages", params=query).raise_for_status().json()["data"][-1])


def test_an_agent_uses_an_api_and_answers(agent: httpx2.Client, api: Peer, llmock: LLMock) -> None:
    llmock.call_tool("getWeather", {"city": "Oslo", "days": 2}, text="Let me look.").reply("It rains in Oslo.")
    received = ask(agent)
    order = [event["event"] for event in received]
    assert order[0] == "agent_thought"
    assert order[-1] == "message_end"
    assert "message" not in order
    assert answer(received) == "Let me look.\n\nIt rains in Oslo."
    first, second = thoughts(received)
    assert (first["position"], first["thought"], first["tool"]) == (1, "Let me look.", "getWeather")
    assert json.loads(first["tool_input"]) == {"getWeather": {"city": "Oslo", "days": 2}}
    assert json.loads(json.loads(first["observation"])["getWeather"])["weather"] == "rain"
    assert first["tool_labels"]["getWeather"]["en_US"] == "getWeather"
    assert (second["position"], second["thought"], second["tool"]) == (2, "It rains in Oslo.", "")
    states = [event for event in received if event["event"] == "agent_thought" and event["id"] == first["id"]]
    assert [bool(state["tool"]) for state in states] == [False, True, True]
    assert [bool(state["observation"]) for state in states] == [False, False, True]
    assert api.asked[-1]["authorization"] == f"Bearer {KEY}"
    assert received[-1]["metadata"]["usage"]["total_tokens"] > 0
    message = kept(agent, received)
    assert message["answer"] == answer(received)
    assert [thought["id"] for thought in message["agent_thoughts"]] == [first["id"], second["id"]]
    assert message["agent_thoughts"][0]["observation"] == first["observation"]


def test_an_agent_remembers_the_conversation(agent: httpx2.Client, llmock: LLMock) -> None:
    llmock.call_tool("eval_expression", {"expression": "6 * 7"}, text="Let me see.").reply("It is 42.").reply("Twice.")
    first = ask(agent, query="What is six times seven?")
    second = ask(agent, query="And then?", conversation_id=first[0]["conversation_id"])
    assert answer(second) == "Twice."
    said = [(message["role"], message["content"]) for message in llmock.last_request.body["messages"]]
    assert said[-3:] == [("user", "What is six times seven?"), ("assistant", answer(first)), ("user", "And then?")]


def test_an_agent_uses_an_mcp_server_and_a_built_in_tool(agent: httpx2.Client, llmock: LLMock) -> None:
    llmock.call_tool("forecast", {"city": "Oslo", "days": 3}).call_tool("eval_expression", {"expression": "3 * 8"})
    llmock.reply("Rain.")
    first, second, third = thoughts(ask(agent))
    assert json.loads(first["observation"]) == {"forecast": "3 days of rain in Oslo"}
    assert json.loads(second["observation"]) == {"eval_expression": "24"}
    assert third["thought"] == "Rain."


def test_a_picture_of_a_tool_is_a_file_of_the_answer(
    open_program: Program, agent: httpx2.Client, llmock: LLMock
) -> None:
    llmock.call_tool("getMap", {}).reply("Here is the map.")
    received = ask(agent)
    file = next(event for event in received if event["event"] == "message_file")
    assert (file["type"], file["belongs_to"]) == ("image", "assistant")
    assert thoughts(received)[0]["message_files"] == [file["id"]]
    order = [(event["event"], bool(event.get("observation"))) for event in received]
    assert order.index(("message_file", False)) < order.index(("agent_thought", True))
    with open_program.client() as anybody:
        assert anybody.get(file["url"]).raise_for_status().content.startswith(b"\x89PNG")
        [named] = received[-1]["files"]
        assert anybody.get(named["url"]).raise_for_status().content.startswith(b"\x89PNG")
    message = kept(agent, received)
    assert [(entry["id"], entry["belongs_to"]) for entry in message["message_files"]] == [(file["id"], "assistant")]


def test_files_and_costs_of_a_called_workflow_are_the_answers(
    open_program: Program, owner: httpx2.Client, tools: list[dict[str, Any]], llmock_server: Any, llmock: LLMock
) -> None:
    named = next(tool for tool in tools if tool["tool_name"] == "getMap")
    model = connect_model(owner, llmock_server.base_url("openai"))
    draw = node("draw", "tool", **named, tool_configurations={}, tool_parameters={})
    drawn = graph(
        [start(), draw, llm("think", model, "Think."), end(files=["draw", "files"], text=["think", "text"])],
        "start>draw",
        "draw>think",
        "think>end",
    )
    below = {"workflow_app_id": published_app(owner, "workflow", drawn), "name": "map", "label": "Map"}
    tool_id = owner.post(f"{TOOLS}/workflow/create", json=below).raise_for_status().json()["workflow_tool_id"]
    app_id = create_app(owner, mode="agent-chat", name="Map desk")
    called = {"provider_type": "workflow", "provider_id": tool_id, "tool_name": "map", "enabled": True}
    config = {"model": model, "agent_mode": {"enabled": True, "strategy": "function_call", "tools": [called]}}
    owner.post(f"/apps/{app_id}/model-config", json=config).raise_for_status()
    llmock.call_tool("map", {}).reply("Thought.").reply("Here is the map.")
    with open_program.service(create_app_key(owner, app_id)) as client:
        received = ask(client)
        message = kept(client, received)
    file = next(event for event in received if event["event"] == "message_file")
    assert (file["type"], thoughts(received)[0]["message_files"]) == ("image", [file["id"]])
    with open_program.client() as anybody:
        assert anybody.get(file["url"]).raise_for_status().content.startswith(b"\x89PNG")
    assert [(entry["id"], entry["belongs_to"]) for entry in message["message_files"]] == [(file["id"], "assistant")]
    usage = received[-1]["metadata"]["usage"]
    assert usage["total_tokens"] > usage["prompt_tokens"] + usage["completion_tokens"]


def test_an_agents_run_whose_log_is_gone_is_told_whole_from_its_rows(
    open_program: Program, agent: httpx2.Client, llmock: LLMock
) -> None:
    llmock.call_tool("getMap", {}, text="Let me look.").call_tool("eval_expression", {"expression": "6 * 7"})
    llmock.reply("Here is the map.")
    live = ask(agent)
    task_id = live[0]["task_id"]
    with closing(connect(open_program.redis_url)) as redis:
        assert redis.delete(stream_key(task_id), envelope_key(task_id)) == 2
    whole = follow(agent, task_id)
    order = ["message_file", *["agent_thought"] * 3, "agent_message", "message_end"]
    assert [event["event"] for event in whole.events] == order
    assert thoughts(whole.events) == thoughts(live)
    assert answer(whole.events) == answer(live)
    assert whole.events[-1]["metadata"] == live[-1]["metadata"]
    with open_program.client() as anybody:
        assert anybody.get(whole.events[0]["url"]).raise_for_status().content.startswith(b"\x89PNG")
    rest = follow(agent, task_id, "1-1")
    assert [event["event"] for event in rest.events] == [*order[:4], "message_replace", "message_end"]
    assert rest.events[4]["answer"] == answer(live)
    last = follow(agent, task_id, rest.ids[2])
    assert [event["event"] for event in last.events] == [*order[3:4], "message_replace", "message_end"]
    for event in (*whole.events, *rest.events):
        stated(event, "ChatEvent")


def test_the_console_shows_how_an_agent_came_to_its_answer(
    owner: httpx2.Client, agent: httpx2.Client, agent_id: str, llmock: LLMock
) -> None:
    llmock.call_tool("eval_expression", {"expression": "6 * 7"}, text="Let me see.").reply("It is 42.")
    received = ask(agent)
    named = {name: received[0][name] for name in ("conversation_id", "message_id")}
    log = owner.get(f"/apps/{agent_id}/agent/logs", params=named).raise_for_status().json()
    meta = log["meta"]
    assert (meta["status"], meta["executor"], meta["agent_mode"]) == ("normal", "ada", "function_call")
    assert meta["total_tokens"] == received[-1]["metadata"]["usage"]["total_tokens"]
    first, last = log["iterations"]
    [call] = first["tool_calls"]
    assert (first["thought"], last["thought"], last["tool_calls"]) == ("Let me see.", "It is 42.", [])
    assert (call["tool_name"], call["status"], call["tool_output"]) == ("eval_expression", "answered", "42")
    assert call["tool_input"] == {"expression": "6 * 7"}
    assert call["tool_icon"]["content"] == "🧮"
    elsewhere = {**named, "conversation_id": named["message_id"]}
    assert_uniform(owner.get(f"/apps/{agent_id}/agent/logs", params=elsewhere), 404, "not_found")
    labels = {label["name"] for label in owner.get("/workspaces/current/tool-labels").raise_for_status().json()}
    providers = owner.get("/workspaces/current/tools/builtin").raise_for_status().json()
    assert {label for provider in providers for label in provider["labels"]} <= labels


@pytest.mark.parametrize("kind", ["malformed_arguments", "unknown_tool"])
def test_a_wrong_call_is_told_to_the_model(agent: httpx2.Client, llmock: LLMock, kind: str) -> None:
    llmock.tool_mode("off")
    llmock.break_tool_call(kind)
    received = ask(agent)
    assert received[-1]["event"] == "message_end"
    observation = thoughts(received)[0]["observation"]
    assert ("There is no tool named" if kind == "unknown_tool" else "The arguments") in observation


def test_a_model_that_fails_after_a_tool_ends_in_an_error_and_keeps_its_thoughts(
    open_program: Program, owner: httpx2.Client, agent_id: str, tools: list[dict[str, Any]], llmock: LLMock
) -> None:
    model = owner.get(f"/apps/{agent_id}").raise_for_status().json()["model_config"]["model"]
    app_id = create_app(owner, mode="agent-chat")
    config = {"model": model, "agent_mode": {"enabled": True, "max_iteration": 1, "tools": tools[:1]}}
    owner.post(f"/apps/{app_id}/model-config", json=config).raise_for_status()
    llmock.call_tool("eval_expression", {"expression": "1 + 1"})
    llmock.add(Fail(401, times=None, message="No such key", match=Match(tools=False)))
    with open_program.service(create_app_key(owner, app_id)) as client:
        received = ask(client)
        assert (received[-1]["event"], received[-1]["code"]) == ("error", "completion_request_error")
        path = f"/messages/{received[-1]['message_id']}"
        message = client.get(path, params={"user": "ada"}).raise_for_status().json()
    assert (message["status"], len(message["agent_thoughts"])) == ("error", 2)
    assert json.loads(message["agent_thoughts"][0]["observation"]) == {"eval_expression": "2"}


def test_a_stop_ends_a_tool_at_once(agent: httpx2.Client, llmock: LLMock) -> None:
    llmock.call_tool("slow", {}).reply("Never said.")
    received: list[dict[str, Any]] = []
    with agent.stream("POST", "/chat-messages", json=QUESTION) as response:
        coming = events(response)
        for event in coming:
            received.append(event)
            if event["event"] == "agent_thought" and event["tool"] == "slow":
                break
        time.sleep(0.5)
        asked = time.monotonic()
        task_id = received[0]["task_id"]
        Thread(target=agent.post, args=(f"/chat-messages/{task_id}/stop",), kwargs={"json": {"user": "ada"}}).start()
        received += list(coming)
    assert time.monotonic() - asked < TOOL_SECONDS / 2
    assert received[-1]["event"] == "message_end"
    # The one thought was complete: its cost is what the provider said.
    assert received[-1]["metadata"]["usage"]["total_tokens"] > 0
    assert "usage_estimated" not in received[-1]["metadata"]
    message = kept(agent, received)
    assert (message["status"], message["agent_thoughts"][0]["tool"]) == ("stopped", "slow")
    assert message["agent_thoughts"][0]["observation"] == ""


def test_a_knowledge_base_is_a_tool_and_a_source(
    open_program: Program, owner: httpx2.Client, agent_id: str, llmock: LLMock
) -> None:
    with open_program.service(create_knowledge_key(owner)) as knowledge:
        dataset_id = create_dataset(knowledge)
        added = add_text(knowledge, dataset_id, "refunds.md", "Refunds are paid within 30 days of the return.")
        assert await_indexing(knowledge, dataset_id, added["batch"])["indexing_status"] == "completed"
    model = owner.get(f"/apps/{agent_id}").raise_for_status().json()["model_config"]["model"]
    config = {
        "model": model,
        "agent_mode": {"enabled": True, "tools": [{"dataset": {"id": dataset_id, "enabled": True}}]},
    }
    app_id = create_app(owner, mode="agent-chat")
    owner.post(f"/apps/{app_id}/model-config", json=config).raise_for_status()
    llmock.call_tool(f"dataset_{dataset_id.replace('-', '_')}", {"query": "When are refunds paid?"}).reply("30 days.")
    with open_program.service(create_app_key(owner, app_id)) as client:
        received = ask(client)
    assert "Refunds are paid within 30 days" in thoughts(received)[0]["observation"]
    assert received[-1]["metadata"]["retriever_resources"][0]["document_name"] == "refunds.md"


def test_a_visitor_sees_thoughts_but_no_usage(
    open_program: Program, owner: httpx2.Client, agent_id: str, llmock: LLMock
) -> None:
    code = owner.get(f"/apps/{agent_id}").raise_for_status().json()["site"]["code"]
    with open_program.client("/api") as anonymous:
        token = anonymous.get("/passport", headers={"X-App-Code": code}).raise_for_status().json()["access_token"]
    llmock.call_tool("eval_expression", {"expression": "1 + 1"}).reply("Two.")
    with open_program.client("/api", token) as visitor:
        received = ask(visitor)
        icons = visitor.get("/meta").raise_for_status().json()["tool_icons"]
    assert [thought["tool"] for thought in thoughts(received)] == ["eval_expression", ""]
    assert "usage" not in received[-1]["metadata"]
    assert icons["eval_expression"]["content"] == "🧮"
    assert set(icons) == {"eval_expression", "getWeather", "getMap", "forecast", "slow"}


def test_an_app_cannot_name_a_tool_that_does_not_exist(owner: httpx2.Client) -> None:
    app_id = create_app(owner, mode="agent-chat")
    wrong = {"provider_type": "builtin", "provider_id": "time", "tool_name": "hourglass", "enabled": True}
    refused = owner.post(f"/apps/{app_id}/model-config", json={"agent_mode": {"enabled": True, "tools": [wrong]}})
    body = assert_uniform(refused, 400, "invalid_param")
    assert body["details"][0]["field"] == "agent_mode.tools[0]"
    assert "current_time" in body["message"]


def test_without_a_model_an_agent_says_what_to_do(console: httpx2.Client, program: Program) -> None:
    with program.service(create_app_key(console, create_app(console, mode="agent-chat"))) as client:
        received = ask(client)
    assert (received[-1]["event"], received[-1]["code"]) == ("error", "model_currently_not_support")
    assert "Connect a language model" in received[-1]["message"]


def test_secrets_of_tools_are_masked_and_kept_through_a_change(
    owner: httpx2.Client, tools: list[dict[str, Any]], api: Peer, mcp: Peer
) -> None:
    shown = owner.get(f"{TOOLS}/api/get", params={"provider": "Weather"}).raise_for_status().json()
    assert KEY not in json.dumps(shown)
    changed = {**shown, "provider": "Weather", "original_provider": "Weather"}
    owner.post(f"{TOOLS}/api/update", json=changed).raise_for_status()
    test = {
        "tool_name": "getWeather",
        "provider_name": "Weather",
        "parameters": {"city": "Oslo"},
        "schema": shown["schema"],
    }
    tried = owner.post(f"{TOOLS}/api/test/pre", json={**test, "credentials": shown["credentials"]})
    assert "rain" in tried.raise_for_status().json()["result"]
    elsewhere = {"schema": shown["schema"].replace(api.url, "http://example.com"), "credentials": shown["credentials"]}
    assert elsewhere["schema"] != shown["schema"]
    for way, body in (("test/pre", test), ("update", changed)):
        refused = owner.post(f"{TOOLS}/api/{way}", json={**body, **elsewhere})
        assert_uniform(refused, 400, "invalid_param")
        assert refused.json()["details"][0]["field"] == "credentials.api_key_value"
    failed = owner.post(f"{TOOLS}/api/test/pre", json={**test, "credentials": {"auth_type": "none"}})
    assert "status 401" in failed.raise_for_status().json()["error"]
    listed = owner.get("/workspaces/current/tools/mcp").raise_for_status().json()[0]
    assert KEY not in json.dumps(listed)
    assert listed["server_url"].endswith("/******")
    again = {
        "provider_id": listed["id"], "server_url": listed["server_url"], "name": "Forecasts",
        "server_identifier": "forecasts", "headers": listed["masked_headers"],
    }  # fmt: skip
    owner.put(f"{TOOLS}/mcp", json=again).raise_for_status()
    assert_uniform(
        owner.put(f"{TOOLS}/mcp", json={**again, "server_url": "http://example.com/mcp"}), 400, "invalid_param"
    )
    refreshed = owner.get(f"{TOOLS}/mcp/update/{listed['id']}").raise_for_status().json()
    assert {tool["name"] for tool in refreshed["tools"]} == {"forecast", "broken", "slow", "draw"}


def test_a_server_that_refuses_us_is_kept_and_says_so(owner: httpx2.Client, mcp: Peer) -> None:
    body = {
        "server_url": mcp.url,
        "name": "Closed",
        "server_identifier": "closed",
        "headers": {"Authorization": "wrong"},
    }
    added = owner.post(f"{TOOLS}/mcp", json=body).raise_for_status().json()
    assert not added["is_team_authorization"]
    refused = owner.post(f"{TOOLS}/mcp/auth", json={"provider_id": added["id"]})
    assert_uniform(refused, 400, "credentials_validation_failed")
    owner.request("DELETE", f"{TOOLS}/mcp", json={"provider_id": added["id"]}).raise_for_status()
    assert_uniform(owner.get(f"{TOOLS}/mcp/tools/{added['id']}"), 404, "not_found")


def test_tools_do_not_lead_into_the_private_network(console: httpx2.Client, api: Peer, mcp: Peer) -> None:
    remote = console.get(f"{TOOLS}/api/remote", params={"url": f"{api.url}/openapi.json"})
    assert remote.status_code == 400
    body = {"server_url": mcp.url, "name": "Inside", "server_identifier": "inside"}
    assert console.post(f"{TOOLS}/mcp", json=body).status_code == 400
