"""A workspace with a thing of every kind, and the credentials that reach it."""

import json
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.journeys.people import Person, new_owner
from tests.journeys.program import Program
from tests.journeys.resources import (
    add_text,
    await_indexing,
    create_app,
    create_app_key,
    create_dataset,
    create_knowledge_key,
    create_workspace_key,
)

USER = "alice@example.com"
MODES = ("chat", "completion")
FEATURES = ("suggested_questions_after_answer", "more_like_this", "speech_to_text", "text_to_speech")
RECEIVER = "https://example.com/hooks"
ARCHIVE = "https://archive.example.com"


@dataclass(frozen=True)
class World:
    """One workspace.

    Attributes:
        person: its owner.
        console: a Console client, signed in as the owner.
        credentials: a working credential by the name of its security scheme.
        workspace_key: a key that reaches the whole workspace.
        ids: what there is, by the name of the parameter that stands for it.
        web_ids: the same of what the visitor has, whose passport is among the credentials.
    """

    person: Person
    console: httpx2.Client
    credentials: dict[str, str]
    workspace_key: str
    ids: dict[str, str]
    web_ids: dict[str, str]

    def ids_of(self, tier: str) -> dict[str, str]:
        """Return what the credentials of a tier reach, by the name of the parameter that stands for it."""
        return self.ids | self.web_ids if tier == "web" else self.ids

    def close(self) -> None:
        """Close the Console client."""
        self.console.close()


def make_world(program: Program, mode: str = "chat") -> World:
    """Make a workspace with an app, a knowledge base, a document, a conversation, a file and a key.

    Args:
        program: where.
        mode: the app's mode; one that is no chat has no conversation.
    """
    person = new_owner(program)
    console = person.console(program)
    app_id = create_app(console, mode=mode)
    console.post(f"/apps/{app_id}/model-config", json={name: {"enabled": True} for name in FEATURES}).raise_for_status()
    app_key = create_app_key(console, app_id)
    key_id = console.get(f"/apps/{app_id}/api-keys").raise_for_status().json()["data"][0]["id"]
    knowledge_key = create_knowledge_key(console)
    dataset_id = create_dataset(console)
    code = console.get(f"/apps/{app_id}").raise_for_status().json()["site"]["code"]
    with program.client("/api") as web:
        passport = web.get("/passport", headers={"X-App-Code": code}).raise_for_status().json()["access_token"]
    with program.client("/api", passport) as visitor:
        asked = _ask(visitor, mode)
    with program.service(knowledge_key) as knowledge:
        added = add_text(knowledge, dataset_id, "Warranty", "Every kettle carries a warranty of thirty months.")
        await_indexing(knowledge, dataset_id, added["batch"])
        spares = [add_text(knowledge, dataset_id, name, "Kettles of the last century.") for name in ("Old", "Older")]
        for spare in spares:
            await_indexing(knowledge, dataset_id, spare["batch"])
        table = {"file": ("kettles.csv", b"content\nA kettle.\n", "text/csv")}
        uploaded = knowledge.post("/datasets/pipeline/file-upload", files=table).raise_for_status().json()["id"]
        parts = _of_the_document(knowledge, dataset_id, added["document"]["id"])
    with program.service(app_key) as service:
        answer = _ask(service, mode)
        note = {"file": ("note.txt", b"A note.", "text/plain")}
        kept = service.post("/files/upload", data={"user": USER}, files=note).raise_for_status().json()
        written = {"question": "How long is the warranty?", "answer": "Thirty months."}
        annotation_id = service.post("/apps/annotations", json=written).raise_for_status().json()["id"]
        reply = {"score_threshold": 0.9, "embedding_provider_name": "builtin", "embedding_model_name": "any"}
        job_id = service.post("/apps/annotation-reply/disable", json=reply).raise_for_status().json()["job_id"]
    return World(
        person=person,
        console=console,
        credentials={
            "AppKey": app_key,
            "KnowledgeKey": knowledge_key,
            "ConsoleToken": console.headers["authorization"].removeprefix("Bearer "),
            "EndUserToken": passport,
        },
        workspace_key=create_workspace_key(console, access="admin"),
        ids={
            "app_id": app_id,
            "api_key_id": key_id,
            "dataset_id": dataset_id,
            "document_id": added["document"]["id"],
            "batch": added["batch"],
            "changing_document_id": spares[0]["document"]["id"],
            "archived_document_id": spares[1]["document"]["id"],
            "dataset_file_id": uploaded,
            **parts,
            "tag_id": _made(console, "/tags", name="Manuals", type="knowledge")["id"],
            "webhook_id": _made(console, f"/apps/{app_id}/webhooks", url=RECEIVER, enabled=False)["id"],
            "external_knowledge_api_id": _made(
                console, "/datasets/external-knowledge-api", name="Archive", settings={"endpoint": ARCHIVE}
            )["id"],
            "vector_type": "pgvector",
            "block_type": "llm",
            **_answered(answer),
            "file_id": kept["id"],
            "end_user_id": kept["created_by"],
            "annotation_id": annotation_id,
            "action": "disable",
            "job_id": job_id,
            "app_code": code,
            "user": USER,
            **_of_the_providers(console),
            "builtin_tool_provider": "time",
            "api_tool_provider": _tools(console),
            **({} if mode == "chat" else {"conversation_id": _conversation(console, app_id)}),
        },
        web_ids=_answered(asked),
    )


def _of_the_document(knowledge: httpx2.Client, dataset_id: str, document_id: str) -> dict[str, str]:
    """Return the ids of a passage, of a piece of it, and of a metadata field."""
    place = f"/datasets/{dataset_id}/documents/{document_id}/segments"
    segment_id = knowledge.get(place).raise_for_status().json()["data"][0]["id"]
    return {
        "segment_id": segment_id,
        "child_chunk_id": _made(knowledge, f"{place}/{segment_id}/child_chunks", content="A kettle.")["data"]["id"],
        "metadata_id": _made(knowledge, f"/datasets/{dataset_id}/metadata", type="string", name="author")["id"],
    }


def _tools(console: httpx2.Client) -> str:
    """Make tools of an API and return the name of their provider."""
    answers = {"200": {"description": "The kettles."}}
    described = {
        "openapi": "3.0.3",
        "info": {"title": "Kettles", "version": "1"},
        "servers": [{"url": "https://example.com"}],
        "paths": {"/kettles": {"get": {"operationId": "listKettles", "summary": "The kettles.", "responses": answers}}},
    }
    body = {"provider": "Kettles", "schema_type": "openapi", "schema": json.dumps(described), "icon": {}}
    credentials = {"auth_type": "none"}
    _made(console, "/workspaces/current/tool-provider/api/add", **body, credentials=credentials)
    return "Kettles"


def _conversation(console: httpx2.Client, app_id: str) -> str:
    """Return the id of what the Console shows a completion as."""
    shown = console.get(f"/apps/{app_id}/completion-conversations").raise_for_status().json()["data"]
    return str(shown[0]["id"])


def _made(client: httpx2.Client, place: str, **body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.post(place, json=body).raise_for_status().json()
    return answer


def _of_the_providers(console: httpx2.Client) -> dict[str, str]:
    """Store the credentials of the provider that needs none, and return their id and a model of it."""
    place = "/workspaces/current/model-providers/builtin/credentials"
    console.post(place, json={"credentials": {}}).raise_for_status()
    models = console.get("/workspaces/current/models/model-types/text-embedding").raise_for_status().json()["data"]
    return {
        "provider": "builtin",
        "credential_id": console.get(place).raise_for_status().json()["current_credential_id"],
        "embedding_model_provider": models[0]["provider"],
        "embedding_model": models[0]["models"][0]["model"],
    }


def _ask(client: httpx2.Client, mode: str) -> dict[str, str]:
    question = {"query": "Hello?", "user": USER, "inputs": {"query": "Hello?"}, "response_mode": "blocking"}
    answer: dict[str, str] = client.post(f"/{mode}-messages", json=question).raise_for_status().json()
    return answer


def _answered(answer: dict[str, str]) -> dict[str, str]:
    """Return what an answer tells the ids of; a completion has no conversation."""
    return {name: answer[name] for name in ("conversation_id", "message_id", "task_id") if answer.get(name)}
