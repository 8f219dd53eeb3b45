"""What an app can do beside answering: ratings, suggestions, annotations, moderation, sound, documents."""

import base64
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.journeys.connected import connect_model
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app, create_app_key, events
from tests.journeys.studio import HARMFUL, SOUND, Studio, open_studio

ADA, BOB = {"user": "ada"}, {"user": "bob"}
UNKNOWN = "0193f0a2-6d1c-7c5e-9a57-2f0d6c6f0c01"
ON = {"enabled": True}


@pytest.fixture(scope="module")
def server() -> Iterator[Studio]:
    with open_studio() as opened:
        yield opened


@pytest.fixture
def studio(server: Studio) -> Studio:
    """The provider, with a clean record."""
    server.asked.clear()
    server.spoken.clear()
    server.say = lambda body: "Thirty months."
    server.silent = False
    return server


class Workshop:
    """Makes apps of the module's workspace and clients with a key to each."""

    def __init__(self, program: Program, console: httpx2.Client, model: dict[str, Any]) -> None:
        self.program = program
        self.console = console
        self.model = model
        self.opened: list[httpx2.Client] = []

    def app(self, mode: str = "chat", **config: Any) -> httpx2.Client:
        """Make an app with a configuration and return a Service client for it; `app_id` is among its headers."""
        app_id = create_app(self.console, mode=mode)
        body = {"model": self.model, **config}
        self.console.post(f"/apps/{app_id}/model-config", json=body).raise_for_status()
        client = self.program.service(create_app_key(self.console, app_id))
        client.headers["x-test-app"] = app_id
        self.opened.append(client)
        return client


@pytest.fixture(scope="module")
def workshop(program: Program, console: httpx2.Client, server: Studio) -> Iterator[Workshop]:
    made = Workshop(program, console, connect_model(console, server.url))
    yield made
    for client in made.opened:
        client.close()


def ask(app: httpx2.Client, query: str = "How long is the warranty?", **more: Any) -> dict[str, Any]:
    """Ask an app and wait for its answer."""
    body = {"query": query, "inputs": {}, **ADA, **more}
    answer = app.post("/chat-messages", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def stream(app: httpx2.Client, query: str = "How long is the warranty?", **more: Any) -> list[dict[str, Any]]:
    """Ask an app and return all events of the answer."""
    body = {"query": query, "inputs": {}, "response_mode": "streaming", **ADA, **more}
    with app.stream("POST", "/chat-messages", json=body) as response:
        return list(events(response))


def settle_reply(app: httpx2.Client, action: str, threshold: float = 0.8) -> dict[str, Any]:
    """Switch annotation reply on or off and wait for the job."""
    body = {
        "score_threshold": threshold,
        "embedding_provider_name": "builtin",
        "embedding_model_name": "minilm-l6-v2-lexical-cjk",
    }
    job = app.post(f"/apps/annotation-reply/{action}", json=body).raise_for_status().json()
    deadline = time.monotonic() + 60
    while True:
        state = app.get(f"/apps/annotation-reply/{action}/status/{job['job_id']}").raise_for_status().json()
        if state["job_status"] in ("completed", "error"):
            return dict(state)
        assert time.monotonic() < deadline, state
        time.sleep(0.05)


def test_a_rating_is_kept_changed_listed_and_taken_back(workshop: Workshop, studio: Studio) -> None:
    app = workshop.app()
    message_id = ask(app)["message_id"]
    path = f"/messages/{message_id}/feedbacks"
    rated = app.post(path, json={"rating": "like", "content": "Good.", **ADA})
    assert (rated.status_code, rated.json()) == (200, {"result": "success"})
    app.post(path, json={"rating": "dislike", **ADA}).raise_for_status()
    [listed] = app.get("/app/feedbacks").raise_for_status().json()["data"]
    assert (listed["rating"], listed["from_source"], listed["message_id"]) == ("dislike", "user", message_id)
    assert app.get(f"/messages/{message_id}", params=ADA).json()["feedback"] == {"rating": "dislike"}
    assert_uniform(app.post(path, json={"rating": "like", **BOB}), 404, "not_found")
    app.post(path, json={"rating": None, **ADA}).raise_for_status()
    assert app.get("/app/feedbacks").json() == {"data": []}


def test_questions_are_suggested_where_the_app_wants_it(workshop: Workshop, studio: Studio) -> None:
    studio.say = lambda body: '["Does it cover the lid?", "Who pays?"]' if body.get("max_tokens") == 256 else "Yes."
    app = workshop.app(suggested_questions_after_answer=ON)
    message_id = ask(app)["message_id"]
    suggested = app.get(f"/messages/{message_id}/suggested", params=ADA).raise_for_status().json()
    assert suggested == {"result": "success", "data": ["Does it cover the lid?", "Who pays?"]}
    silent = workshop.app()
    refused = silent.get(f"/messages/{ask(silent)['message_id']}/suggested", params=ADA)
    assert_uniform(refused, 400, "bad_request")


def test_annotations_are_written_found_changed_and_deleted(workshop: Workshop) -> None:
    app = workshop.app()
    made = app.post("/apps/annotations", json={"question": "Who made it?", "answer": "We did."})
    assert made.status_code == 201
    path = f"/apps/annotations/{made.json()['id']}"
    changed = app.put(path, json={"question": "Who built it?", "answer": "Ada."}).raise_for_status().json()
    assert (changed["question"], changed["answer"], changed["hit_count"]) == ("Who built it?", "Ada.", 0)
    assert app.get("/apps/annotations", params={"keyword": "ada"}).json()["total"] == 1
    assert app.get("/apps/annotations", params={"keyword": "babbage"}).json()["data"] == []
    assert app.delete(path).status_code == 204
    assert_uniform(app.delete(path), 404, "not_found")


def test_a_close_question_is_answered_by_its_annotation(workshop: Workshop, studio: Studio) -> None:
    app = workshop.app()
    note = app.post("/apps/annotations", json={"question": "How long is the warranty?", "answer": "Two years."}).json()
    ask(app)
    assert len(studio.asked) == 1
    state = settle_reply(app, "enable")
    assert (state["job_status"], state["error_msg"]) == ("completed", "")
    assert app.get("/parameters").json()["annotation_reply"]["enabled"] is True
    received = stream(app, "How long is the warranty")
    assert "".join(event.get("answer", "") for event in received) == "Two years."
    assert received[-1]["metadata"]["annotation_reply"]["id"] == note["id"]
    late = app.post("/apps/annotations", json={"question": "Where is the shop?", "answer": "In London."}).json()
    answered = ask(app, "Where is the shop?")
    assert (answered["answer"], answered["metadata"]["annotation_reply"]["id"]) == ("In London.", late["id"])
    assert len(studio.asked) == 1
    assert ask(app, "Do you sell umbrellas and coats?")["answer"] == "Thirty months. "
    assert {row["hit_count"] for row in app.get("/apps/annotations").json()["data"]} == {1}
    settle_reply(app, "disable")
    assert ask(app)["answer"] == "Thirty months. "


def test_an_unknown_embedding_model_is_refused_with_its_reason(workshop: Workshop) -> None:
    app = workshop.app()
    body = {"score_threshold": 0.9, "embedding_provider_name": "nobody", "embedding_model_name": "none"}
    assert_uniform(app.post("/apps/annotation-reply/enable", json=body), 404, "provider_not_found")
    body["embedding_provider_name"] = "builtin"
    job = app.post("/apps/annotation-reply/enable", json=body).raise_for_status().json()
    deadline = time.monotonic() + 60
    while (state := app.get(f"/apps/annotation-reply/enable/status/{job['job_id']}").json())["job_status"] != "error":
        assert time.monotonic() < deadline, state
        time.sleep(0.05)
    assert "none" in state["error_msg"]


def moderation(kind: str, **config: Any) -> dict[str, Any]:
    """Return a `sensitive_word_avoidance` that looks at questions and answers."""
    asked = {"enabled": True, "preset_response": "Let us talk of something else."}
    answered = {"enabled": True, "preset_response": "I would rather not say."}
    return {"enabled": True, "type": kind, "config": {"inputs_config": asked, "outputs_config": answered, **config}}


@pytest.mark.parametrize("kind", ["keywords", "openai_moderation"])
def test_harmful_words_pass_in_neither_direction(workshop: Workshop, studio: Studio, kind: str) -> None:
    app = workshop.app(sensitive_word_avoidance=moderation(kind, keywords=f"{HARMFUL}\nvenom"))
    assert ask(app, f"Where do I get {HARMFUL}?")["answer"] == "Let us talk of something else."
    assert studio.asked == []
    studio.say = lambda body: f"Well, {HARMFUL} grows in the garden, and much more could be said."
    received = stream(app)
    replaced = next(event for event in received if event["event"] == "message_replace")
    assert (replaced["answer"], replaced["reason"]) == ("I would rather not say.", "output_moderation")
    assert received[-1]["event"] == "message_end"
    if kind == "keywords":
        assert HARMFUL not in "".join(event.get("answer", "") for event in received)
    kept = app.get(f"/messages/{received[-1]['message_id']}", params=ADA).json()
    assert kept["answer"] == "I would rather not say."


@pytest.mark.parametrize("kind", ["keywords", "openai_moderation"])
def test_what_is_not_let_through_does_not_stay_in_an_agents_thoughts(
    workshop: Workshop, studio: Studio, kind: str
) -> None:
    avoidance = moderation(kind, keywords=HARMFUL)
    app = workshop.app("agent-chat", agent_mode=ON, sensitive_word_avoidance=avoidance)
    studio.say = lambda body: f"Well, {HARMFUL} grows in the garden."
    received = stream(app)
    assert received[-1]["event"] == "message_end"
    told = [event["thought"] for event in received if event["event"] == "agent_thought"]
    assert told[-1] == "I would rather not say."
    kept = app.get(f"/messages/{received[-1]['message_id']}", params=ADA).json()
    assert kept["answer"] == "I would rather not say."
    assert [thought["thought"] for thought in kept["agent_thoughts"]] == ["I would rather not say."]


@pytest.mark.parametrize("words", ["", " \n ", "venom\n" * 101, "v" * 10_001])
def test_a_list_of_words_that_is_empty_or_endless_is_not_kept(console: httpx2.Client, words: str) -> None:
    app_id = create_app(console)
    path = f"/apps/{app_id}/model-config"
    kept = {"sensitive_word_avoidance": moderation("keywords", keywords=HARMFUL)}
    console.post(path, json=kept).raise_for_status()
    config = {"sensitive_word_avoidance": moderation("keywords", keywords=words)}
    body = {"query": "Hello", "inputs": {}, "model_config": config}
    for refused in (
        console.post(path, json=config),
        console.post(f"/apps/{app_id}/chat-messages", json=body),
    ):
        told = assert_uniform(refused, 400, "invalid_param")
        assert told["details"][0]["field"] == "sensitive_word_avoidance.config.keywords"
    shown = console.get(f"/apps/{app_id}").raise_for_status().json()["model_config"]
    assert shown["sensitive_word_avoidance"] == kept["sensitive_word_avoidance"]
    switched_off = {**moderation("keywords"), "enabled": False}
    console.post(path, json={"sensitive_word_avoidance": switched_off}).raise_for_status()


def test_sound_goes_both_ways(workshop: Workshop, studio: Studio) -> None:
    app = workshop.app(speech_to_text=ON, text_to_speech={"enabled": True, "voice": "nova"})
    heard = app.post("/audio-to-text", data=ADA, files={"file": ("question.mp3", SOUND, "audio/mpeg")})
    assert heard.json() == {"text": "heard question.mp3"}
    read = app.post("/text-to-audio", json={"message_id": ask(app)["message_id"], **ADA})
    assert (read.status_code, read.content, read.headers["content-type"]) == (200, SOUND, "audio/mpeg")
    assert (studio.spoken[0]["input"], studio.spoken[0]["voice"]) == ("Thirty months.", "nova")
    assert_uniform(app.post("/audio-to-text", files={"user": (None, "ada")}), 400, "no_audio_uploaded")
    strange = {"file": ("question.txt", b"What?", "text/plain")}
    assert_uniform(app.post("/audio-to-text", data=ADA, files=strange), 415, "unsupported_audio_type")
    assert_uniform(app.post("/text-to-audio", json=ADA), 400, "nothing_to_read")
    assert_uniform(app.post("/text-to-audio", json={"message_id": UNKNOWN, **ADA}), 404, "not_found")
    studio.silent = True
    assert_uniform(app.post("/text-to-audio", json={"text": "Hello", **ADA}), 400, "completion_request_error")
    assert_uniform(workshop.app().post("/text-to-audio", json={"text": "Hello"}), 400, "invalid_param")


def test_an_answer_is_read_aloud_while_it_is_streamed(workshop: Workshop, studio: Studio) -> None:
    studio.say = lambda body: "The warranty lasts thirty months. It does not cover the lid"
    app = workshop.app(text_to_speech={"enabled": True, "voice": "nova", "autoPlay": "enabled"})
    received = stream(app)
    kinds = [event["event"] for event in received]
    assert kinds[-1] == "tts_message_end"
    assert kinds.count("tts_message") == 2
    assert "message_end" in kinds
    sounds = [base64.b64decode(event["audio"]) for event in received if event["event"] == "tts_message"]
    assert sounds == [SOUND, SOUND]
    assert [body["input"] for body in studio.spoken] == [
        "The warranty lasts thirty months.",
        "It does not cover the lid",
    ]
    studio.silent = True
    assert [event["event"] for event in stream(app)][-1] == "tts_message_end"


def test_a_document_is_read_to_the_model(workshop: Workshop, studio: Studio) -> None:
    app = workshop.app()
    note = {"file": ("note.md", b"# Warranty\n\nThe lid is covered for nine weeks.", "text/markdown")}
    file_id = app.post("/files/upload", data=ADA, files=note).raise_for_status().json()["id"]
    ask(app, files=[{"type": "document", "transfer_method": "local_file", "upload_file_id": file_id}])
    told = studio.asked[-1]["messages"][-1]["content"]
    assert "nine weeks" in told
    assert "note.md" in told
    denied = {"type": "document", "transfer_method": "remote_url", "url": "http://127.0.0.1:1/secret.txt"}
    body = {"query": "What?", "inputs": {}, "files": [denied], **ADA}
    assert_uniform(app.post("/chat-messages", json=body), 400, "egress_denied")


def test_a_person_is_shown_to_their_own_app_only(workshop: Workshop, studio: Studio) -> None:
    app, other = workshop.app(), workshop.app()
    note = {"file": ("note.txt", b"A note.", "text/plain")}
    person_id = app.post("/files/upload", data=ADA, files=note).raise_for_status().json()["created_by"]
    person = app.get(f"/end-users/{person_id}").raise_for_status().json()
    assert (person["session_id"], person["type"], person["is_anonymous"]) == ("ada", "service_api", False)
    assert_uniform(other.get(f"/end-users/{person_id}"), 404, "not_found")


def test_a_chat_app_has_no_conversation_variables(workshop: Workshop, studio: Studio) -> None:
    app = workshop.app()
    path = f"/conversations/{ask(app)['conversation_id']}/variables"
    assert app.get(path, params=ADA).json() == {"limit": 20, "has_more": False, "data": []}
    assert_uniform(app.get(path, params=BOB), 404, "not_found")
    assert_uniform(app.put(f"{path}/{UNKNOWN}", json={"value": 1, **ADA}), 404, "not_found")


def test_the_models_of_a_type_are_listed_with_a_knowledge_key(knowledge_client: httpx2.Client) -> None:
    listed = knowledge_client.get("/workspaces/current/models/model-types/text-embedding").raise_for_status().json()
    assert "builtin" in [row["provider"] for row in listed["data"]]
