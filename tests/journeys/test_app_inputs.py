"""What an app asks people for: the inputs of its form, files, and how it greets them."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.journeys.connected import connect_model
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app, create_app_key
from tests.journeys.studio import PICTURE, Studio, open_studio

ADA = {"user": "ada"}
FORM = [
    {"text-input": {"label": "Name", "variable": "name", "required": True, "max_length": 8}},
    {"paragraph": {"label": "Story", "variable": "story"}},
    {"select": {"label": "Tone", "variable": "tone", "options": ["warm", "dry"], "default": "warm"}},
    {"number": {"label": "Age", "variable": "age"}},
    {"checkbox": {"label": "Formal", "variable": "formal"}},
    {"file": {"label": "Manual", "variable": "manual", "allowed_file_types": ["document"]}},
    {"file-list": {"label": "Notes", "variable": "notes", "max_length": 2}},
    {"external_data_tool": {"label": "Weather", "variable": "weather"}},
]


@pytest.fixture(scope="module")
def server() -> Iterator[Studio]:
    with open_studio() as opened:
        yield opened


@pytest.fixture
def studio(server: Studio) -> Studio:
    """The provider, with a clean record."""
    server.asked.clear()
    return server


class Apps:
    """Makes apps that the studio's model answers, and clients with a key to each."""

    def __init__(self, program: Program, console: httpx2.Client, studio: Studio) -> None:
        self.program = program
        self.console = console
        self.model = connect_model(console, studio.url)
        self.opened: list[httpx2.Client] = []

    def make(self, **config: Any) -> httpx2.Client:
        """Make an app with a configuration and return a Service client for it."""
        app_id = create_app(self.console)
        body = {"model": self.model, **config}
        self.console.post(f"/apps/{app_id}/model-config", json=body).raise_for_status()
        self.opened.append(self.program.service(create_app_key(self.console, app_id)))
        return self.opened[-1]


@pytest.fixture(scope="module")
def apps(program: Program, console: httpx2.Client, server: Studio) -> Iterator[Apps]:
    made = Apps(program, console, server)
    yield made
    for client in made.opened:
        client.close()


def ask(app: httpx2.Client, inputs: dict[str, Any], **more: Any) -> httpx2.Response:
    return app.post("/chat-messages", json={"query": "Who am I?", "inputs": inputs, **ADA, **more})


def upload(app: httpx2.Client, name: str, content: bytes, media_type: str) -> str:
    sent = app.post("/files/upload", data=ADA, files={"file": (name, content, media_type)})
    return str(sent.raise_for_status().json()["id"])


def kept(file_id: str, kind: str = "document") -> dict[str, str]:
    return {"type": kind, "transfer_method": "local_file", "upload_file_id": file_id}


def test_inputs_become_what_the_form_says_and_stand_in_the_prompt(apps: Apps, studio: Studio) -> None:
    prompt = "Speak to {{name}}, {{age}}, in a {{tone}} tone. Formal: {{formal}}. {{story}}"
    app = apps.make(user_input_form=FORM, pre_prompt=prompt)
    answer = ask(app, {"name": "Ada", "age": "36", "formal": True, "unknown": "x"}).raise_for_status().json()
    assert studio.asked[-1]["messages"][0]["content"] == "Speak to Ada, 36, in a warm tone. Formal: true."
    row = app.get(f"/messages/{answer['message_id']}", params=ADA).raise_for_status().json()
    assert (row["inputs"]["age"], row["inputs"]["tone"]) == (36, "warm")
    assert "unknown" not in row["inputs"]


def test_every_wrong_input_is_told_at_once(apps: Apps, studio: Studio) -> None:
    app = apps.make(user_input_form=FORM)
    wrong = {
        "story": 5,
        "tone": "loud",
        "age": "old",
        "formal": "perhaps",
        "manual": "manual.pdf",
        "notes": [{"type": "document"}] * 3,
    }
    body = assert_uniform(ask(app, wrong), 400, "invalid_param")
    assert [detail["field"] for detail in body["details"]] == [
        f"inputs.{name}" for name in ("name", "story", "tone", "age", "formal", "manual", "notes")
    ]
    assert studio.asked == []


def test_the_files_of_inputs_are_read_to_the_model(apps: Apps, studio: Studio) -> None:
    app = apps.make(user_input_form=FORM)
    manual = kept(upload(app, "manual.md", b"# Manual\n\nPress the red knob.", "text/markdown"))
    notes = [kept(upload(app, "note.txt", b"The knob sticks.", "text/plain"))]
    answer = ask(app, {"name": "Ada", "manual": manual, "notes": notes}).raise_for_status().json()
    told = studio.asked[-1]["messages"][-1]["content"]
    assert "red knob" in told
    assert "knob sticks" in told
    row = app.get(f"/messages/{answer['message_id']}", params=ADA).raise_for_status().json()
    assert row["message_files"] == []
    assert (row["inputs"]["manual"]["filename"], len(row["inputs"]["notes"])) == ("manual.md", 1)
    assert "file-preview" in row["inputs"]["manual"]["url"]
    ask(app, {}, conversation_id=answer["conversation_id"]).raise_for_status()
    assert "red knob" in studio.asked[-1]["messages"][-1]["content"]


def test_files_that_an_input_does_not_take_are_refused(apps: Apps, studio: Studio) -> None:
    app = apps.make(user_input_form=FORM)
    picture = kept(upload(app, "chart.png", PICTURE, "image/png"), "image")
    refused = assert_uniform(ask(app, {"name": "Ada", "manual": picture}), 400, "invalid_param")
    assert refused["details"][0]["field"] == "inputs.manual[0]"
    mistaken = {**picture, "type": "document"}
    assert_uniform(ask(app, {"name": "Ada", "manual": mistaken}), 400, "invalid_param")
    unknown = kept("0193f0a2-6d1c-7c5e-9a57-2f0d6c6f0c01")
    assert_uniform(ask(app, {"name": "Ada", "manual": unknown}), 404, "file_not_found")
    inward = {"type": "document", "transfer_method": "remote_url", "url": "http://127.0.0.1:1/manual.md"}
    assert_uniform(ask(app, {"name": "Ada", "manual": inward}), 400, "egress_denied")
    nothing = {**inward, "url": "file:///etc/hosts"}
    assert_uniform(ask(app, {"name": "Ada", "manual": nothing}), 400, "invalid_param")


def test_an_app_takes_the_files_that_its_upload_setting_names(apps: Apps, studio: Studio) -> None:
    setting = {
        "enabled": True,
        "number_limits": 1,
        "allowed_file_types": ["image", "custom"],
        "allowed_file_extensions": [".CSV"],
        "allowed_file_upload_methods": ["local_file"],
        "image": {"enabled": True, "detail": "low"},
    }
    app = apps.make(file_upload=setting)
    picture = kept(upload(app, "chart.png", PICTURE, "image/png"), "image")
    table = kept(upload(app, "table.csv", b"a,b\n1,2\n", "text/csv"), "custom")
    note = kept(upload(app, "note.txt", b"A note.", "text/plain"))
    ask(app, {}, files=[picture]).raise_for_status()
    [text, shown] = studio.asked[-1]["messages"][-1]["content"]
    assert text == {"type": "text", "text": "Who am I?"}
    assert shown["image_url"]["url"].startswith("data:image/png;base64,")
    assert shown["image_url"]["detail"] == "low"
    ask(app, {}, files=[table]).raise_for_status()
    link = {"type": "image", "transfer_method": "remote_url", "url": "http://192.0.2.256.example/a.png"}
    for files in ([picture, picture], [note], [{**note, "type": "custom"}], [link]):
        assert_uniform(ask(app, {}, files=files), 400, "invalid_param")
    closed = apps.make(file_upload={"enabled": False})
    note = kept(upload(closed, "note.txt", b"A note.", "text/plain"))
    refused = assert_uniform(ask(closed, {}, files=[note]), 400, "invalid_param")
    assert "takes no files" in refused["message"]


def test_a_conversation_is_opened_with_its_inputs(apps: Apps, studio: Studio) -> None:
    app = apps.make(user_input_form=FORM, opening_statement="Hello {{name}}, {{unknown}} and {{story}}!")
    answer = ask(app, {"name": "Ada"}).raise_for_status().json()
    [listed] = app.get("/conversations", params=ADA).raise_for_status().json()["data"]
    assert (listed["id"], listed["introduction"]) == (answer["conversation_id"], "Hello Ada, {{unknown}} and !")
    assert app.get("/parameters").json()["opening_statement"].startswith("Hello {{name}}")


def test_an_app_may_write_its_whole_prompt_itself(apps: Apps, studio: Studio) -> None:
    lines = [{"role": "system", "text": "You are {{name}}."}, {"role": "user", "text": "Asked: {{#query#}}"}]
    app = apps.make(user_input_form=FORM, prompt_type="advanced", chat_prompt_config={"prompt": lines})
    first = ask(app, {"name": "Ada"}).raise_for_status().json()
    assert [message["content"] for message in studio.asked[-1]["messages"]] == ["You are Ada.", "Asked: Who am I?"]
    ask(app, {}, conversation_id=first["conversation_id"]).raise_for_status()
    roles = [message["role"] for message in studio.asked[-1]["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
