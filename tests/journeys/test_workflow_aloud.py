"""Workflows that read aloud what they stream: in the order of the text, before a pause, and to its end."""

import base64
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from tests.journeys.graphs import end, graph, human, llm, node, published_app, start, template
from tests.journeys.program import Program
from tests.journeys.resources import create_app_key, events
from tests.journeys.stated_events import stated
from tests.journeys.studio import SOUND, Studio
from tests.journeys.talks import USER, clients, names

ALOUD = {"text_to_speech": {"enabled": True, "voice": "nova", "autoPlay": "enabled"}}
SAID = "The warranty lasts thirty months. It does not cover the lid"
SENTENCES = ["The warranty lasts thirty months.", "It does not cover the lid"]


@pytest.fixture(scope="module")
def client_of(program: Program, console: httpx2.Client) -> Callable[..., Any]:
    return clients(program, console)


def stream(client: httpx2.Client) -> list[dict[str, Any]]:
    """Run a workflow and return all its events, each of which follows its schema."""
    with client.stream("POST", "/workflows/run", json={"inputs": {}, "response_mode": "streaming", **USER}) as response:
        assert response.status_code == 200, response.read()
        return [stated(event, "WorkflowEvent") for event in events(response)]


def writing(model: dict[str, Any]) -> dict[str, Any]:
    """Return the graph of a workflow that streams what a model writes."""
    drawn = [start(), llm("write", model, "Write."), end(text=["write", "text"])]
    return graph(drawn, "start>write", "write>end")


def read(studio: Studio) -> list[str]:
    return [str(body["input"]) for body in studio.spoken]


@pytest.fixture
def spoken(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """The studio, which writes `SAID` and was asked to read nothing yet."""
    monkeypatch.setattr(studio, "say", lambda body: SAID)
    studio.spoken.clear()
    return studio


def test_a_text_is_read_aloud_and_its_end_told(client_of: Any, model: dict[str, Any], spoken: Studio) -> None:
    with client_of(writing(model), mode="workflow", features=ALOUD) as client:
        told = stream(client)
        assert names(told)[-1] == "tts_message_end"
        assert names(told).count("workflow_finished") == 1
        sounds = [event for event in told if event["event"] == "tts_message"]
        assert [base64.b64decode(event["audio"]) for event in sounds] == [SOUND, SOUND]
        assert read(spoken) == SENTENCES
        first = told[0]
        envelope = {"task_id": first["task_id"], "workflow_run_id": first["workflow_run_id"]}
        assert told[-1] == {"event": "tts_message_end", **envelope, "audio": ""}
        assert all(set(event) == {"event", "audio", *envelope} for event in sounds)
        with client.stream("GET", f"/workflow/{first['task_id']}/events?user=ada") as response:
            assert [stated(event, "RunEvent") for event in events(response)] == told
        body = {"inputs": {}, "response_mode": "blocking", **USER}
        answered = client.post("/workflows/run", json=body).raise_for_status().json()
        assert answered["data"]["outputs"]["text"].strip() == SAID


def test_what_cannot_be_read_is_left_out(
    client_of: Any, model: dict[str, Any], spoken: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spoken, "silent", True)
    with client_of(writing(model), mode="workflow", features=ALOUD) as client:
        told = stream(client)
        assert names(told)[-2:] == ["workflow_finished", "tts_message_end"]
        assert "tts_message" not in names(told)
        assert told[-2]["data"]["status"] == "succeeded"


def test_nothing_is_read_where_the_reader_asks_for_it_first(
    client_of: Any, model: dict[str, Any], spoken: Studio
) -> None:
    asked_for = {"text_to_speech": {**ALOUD["text_to_speech"], "autoPlay": "disabled"}}
    with client_of(writing(model), mode="workflow", features=asked_for) as client:
        assert names(stream(client))[-1] == "workflow_finished"
        assert read(spoken) == []


@pytest.mark.usefixtures("model")
def test_what_was_streamed_before_a_pause_is_read_before_it(client_of: Any, spoken: Studio) -> None:
    told_first = "Your lid is not covered by it. Let me ask a person "
    drawn = graph(
        [
            start(),
            template("first", told_first),
            node("greeted", "end", outputs=[{"variable": "first", "value_selector": ["first", "output"]}]),
            human("Well?", ["note"], {"yes": "Yes"}),
            node("done", "end", outputs=[{"variable": "note", "value_selector": ["ask", "note"]}]),
        ],
        "start>first",
        "first>greeted",
        "start>ask",
        "ask:yes>done",
    )
    with client_of(drawn, mode="workflow", features=ALOUD) as client:
        told = stream(client)
        assert names(told)[-1] == "workflow_paused"
        assert names(told).count("tts_message") == 2
        assert read(spoken) == ["Your lid is not covered by it.", "Let me ask a person"]
        token = next(event for event in told if event["event"] == "human_input_required")["data"]["form_token"]
        filled = {"action": "yes", "inputs": {"note": "They say it is on us."}}
        client.post(f"/form/human_input/{token}", json=filled).raise_for_status()
        way = f"/workflow/{told[0]['workflow_run_id']}/events?user=ada&continue_on_pause=true"
        with client.stream("GET", way) as response:
            seen = [stated(event, "RunEvent") for event in events(response)]
        assert names(seen)[-1] == "tts_message_end"
        assert names(seen).count("tts_message_end") == 1
        assert seen[: len(told)] == told
        assert read(spoken)[2:] == ["They say it is on us."]


def test_what_is_called_is_read_by_its_caller_alone(
    client_of: Any, console: httpx2.Client, model: dict[str, Any], spoken: Studio
) -> None:
    called = published_app(console, "workflow", writing(model), features=ALOUD)
    told_of = {"workflow_app_id": called, "name": "write", "label": "Write", "description": "Writes."}
    made = console.post("/workspaces/current/tool-provider/workflow/create", json=told_of).raise_for_status().json()
    call = node(
        "call",
        "tool",
        provider_id=made["workflow_tool_id"],
        provider_type="workflow",
        provider_name="write",
        tool_name="write",
        tool_label="Write",
        tool_configurations={},
        tool_parameters={},
    )
    nodes = [start(), call, template("done", "The writer is done now."), end(text=["done", "output"])]
    drawn = graph(nodes, "start>call", "call>done", "done>end")
    with client_of(drawn, mode="workflow", features=ALOUD) as client:
        told = stream(client)
    finished = next(event for event in told if event["event"] == "workflow_finished")
    assert finished["data"]["status"] == "succeeded", finished
    assert read(spoken) == ["The writer is done now."]


def test_a_node_that_runs_alone_is_not_read(console: httpx2.Client, model: dict[str, Any], spoken: Studio) -> None:
    app_id = published_app(console, "workflow", writing(model), features=ALOUD)
    console.post(f"/apps/{app_id}/workflows/draft/nodes/write/run", json={"inputs": {}}).raise_for_status()
    assert read(spoken) == []
    body = {"inputs": {}}
    with console.stream("POST", f"/apps/{app_id}/workflows/draft/run", json=body) as response:
        assert names([stated(event, "WorkflowEvent") for event in events(response)])[-1] == "tts_message_end"
    assert read(spoken) == SENTENCES


def test_a_visitor_hears_it_as_well(
    program: Program, console: httpx2.Client, model: dict[str, Any], spoken: Studio
) -> None:
    app_id = published_app(console, "workflow", writing(model), features=ALOUD)
    with program.client("/api", create_app_key(console, app_id)) as visitor:
        told = stream(visitor)
    assert names(told).count("tts_message") == 2
    assert names(told)[-1] == "tts_message_end"
    assert read(spoken) == SENTENCES
