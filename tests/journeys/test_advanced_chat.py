"""Apps that hold conversations by a workflow: answers, memory, variables, files, moderation, and reading aloud."""

import base64
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from tests.journeys.graphs import answer, code, graph, human, llm, node, start, template
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, events
from tests.journeys.stated_events import stated
from tests.journeys.studio import HARMFUL, SOUND, Studio
from tests.journeys.talks import USER, ask, clients, names, text


@pytest.fixture(scope="module")
def client_of(program: Program, console: httpx2.Client) -> Callable[..., Any]:
    return clients(program, console)


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
                assert text([stated(event, "ChatEvent") for event in events(response)]).strip() == "Thirty months."


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
                told.append(stated(event, "ChatEvent"))
                if event["event"] == "node_started" and event["data"]["node_id"] == "spin":
                    client.post(f"/chat-messages/{event['task_id']}/stop", json=USER).raise_for_status()
        assert names(told)[-2:] == ["workflow_finished", "message_end"]
        assert told[-2]["data"]["status"] == "stopped"
        message = client.get(f"/messages/{told[-1]['message_id']}?user=ada").json()
        assert (message["status"], message["answer"].strip()) == ("stopped", "Well")


def moderation(kind: str = "keywords", **config: Any) -> dict[str, Any]:
    """Return features that look at answers."""
    outputs = {"enabled": True, "preset_response": "I would rather not say."}
    config = {"inputs_config": {"enabled": False}, "outputs_config": outputs, "keywords": HARMFUL, **config}
    return {"sensitive_word_avoidance": {"enabled": True, "type": kind, "config": config}}


@pytest.fixture
def talk(studio: Studio) -> Iterator[Callable[[str], None]]:
    """Sets what the model says from now on, in this test."""

    def say(words: str) -> None:
        studio.say = lambda body: words

    before = studio.say
    yield say
    studio.say = before


@pytest.mark.parametrize("kind", ["keywords", "openai_moderation"])
def test_what_is_not_let_through_is_replaced(
    client_of: Any, model: dict[str, Any], talk: Callable[[str], None], kind: str
) -> None:
    talk(f"Well, {HARMFUL} grows in the garden, and much more could be said.")
    with client_of(chat(model), features=moderation(kind)) as client:
        told = ask(client, "Hello")
        replaced = [event for event in told if event["event"] == "message_replace"]
        assert [(event["answer"], event["reason"]) for event in replaced] == [
            ("I would rather not say.", "output_moderation")
        ]
        after = told[told.index(replaced[0]) :]
        assert text(after) == ""
        assert names(told)[-1] in ("message_end", "workflow_finished")
        if kind == "keywords":
            assert HARMFUL not in str([event for event in told if event["event"] == "message"])
        finished = next(event for event in told if event["event"] == "workflow_finished")
        assert finished["data"]["outputs"] == {"answer": "I would rather not say."}
        kept = client.get(f"/messages/{replaced[0]['message_id']}?user=ada").raise_for_status().json()
        assert kept["answer"] == "I would rather not say."
        body = {"query": "Hello", "inputs": {}, "response_mode": "blocking", **USER}
        answered = client.post("/chat-messages", json=body).raise_for_status().json()
        assert answered["answer"] == "I would rather not say."


def test_what_is_not_let_through_before_a_pause_ends_the_run(client_of: Any, program: Program) -> None:
    form = human("Well?", ["note"], {"yes": "Yes"})
    drawn = graph(
        [start(), answer(f"Take {HARMFUL}.", "first"), form, answer("Done.", "last")],
        "start>first",
        "first>ask",
        "ask:yes>last",
    )
    with client_of(drawn, features=moderation()) as client:
        told = ask(client, "Hello")
        assert names(told)[-2:] == ["workflow_finished", "message_end"]
        assert [event["answer"] for event in told if event["event"] == "message_replace"] == ["I would rather not say."]
        assert told[-2]["data"]["status"] == "stopped"
        message = client.get(f"/messages/{told[-1]['message_id']}?user=ada").raise_for_status().json()
        assert (message["status"], message["answer"]) == ("stopped", "I would rather not say.")
        for asked in (event for event in told if event["event"] == "human_input_required"):
            path = f"/form/human_input/{asked['data']['form_token']}"
            assert_uniform(client.post(path, json={"action": "yes"}), 412, "human_input_form_expired")


def test_what_is_said_after_a_pause_is_looked_at_too(client_of: Any) -> None:
    form = human("Well?", ["note"], {"yes": "Yes"})
    drawn = graph(
        [start(), answer("One moment. ", "first"), form, answer("{{#ask.note#}}", "last")],
        "start>first",
        "first>ask",
        "ask:yes>last",
    )
    with client_of(drawn, features=moderation()) as client:
        told = ask(client, "Hello")
        assert text(told) == "One moment. "
        token = next(event for event in told if event["event"] == "human_input_required")["data"]["form_token"]
        note = {"note": f"Take {HARMFUL}."}
        client.post(f"/form/human_input/{token}", json={"action": "yes", "inputs": note}).raise_for_status()
        way = f"/workflow/{told[0]['workflow_run_id']}/events?user=ada&continue_on_pause=true"
        with client.stream("GET", way) as response:
            seen = [stated(event, "RunEvent") for event in events(response)]
        assert [event["answer"] for event in seen if event["event"] == "message_replace"] == ["I would rather not say."]


def test_an_answer_is_read_aloud(
    client_of: Any, model: dict[str, Any], studio: Studio, talk: Callable[[str], None]
) -> None:
    talk("The warranty lasts thirty months. It does not cover the lid")
    speech = {"text_to_speech": {"enabled": True, "voice": "nova", "autoPlay": "enabled"}}
    studio.spoken.clear()
    with client_of(chat(model, "{{#think.text#}}"), features=speech) as client:
        told = ask(client, "Hello")
        kinds = names(told)
        assert kinds[-1] == "tts_message_end"
        assert kinds.count("tts_message") == 2
        assert {"message_end", "workflow_finished"} <= set(kinds)
        sounds = [base64.b64decode(event["audio"]) for event in told if event["event"] == "tts_message"]
        assert sounds == [SOUND, SOUND]
        read = [body["input"] for body in studio.spoken]
        assert read == ["The warranty lasts thirty months.", "It does not cover the lid"]


def test_what_was_said_before_a_pause_is_read_aloud_before_it_and_only_then(
    client_of: Any, model: dict[str, Any], studio: Studio
) -> None:
    drawn = graph(
        [
            start(),
            answer("Your lid is not covered by it. Let me ask a person ", "first"),
            human("Well?", ["note"], {"yes": "Yes"}),
            answer("They say: {{#ask.note#}}", "last"),
        ],
        "start>first",
        "first>ask",
        "ask:yes>last",
    )
    speech = {"text_to_speech": {"enabled": True, "voice": "nova", "autoPlay": "enabled"}}
    studio.spoken.clear()
    with client_of(drawn, features=speech) as client:
        told = ask(client, "Hello")
        assert names(told)[-1] == "workflow_paused"
        assert names(told).count("tts_message") == 2
        assert [body["input"] for body in studio.spoken] == ["Your lid is not covered by it.", "Let me ask a person"]
        token = next(event for event in told if event["event"] == "human_input_required")["data"]["form_token"]
        filled = {"action": "yes", "inputs": {"note": "it is on us."}}
        client.post(f"/form/human_input/{token}", json=filled).raise_for_status()
        way = f"/workflow/{told[0]['workflow_run_id']}/events?user=ada&continue_on_pause=true"
        with client.stream("GET", way) as response:
            seen = [stated(event, "RunEvent") for event in events(response)]
        assert names(seen)[-1] == "tts_message_end"
        assert [body["input"] for body in studio.spoken][2:] == ["They say: it is on us."]


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
