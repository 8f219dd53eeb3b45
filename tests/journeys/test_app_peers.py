"""Apps and the services that they work with, all of them real and reached over HTTP."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from models import conversation_variable
from models.database import Database
from tests.conftest import NewDatabase
from tests.journeys.connected import connect_model
from tests.journeys.graphs import answer, graph, llm, published_app, start
from tests.journeys.people import new_owner
from tests.journeys.program import Program, running
from tests.journeys.resources import assert_uniform, create_app, create_app_key, events
from tests.journeys.studio import EXTENSION_KEY, HARMFUL, NAME, PICTURE, SOUND, Studio, open_studio

ADA = {"user": "ada"}
ON = {"enabled": True}


@pytest.fixture(scope="module")
def own_program(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Iterator[Program]:
    """A program that may reach this machine, and whose models name conversations."""
    home = tmp_path_factory.mktemp("peers")
    allowed = {"SSRF_ALLOW_CIDRS": "127.0.0.0/8", "PARLEY_CONVERSATION_NAMES": "model"}
    with running(Path(home), DATABASE_URL=new_database(), **allowed) as started:
        yield started


@pytest.fixture(scope="module")
def owner(own_program: Program) -> Iterator[httpx2.Client]:
    with new_owner(own_program).console(own_program) as client:
        yield client


@pytest.fixture(scope="module")
def server() -> Iterator[Studio]:
    with open_studio() as opened:
        yield opened


@pytest.fixture
def studio(server: Studio) -> Studio:
    """The provider and the extension, with a clean record."""
    server.asked.clear()
    server.named.clear()
    server.spoken.clear()
    server.extension_asked.clear()
    server.say = lambda body: "Thirty months."
    return server


@pytest.fixture(scope="module")
def model(owner: httpx2.Client, server: Studio) -> dict[str, Any]:
    return connect_model(owner, server.url)


@pytest.fixture(scope="module")
def extension_id(owner: httpx2.Client, server: Studio) -> str:
    body = {"name": "Word check", "api_endpoint": server.extension_url, "api_key": EXTENSION_KEY}
    made = owner.post("/api-based-extension", json=body)
    assert made.status_code in (200, 201), made.text
    return str(made.json()["id"])


def make(owner: httpx2.Client, model: dict[str, Any], mode: str = "chat", **config: Any) -> str:
    app_id = create_app(owner, mode=mode)
    owner.post(f"/apps/{app_id}/model-config", json={"model": model, **config}).raise_for_status()
    return app_id


def ask(client: httpx2.Client, query: str = "How long is the warranty?", **more: Any) -> dict[str, Any]:
    answer = client.post("/chat-messages", json={"query": query, "inputs": {}, **ADA, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def visitor(program: Program, owner: httpx2.Client, app_id: str) -> httpx2.Client:
    code = owner.get(f"/apps/{app_id}").raise_for_status().json()["site"]["code"]
    with program.client("/api") as anonymous:
        passport = anonymous.get("/passport", headers={"X-App-Code": code}).raise_for_status().json()
    return program.client("/api", passport["access_token"])


def await_(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait until something is there, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)
    return found


def test_an_extension_is_asked_before_it_is_kept(owner: httpx2.Client, extension_id: str, server: Studio) -> None:
    assert {"point": "ping", "params": {}} in server.extension_asked
    shown = owner.get(f"/api-based-extension/{extension_id}").raise_for_status().json()
    assert EXTENSION_KEY not in str(shown)
    wrong = {"name": "Other", "api_endpoint": server.extension_url, "api_key": "a-wrong-key"}
    assert_uniform(owner.post("/api-based-extension", json=wrong), 400, "completion_request_error")


def test_an_extension_moderates_in_both_directions(
    own_program: Program, owner: httpx2.Client, model: dict[str, Any], extension_id: str, studio: Studio
) -> None:
    both = {"inputs_config": ON, "outputs_config": ON, "api_based_extension_id": extension_id}
    avoidance = {"enabled": True, "type": "api", "config": both}
    app_id = make(owner, model, sensitive_word_avoidance=avoidance)
    with own_program.service(create_app_key(owner, app_id)) as app:
        ask(app, f"Where do I get {HARMFUL}?")
        assert studio.asked[-1]["messages"][-1]["content"] == "Hello"
        assert studio.extension_asked[0]["params"]["app_id"] == app_id
        studio.say = lambda body: f"Well, {HARMFUL} grows in the garden."
        assert ask(app)["answer"] == "Not from me."


def test_a_variable_is_given_by_an_extension(
    own_program: Program, owner: httpx2.Client, model: dict[str, Any], extension_id: str, studio: Studio
) -> None:
    tool = {
        "enabled": True,
        "type": "api",
        "variable": "weather",
        "label": "Weather",
        "config": {"api_based_extension_id": extension_id},
    }
    app_id = make(owner, model, external_data_tools=[tool], pre_prompt="It is {{weather}}.")
    with own_program.service(create_app_key(owner, app_id)) as app:
        ask(app, "London")
    assert studio.asked[-1]["messages"][0]["content"] == "It is weather for London."


def test_the_model_names_a_conversation(
    own_program: Program, owner: httpx2.Client, model: dict[str, Any], studio: Studio
) -> None:
    query = "Does the warranty cover the lamp?"
    with own_program.service(create_app_key(owner, make(owner, model))) as app:
        conversation_id = ask(app, query)["conversation_id"]

        def names() -> list[str]:
            return [row["name"] for row in app.get("/conversations", params=ADA).json()["data"]]

        def times_named() -> int:
            """Count the requests for a name of this conversation; those of others may come late."""
            return sum(body["messages"][-1]["content"] == query for body in studio.named)

        await_(lambda: names() == [NAME])
        path = f"/conversations/{conversation_id}/name"
        app.post(path, json={"name": "Mine", **ADA}).raise_for_status()
        renamed = app.post(path, json={"auto_generate": True, **ADA}).raise_for_status().json()
        assert renamed["name"] == NAME
        assert times_named() == 2
        ask(app, query, auto_generate_name=False)
        assert names()[0] == "New conversation"
        assert times_named() == 2


def test_the_model_of_a_workflow_names_its_conversations(
    own_program: Program, owner: httpx2.Client, model: dict[str, Any], studio: Studio
) -> None:
    drawn = graph(
        [start(), llm("think", model, "{{#sys.query#}}"), answer("{{#think.text#}}")], "start>think", "think>answer"
    )
    with own_program.service(create_app_key(owner, published_app(owner, "advanced-chat", drawn))) as app:
        ask(app, "Does the warranty cover the lid?")
        await_(lambda: [row["name"] for row in app.get("/conversations", params=ADA).json()["data"]] == [NAME])


def test_sound_goes_both_ways_for_visitors_and_administrators(
    own_program: Program, owner: httpx2.Client, model: dict[str, Any], studio: Studio
) -> None:
    app_id = make(owner, model, speech_to_text=ON, text_to_speech={"enabled": True, "voice": "nova"})
    part = {"file": ("question.mp3", SOUND, "audio/mpeg")}
    with visitor(own_program, owner, app_id) as web:
        assert web.post("/audio-to-text", files=part).raise_for_status().json() == {"text": "heard question.mp3"}
        message_id = web.post("/chat-messages", json={"query": "How long?", "inputs": {}}).json()["message_id"]
        read = web.post("/text-to-audio", json={"message_id": message_id})
        assert (read.status_code, read.content) == (200, SOUND)
    heard = owner.post(f"/apps/{app_id}/audio-to-text", files=part).raise_for_status().json()
    assert heard == {"text": "heard question.mp3"}
    read = owner.post(f"/apps/{app_id}/text-to-audio", json={"message_id": message_id})
    assert (read.status_code, read.content) == (200, SOUND)


def test_a_blocking_call_does_not_wait_for_the_speech(
    own_program: Program, owner: httpx2.Client, model: dict[str, Any], studio: Studio
) -> None:
    studio.speech_held = True
    app_id = make(owner, model, text_to_speech={"enabled": True, "voice": "nova", "autoPlay": "enabled"})
    try:
        with own_program.service(create_app_key(owner, app_id)) as app:
            assert ask(app)["answer"].strip() == "Thirty months."
            assert studio.speech_held
            body = {"query": "How long?", "inputs": {}, "response_mode": "streaming", **ADA}
            with app.stream("POST", "/chat-messages", json=body) as response:
                told = []
                for event in events(response):
                    told.append(event["event"])
                    studio.speech_held = "message_end" not in told
            assert told[-2:] == ["tts_message", "tts_message_end"]
    finally:
        studio.speech_held = False


def test_a_remote_file_is_looked_at_kept_and_shown_to_the_model(
    own_program: Program, owner: httpx2.Client, model: dict[str, Any], studio: Studio
) -> None:
    with visitor(own_program, owner, make(owner, model)) as web:
        look = web.get(f"/remote-files/{quote(studio.picture_url, safe='')}")
        assert look.raise_for_status().json() == {"file_type": "image/png", "file_length": len(PICTURE)}
        kept = web.post("/remote-files/upload", json={"url": studio.picture_url})
        assert kept.status_code == 201, kept.text
        file = kept.json()
        assert (file["name"], file["size"], file["mime_type"]) == ("picture.png", len(PICTURE), "image/png")
        with own_program.client() as anybody:
            assert anybody.get(httpx2.URL(file["url"]).raw_path.decode()).content == PICTURE
        uploaded = {"type": "image", "transfer_method": "local_file", "upload_file_id": file["id"]}
        linked = {"type": "image", "transfer_method": "remote_url", "url": studio.picture_url}
        body = {"query": "What is this?", "inputs": {}, "files": [uploaded, linked]}
        web.post("/chat-messages", json=body).raise_for_status()
        parts = studio.asked[-1]["messages"][-1]["content"]
        assert [part["type"] for part in parts] == ["text", "image_url", "image_url"]
        assert parts[1]["image_url"]["url"] == parts[2]["image_url"]["url"]


def test_a_conversation_variable_is_changed(
    own_program: Program, owner: httpx2.Client, model: dict[str, Any], studio: Studio
) -> None:
    app_id = make(owner, model)
    with own_program.service(create_app_key(owner, app_id)) as app:
        conversation_id = ask(app)["conversation_id"]
        workspace_id = owner.get("/workspaces/current").raise_for_status().json()["id"]
        asyncio.run(_remember(own_program.database_url, workspace_id, conversation_id))
        path = f"/conversations/{conversation_id}/variables"
        [listed] = app.get(path, params=ADA).raise_for_status().json()["data"]
        assert (listed["name"], listed["value_type"]) == ("visits", "number")
        changed = app.put(f"{path}/{listed['id']}", json={"value": 4, **ADA}).raise_for_status().json()
        assert changed["value"] in (4, "4")
        assert_uniform(app.put(f"{path}/{listed['id']}", json={"value": "four", **ADA}), 400, "invalid_variable")
        assert_uniform(app.put(f"{path}/{listed['id']}", json={"value": 5, "user": "bob"}), 404, "not_found")
        [again] = app.get(path, params=ADA).raise_for_status().json()["data"]
        assert again["value"] == changed["value"]


async def _remember(database_url: str, workspace_id: str, conversation_id: str) -> None:
    """Give a conversation a variable, as a workflow does."""
    database = Database(database_url, 1)
    try:
        async with database.workspace(workspace_id) as scope:
            await conversation_variable.put(scope, conversation_id, "visits", "number", 3)
    finally:
        await database.close()
