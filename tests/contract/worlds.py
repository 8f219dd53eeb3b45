"""A workspace with a thing of every kind, and the credentials that reach it."""

import json
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.contract.workflow_things import WORKFLOW_MODES, workflow_app, workflow_things
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
PROMPT_MODES = ("chat", "completion")
MODES = (*PROMPT_MODES, *WORKFLOW_MODES)
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
    """Make a workspace with an app, and what there is to an app of its mode.

    Args:
        program: where.
        mode: the app's mode. One with a prompt has a knowledge base, tools and files beside it, and a chat app a
            conversation; one with a workflow has runs.
    """
    person = new_owner(program)
    console = person.console(program)
    if mode in WORKFLOW_MODES:
        app_id = workflow_app(console, mode)
    else:
        app_id = create_app(console, mode=mode)
        features = {name: {"enabled": True} for name in FEATURES}
        console.post(f"/apps/{app_id}/model-config", json=features).raise_for_status()
    app_key, knowledge_key = create_app_key(console, app_id), create_knowledge_key(console)
    code = console.get(f"/apps/{app_id}").raise_for_status().json()["site"]["code"]
    with program.client("/api") as web:
        passport = web.get("/passport", headers={"X-App-Code": code}).raise_for_status().json()["access_token"]
    with program.client("/api", passport) as visitor, program.service(app_key) as service:
        if mode in WORKFLOW_MODES:
            ids, web_ids = workflow_things(console, app_id, mode, service, visitor, USER)
        else:
            with program.service(knowledge_key) as knowledge:
                ids = _of_the_knowledge(knowledge)
            ids |= _of_the_prompt(console, app_id, mode, service)
            web_ids = _answered(_ask(visitor, mode))
    return World(
        person=person,
        console=console,
        credentials={
            "AppKey": app_key,
            "KnowledgeKey": knowledge_key,
            "ConsoleToken": console.headers["authorization"].removeprefix("Bearer "),
            "EndUserToken": passport,
            "FormUploadToken": _upload_token(program, ids) if "form_token" in ids else "none",
        },
        workspace_key=create_workspace_key(console, access="admin"),
        ids={
            "app_id": app_id,
            "api_key_id": console.get(f"/apps/{app_id}/api-keys").raise_for_status().json()["data"][0]["id"],
            "app_code": code,
            "user": USER,
            "block_type": "llm",
            "tenant_id": person.workspace_id,
            "member_id": _invited(console, person),
            **ids,
        },
        web_ids=web_ids,
    )


def _upload_token(program: Program, ids: dict[str, str]) -> str:
    with program.client("/api") as anonymous:
        granted = anonymous.post(f"/form/human_input/{ids['form_token']}/upload-token").raise_for_status().json()
    return str(granted["upload_token"])


def _invited(console: httpx2.Client, owner: Person) -> str:
    """Invite somebody, who never comes, and return whom; nobody can hand the workspace over to them."""
    invitation = {"emails": [f"charles-{owner.account_id}@example.com"], "role": "editor"}
    _made(console, "/workspaces/current/members/invite-email", **invitation)
    members = console.get("/workspaces/current/members").raise_for_status().json()["accounts"]
    return next(str(member["id"]) for member in members if member["status"] == "pending")


def _of_the_knowledge(knowledge: httpx2.Client) -> dict[str, str]:
    """Make a knowledge base with documents, and return the ids of what is in it."""
    dataset_id = create_dataset(knowledge)
    added = add_text(knowledge, dataset_id, "Warranty", "Every kettle carries a warranty of thirty months.")
    await_indexing(knowledge, dataset_id, added["batch"])
    spares = [add_text(knowledge, dataset_id, name, "Kettles of the last century.") for name in ("Old", "Older")]
    for spare in spares:
        await_indexing(knowledge, dataset_id, spare["batch"])
    table = {"file": ("kettles.csv", b"content\nA kettle.\n", "text/csv")}
    return {
        "dataset_id": dataset_id,
        "document_id": added["document"]["id"],
        "batch": added["batch"],
        "changing_document_id": spares[0]["document"]["id"],
        "archived_document_id": spares[1]["document"]["id"],
        "dataset_file_id": knowledge.post("/datasets/pipeline/file-upload", files=table)
        .raise_for_status()
        .json()["id"],
        **_of_the_document(knowledge, dataset_id, added["document"]["id"]),
    }


def _of_the_prompt(console: httpx2.Client, app_id: str, mode: str, service: httpx2.Client) -> dict[str, str]:
    """Ask an app, give it files and annotations, and return the ids of what there is then."""
    answer = _ask(service, mode)
    note = {"file": ("note.txt", b"A note.", "text/plain")}
    kept = service.post("/files/upload", data={"user": USER}, files=note).raise_for_status().json()
    annotation = _made(service, "/apps/annotations", question="How long is the warranty?", answer="Thirty months.")
    reply = {"score_threshold": 0.9, "embedding_provider_name": "builtin", "embedding_model_name": "any"}
    archive = {"name": "Archive", "settings": {"endpoint": ARCHIVE}}
    return {
        "tag_id": _made(console, "/tags", name="Manuals", type="knowledge")["id"],
        "webhook_id": _made(console, f"/apps/{app_id}/webhooks", url=RECEIVER, enabled=False)["id"],
        "external_knowledge_api_id": _made(console, "/datasets/external-knowledge-api", **archive)["id"],
        "vector_type": "pgvector",
        **_answered(answer),
        "file_id": kept["id"],
        "end_user_id": kept["created_by"],
        "annotation_id": annotation["id"],
        "action": "disable",
        "job_id": _made(service, "/apps/annotation-reply/disable", **reply)["job_id"],
        **_of_the_providers(console),
        "builtin_tool_provider": "time",
        "api_tool_provider": _tools(console),
        **({} if mode == "chat" else {"conversation_id": _conversation(console, app_id)}),
    }


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
