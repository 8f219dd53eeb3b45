"""Apps that hold conversations by a workflow: answers, memory, variables, files, and people who are asked."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from openapi_schema_validator import OAS30Validator

from parley.bundle import bundle
from tests.journeys.connected import connect_model
from tests.journeys.graphs import answer, code, end, graph, human, llm, node, published_app, start, template
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app_key, events
from tests.journeys.studio import Studio, open_studio

COMPONENTS = bundle("service")["components"]
USER = {"user": "ada"}


def check(event: dict[str, Any], name: str = "ChatEvent") -> dict[str, Any]:
    """Hold an event against its schema."""
    OAS30Validator({"$ref": f"#/components/schemas/{name}", "components": COMPONENTS}).validate(event)
    return event


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with open_studio() as opened:
        yield opened


@pytest.fixture(scope="module")
def model(console: httpx2.Client, studio: Studio) -> dict[str, Any]:
    return connect_model(console, studio.url)


@pytest.fixture(scope="module")
def client_of(program: Program, console: httpx2.Client) -> Callable[..., Any]:
    @contextmanager
    def client(drawn: dict[str, Any], mode: str = "advanced-chat", **more: Any) -> Iterator[httpx2.Client]:
        app_id = published_app(console, mode, drawn, **more)
        with program.service(create_app_key(console, app_id)) as made:
            yield made

    return client


def ask(client: httpx2.Client, query: str, **body: Any) -> list[dict[str, Any]]:
    """Ask, and return all events, each of which follows its schema."""
    asked = {"query": query, "inputs": {}, "response_mode": "streaming", **USER, **body}
    with client.stream("POST", "/chat-messages", json=asked) as response:
        assert response.status_code == 200, response.read()
        return [check(event) for event in events(response)]


def text(told: list[dict[str, Any]]) -> str:
    return "".join(event["answer"] for event in told if event["event"] == "message")


def names(told: list[dict[str, Any]]) -> list[str]:
    return [event["event"] for event in told]


def chat(model: dict[str, Any], reply: str = "You said {{#sys.query#}}: {{#think.text#}}") -> dict[str, Any]:
    think = llm("think", model, "Be brief.", memory=True)
    think["data"]["prompt_template"][0]["role"] = "system"
    return graph([start(), think, answer(reply)], "start>think", "think>answer")


def test_an_answer_is_streamed_in_the_order_of_its_template(
    client_of: Any, model: dict[str, Any], studio: Studio
) -> None:
    with client_of(chat(model)) as client:
        told = ask(client, "Hello")
        assert text(told).strip() == "You said Hello: Thirty months."
        assert names(told)[0] == "workflow_started"
        assert names(told)[-2:] == ["message_end", "workflow_finished"]
        ended, finished = told[-2], told[-1]
        assert ended["metadata"]["usage"]["total_tokens"] == 12
        assert finished["data"]["outputs"]["answer"].strip() == text(told).strip()
        assert len({(each["conversation_id"], each["message_id"], each["task_id"]) for each in told}) == 1
        streamed = [event for event in told if event["event"] == "message"]
        assert {tuple(event["from_variable_selector"] or ()) for event in streamed} >= {("think", "text")}
        message = client.get(f"/messages/{ended['message_id']}?user=ada").raise_for_status().json()
        assert (message["status"], message["answer"].strip()) == ("normal", text(told).strip())
        assert message["total_tokens"] == 12
        conversations = client.get("/conversations?user=ada").raise_for_status().json()["data"]
        assert (conversations[0]["id"], conversations[0]["name"]) == (ended["conversation_id"], "Hello")


def test_a_conversation_is_remembered(client_of: Any, model: dict[str, Any], studio: Studio) -> None:
    with client_of(chat(model, "{{#sys.dialogue_count#}} {{#think.text#}}")) as client:
        first = ask(client, "How long is the warranty?")
        assert text(first).startswith("1 ")
        studio.asked.clear()
        second = ask(client, "Really?", conversation_id=first[-1]["conversation_id"])
        assert text(second).startswith("2 ")
        said = [message["content"] for message in studio.asked[0]["messages"]]
        assert [part.strip() for part in said] == [
            "Be brief.",
            "How long is the warranty?",
            "1 Thirty months.",
            "Really?",
        ]


def test_a_question_is_answered_at_once(client_of: Any, model: dict[str, Any]) -> None:
    with client_of(chat(model, "{{#think.text#}}")) as client:
        body = {"query": "Hi", "inputs": {}, "response_mode": "blocking", **USER}
        told = client.post("/chat-messages", json=body).raise_for_status().json()
        assert (told["event"], told["mode"], told["answer"].strip()) == ("message", "advanced-chat", "Thirty months.")
        assert told["metadata"]["usage"]["total_tokens"] == 12
        task = client.get(f"/tasks/{told['task_id']}?user=ada").raise_for_status().json()
        assert (task["status"], task["message_id"]) == ("succeeded", told["message_id"])
        assert task["workflow_run_id"]
        for path in (f"/chat-messages/{told['task_id']}/events", f"/workflow/{task['workflow_run_id']}/events"):
            with client.stream("GET", f"{path}?user=ada") as response:
                assert text([check(event) for event in events(response)]).strip() == "Thirty months."


def test_conversation_variables_are_kept(client_of: Any) -> None:
    variable = {"name": "count", "value_type": "number", "value": 0, "description": "How often"}
    assign = node(
        "more",
        "assigner",
        version="2",
        items=[
            {"variable_selector": ["conversation", "count"], "input_type": "constant", "operation": "+=", "value": 1}
        ],
    )
    drawn = graph([start(), assign, answer("{{#conversation.count#}}")], "start>more", "more>answer")
    with client_of(drawn, conversation_variables=[variable]) as client:
        first = ask(client, "one")
        conversation = first[-1]["conversation_id"]
        assert text(first) == "1"
        assert text(ask(client, "two", conversation_id=conversation)) == "2"
        kept = client.get(f"/conversations/{conversation}/variables?user=ada").raise_for_status().json()["data"]
        assert [(each["name"], each["value_type"], each["value"]) for each in kept] == [("count", "number", "2")]
        body = {"value": 10, **USER}
        client.put(f"/conversations/{conversation}/variables/{kept[0]['id']}", json=body).raise_for_status()
        assert text(ask(client, "three", conversation_id=conversation)) == "11"
        assert text(ask(client, "afresh")) == "1"


def test_a_failure_ends_the_answer_with_an_error(client_of: Any) -> None:
    broken = code("work", "def main():\n    raise ValueError('no tea')", {"out": "string"})
    drawn = graph([start(), broken, answer("{{#work.out#}}")], "start>work", "work>answer")
    with client_of(drawn) as client:
        told = ask(client, "Hi")
        assert names(told)[-2:] == ["workflow_finished", "error"]
        assert told[-2]["data"]["status"] == "failed"
        assert "no tea" in told[-1]["message"]
        body = {"query": "Hi", "inputs": {}, **USER}
        assert_uniform(client.post("/chat-messages", json=body), told[-1]["status"], told[-1]["code"])


def test_a_stopped_answer_is_told_as_stopped(client_of: Any) -> None:
    spin = code("spin", "def main():\n    n = 0\n    while True:\n        n += 1", {"out": "string"})
    spin["data"]["retry_config"] = {"retry_enabled": True, "max_retries": 10, "retry_interval": 5000}
    drawn = graph([start(), spin, answer("Well {{#spin.out#}}")], "start>spin", "spin>answer")
    with client_of(drawn) as client:
        asked = {"query": "Hi", "inputs": {}, "response_mode": "streaming", **USER}
        told = []
        with client.stream("POST", "/chat-messages", json=asked) as response:
            for event in events(response):
                told.append(check(event))
                if event["event"] == "node_started" and event["data"]["node_id"] == "spin":
                    client.post(f"/chat-messages/{event['task_id']}/stop", json=USER).raise_for_status()
        assert names(told)[-2:] == ["workflow_finished", "message_end"]
        assert told[-2]["data"]["status"] == "stopped"
        message = client.get(f"/messages/{told[-1]['message_id']}?user=ada").json()
        assert (message["status"], message["answer"].strip()) == ("stopped", "Well")


def test_files_reach_the_workflow(client_of: Any) -> None:
    read = node("read", "document-extractor", variable_selector=["sys", "files"], is_array_file=True)
    drawn = graph(
        [start(), read, template("join", "{{ texts | join }}", texts=["read", "text"]), answer("{{#join.output#}}")],
        "start>read",
        "read>join",
        "join>answer",
    )
    upload = {"enabled": True, "allowed_file_types": ["document"], "number_limits": 2}
    with client_of(drawn, features={"file_upload": upload}) as client:
        part = {"file": ("notes.txt", b"Kettles whistle.", "text/plain")}
        file_id = client.post("/files/upload", files=part, data=USER).raise_for_status().json()["id"]
        file = {"type": "document", "transfer_method": "local_file", "upload_file_id": file_id}
        told = ask(client, "What is in it?", files=[file])
        assert "Kettles whistle." in text(told)
        shown = told[0]["data"]["inputs"]["sys.files"][0]
        assert (shown["filename"], shown["extension"], shown["related_id"]) == ("notes.txt", ".txt", file_id)


def approval(mode: str = "advanced-chat") -> dict[str, Any]:
    form = human("Refund {{#start.order#}}? {{#$output.note#}}", ["note"], {"yes": "Approve", "no": "Refuse"})
    if mode == "workflow":
        ends = [
            node("done", "end", outputs=[{"variable": "note", "value_selector": ["ask", "note"]}]),
            node("refused", "end", outputs=[]),
        ]
        return graph([start("order"), form, *ends], "start>ask", "ask:yes>done", "ask:no>refused")
    return graph(
        [start("order"), form, answer("Approved: {{#ask.note#}}", "done"), answer("Refused.", "refused")],
        "start>ask",
        "ask:yes>done",
        "ask:no>refused",
    )


def test_a_run_waits_for_a_person_and_goes_on(client_of: Any, program: Program) -> None:
    with client_of(approval("workflow"), mode="workflow") as client:
        asked = {"inputs": {"order": "17"}, "response_mode": "streaming", **USER}
        with client.stream("POST", "/workflows/run", json=asked) as response:
            told = [check(event, "WorkflowEvent") for event in events(response)]
        assert names(told)[-2:] == ["human_input_required", "workflow_paused"]
        form, run_id = told[-2]["data"], told[0]["workflow_run_id"]
        assert told[-1]["data"]["reasons"][0]["form_id"] == form["form_id"]
        assert client.get(f"/workflows/run/{run_id}").json()["status"] == "paused"
        path = f"/form/human_input/{form['form_token']}"
        shown = client.get(path).raise_for_status().json()
        assert shown["form_content"] == "Refund 17? {{#$output.note#}}"
        assert [action["id"] for action in shown["user_actions"]] == ["yes", "no"]
        assert_uniform(client.post(path, json={"action": "maybe", "inputs": {}, **USER}), 400, "invalid_param")
        with client.stream("GET", f"/workflow/{run_id}/events?user=ada") as response:
            assert names(list(events(response)))[-1] == "workflow_paused"
        with program.client("/api") as anonymous:
            assert anonymous.get(path).json() == shown
            submitted = anonymous.post(path, json={"action": "yes", "inputs": {"note": "broken", "other": 1}})
            assert submitted.json() == {"result": "success"}
            assert_uniform(anonymous.post(path, json={"action": "yes"}), 412, "human_input_form_submitted")
        with client.stream("GET", f"/workflow/{run_id}/events?user=ada") as response:
            rest = [check(event, "RunEvent") for event in events(response)]
        assert rest[: len(told)] == told
        went_on = rest[len(told) :]
        assert names(went_on)[:3] == ["workflow_started", "node_started", "human_input_form_filled"]
        assert went_on[0]["data"]["reason"] == "resumption"
        assert went_on[2]["data"]["rendered_content"] == "Refund 17? broken"
        assert went_on[-1]["data"]["status"] == "succeeded"
        assert went_on[-1]["data"]["outputs"] == {"note": "broken"}
        kept = client.get(f"/workflows/run/{run_id}").json()
        assert (kept["status"], kept["total_steps"]) == ("succeeded", went_on[-1]["data"]["total_steps"])


def test_a_conversation_waits_for_a_person(client_of: Any) -> None:
    with client_of(approval()) as client:
        told = ask(client, "May I?", inputs={"order": "18"})
        assert names(told)[-1] == "workflow_paused"
        message_id = told[-1]["message_id"]
        assert client.get(f"/messages/{message_id}?user=ada").json()["status"] == "paused"
        token = next(event for event in told if event["event"] == "human_input_required")["data"]["form_token"]
        run_id = told[0]["workflow_run_id"]
        through = f"/workflow/{run_id}/events?user=ada&continue_on_pause=true&include_state_snapshot=true"
        with client.stream("GET", through) as response:
            seen = []
            for event in events(response):
                seen.append(check(event, "RunEvent"))
                if event["event"] == "workflow_paused":
                    client.post(f"/form/human_input/{token}", json={"action": "no", "inputs": {}}).raise_for_status()
        assert names(seen)[-2:] == ["message_end", "workflow_finished"]
        assert text(seen) == "Refused."
        assert client.get(f"/messages/{message_id}?user=ada").json()["answer"] == "Refused."


def test_a_paused_run_can_be_stopped(client_of: Any) -> None:
    with client_of(approval("workflow"), mode="workflow") as client:
        body = {"inputs": {"order": "19"}, "response_mode": "blocking", **USER}
        told = client.post("/workflows/run", json=body).raise_for_status().json()
        assert told["data"]["status"] == "paused"
        client.post(f"/workflows/tasks/{told['task_id']}/stop", json=USER).raise_for_status()
        run_id = told["workflow_run_id"]
        assert client.get(f"/workflows/run/{run_id}").json()["status"] == "stopped"
        with client.stream("GET", f"/workflow/{run_id}/events?user=ada") as response:
            shown = [check(event, "RunEvent") for event in events(response)]
        assert shown[-1]["data"]["status"] == "stopped"
        token = next(event for event in shown if event["event"] == "human_input_required")["data"]["form_token"]
        answer_ = client.post(f"/form/human_input/{token}", json={"action": "yes", "inputs": {}})
        assert_uniform(answer_, 412, "human_input_form_expired")


def test_a_form_that_nobody_answers_times_out(client_of: Any) -> None:
    form = human("Well?", ["note"], {"yes": "Yes"}, timeout=0.03, timeout_unit="minute")
    drawn = graph(
        [start(), form, end(note=["ask", "note"]), node("late", "end", outputs=[])],
        "start>ask",
        "ask:yes>end",
        "ask:__timeout>late",
    )
    with client_of(drawn, mode="workflow") as client:
        body = {"inputs": {}, "response_mode": "blocking", **USER}
        run_id = client.post("/workflows/run", json=body).raise_for_status().json()["workflow_run_id"]
        with client.stream("GET", f"/workflow/{run_id}/events?user=ada&continue_on_pause=true") as response:
            told = [check(event, "RunEvent") for event in events(response)]
    assert "human_input_form_timeout" in names(told)
    assert told[-1]["data"]["status"] == "succeeded"


def test_parallel_questions_to_people_meet(client_of: Any) -> None:
    first, second = human("One?", [], {"ok": "OK"}), human("Two?", [], {"ok": "OK"})
    first["id"], second["id"] = "one", "two"
    drawn = graph(
        [start(), first, second, template("both", "both"), end(out=["both", "output"])],
        "start>one",
        "start>two",
        "one:ok>both",
        "two:ok>both",
        "both>end",
    )
    with client_of(drawn, mode="workflow") as client:
        body = {"inputs": {}, "response_mode": "streaming", **USER}
        with client.stream("POST", "/workflows/run", json=body) as response:
            told = list(events(response))
        tokens = [event["data"]["form_token"] for event in told if event["event"] == "human_input_required"]
        assert len(tokens) == 2
        run_id = told[0]["workflow_run_id"]
        client.post(f"/form/human_input/{tokens[0]}", json={"action": "ok"}).raise_for_status()
        deadline = time.monotonic() + 20
        while True:
            kept = client.get(f"/workflows/run/{run_id}").json()
            if kept["status"] == "paused" and client.get(f"/form/human_input/{tokens[1]}").status_code == 200:
                break
            assert time.monotonic() < deadline, kept
            time.sleep(0.05)
        client.post(f"/form/human_input/{tokens[1]}", json={"action": "ok"}).raise_for_status()
        with client.stream("GET", f"/workflow/{run_id}/events?user=ada&continue_on_pause=true") as response:
            last = [check(event, "RunEvent") for event in events(response)][-1]
        assert last["data"]["outputs"] == {"out": "both"}
