"""A workspace with a thing of every kind, and the credentials that reach it."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class World:
    """One workspace.

    Attributes:
        person: its owner.
        console: a Console client, signed in as the owner.
        credentials: a working credential by the name of its security scheme.
        workspace_key: a key that reaches the whole workspace.
        ids: what there is, by the name of the path parameter that stands for it.
    """

    person: Person
    console: httpx2.Client
    credentials: dict[str, str]
    workspace_key: str
    ids: dict[str, str]

    def close(self) -> None:
        """Close the Console client."""
        self.console.close()


def make_world(program: Program) -> World:
    """Make a workspace with an app, a knowledge base, a document, a conversation, a file and a key."""
    person = new_owner(program)
    console = person.console(program)
    app_id = create_app(console)
    app_key = create_app_key(console, app_id)
    key_id = console.get(f"/apps/{app_id}/api-keys").raise_for_status().json()["data"][0]["id"]
    knowledge_key = create_knowledge_key(console)
    dataset_id = create_dataset(console)
    code = console.get(f"/apps/{app_id}").raise_for_status().json()["site"]["code"]
    with program.client("/api") as web:
        passport = web.get("/passport", headers={"X-App-Code": code}).raise_for_status().json()["access_token"]
    with program.service(knowledge_key) as knowledge:
        added = add_text(knowledge, dataset_id, "Warranty", "Every kettle carries a warranty of thirty months.")
        await_indexing(knowledge, dataset_id, added["batch"])
    with program.service(app_key) as service:
        question = {"query": "Hello?", "user": USER, "inputs": {}, "response_mode": "blocking"}
        answer = service.post("/chat-messages", json=question).raise_for_status().json()
        note = {"file": ("note.txt", b"A note.", "text/plain")}
        file_id = service.post("/files/upload", data={"user": USER}, files=note).raise_for_status().json()["id"]
    return World(
        person=person,
        console=console,
        credentials={
            "AppKey": app_key,
            "KnowledgeKey": knowledge_key,
            "ConsoleToken": console.headers["authorization"].removeprefix("Bearer "),
            "EndUserToken": passport,
        },
        workspace_key=create_workspace_key(console),
        ids={
            "app_id": app_id,
            "api_key_id": key_id,
            "dataset_id": dataset_id,
            "document_id": added["document"]["id"],
            "batch": added["batch"],
            "conversation_id": answer["conversation_id"],
            "message_id": answer["message_id"],
            "task_id": answer["task_id"],
            "file_id": file_id,
        },
    )
