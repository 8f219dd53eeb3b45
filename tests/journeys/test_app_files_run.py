"""App files of ours, imported, published and run in both modes: between them, every type of node does its work."""

import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from engine.workflow import NODE_TYPES
from tests.journeys.connected import connect_model
from tests.journeys.program import Program
from tests.journeys.receiver import Receiver, receiving
from tests.journeys.resources import (
    add_text,
    assert_uniform,
    await_indexing,
    create_app_key,
    create_dataset,
    create_knowledge_key,
    events,
)
from tests.journeys.stated_events import stated
from tests.journeys.studio import Studio

FILES = Path(__file__).resolve().parents[1] / "app_files"
DATASET = "0193f0a2-6d1c-7c5e-9a57-2f0d6c6f0c06"
USER = {"user": "ada"}
CONTRACT = ("contract.txt", b"Kettles Ltd. sells kettles.", "text/plain")
MODES = ("workflow", "advanced-chat")
ENDS = {"workflow": "end", "advanced-chat": "answer"}


def in_mode(document: dict[str, Any], mode: str) -> dict[str, Any]:
    """Return an app file for an app of another mode: what is answered is given as outputs, or the other way round."""
    if document["app"]["mode"] == mode:
        return document
    document["app"]["mode"] = mode
    workflow = document["workflow"]
    for node in workflow["graph"]["nodes"]:
        data = node["data"]
        if data["type"] == "end":
            said = "\n".join(f"{{{{#{'.'.join(entry['value_selector'])}#}}}}" for entry in data.pop("outputs"))
            data.update(type="answer", answer=said)
        elif data["type"] == "answer":
            written = data.pop("answer") == "{{#write.text#}}"
            outputs = [{"variable": "answer", "value_selector": ["write", "text"]}] if written else []
            data.update(type="end", outputs=outputs)
    if mode == "workflow":
        _without_conversations(workflow)
    return document


def _without_conversations(workflow: dict[str, Any]) -> None:
    """Let a form ask what a conversation would have asked, and forget what it would have remembered."""
    nodes = {node["id"]: node["data"] for node in workflow["graph"]["nodes"]}
    question = {"variable": "query", "label": "Question", "type": "paragraph", "required": True}
    nodes["start"]["variables"].append(question)
    nodes["remember"].update(type="template-transform", template="Noted.", variables=[])
    for name in ("kind", "search"):
        nodes[name]["query_variable_selector"] = ["start", "query"]
    nodes["write"].pop("memory")
    nodes["write"]["prompt_template"].append({"role": "user", "text": "{{#start.query#}}"})
    workflow["conversation_variables"] = []


class Runs:
    """Runs app files, and keeps which types of nodes did their work in which mode."""

    def __init__(self, program: Program, console: httpx2.Client, dataset_id: str, archive: Receiver) -> None:
        self.program = program
        self.console = console
        self.dataset_id = dataset_id
        self.archive = archive
        self.succeeded: dict[str, set[str]] = {mode: set() for mode in MODES}

    def client(self, name: str, mode: str) -> httpx2.Client:
        """Import an app file for a mode, publish it and return a Service client of the app."""
        document = in_mode(yaml.safe_load((FILES / f"{name}.yml").read_text()), mode)
        for variable in document["workflow"]["environment_variables"]:
            variable["value"] = variable["value"] or "a-key-of-the-archive"
        text = yaml.safe_dump(document).replace(DATASET, self.dataset_id)
        text = text.replace("https://archive.example.com", self.archive.url)
        body = {"mode": "yaml-content", "yaml_content": text}
        brought = self.console.post("/apps/imports", json=body).raise_for_status().json()
        assert brought["status"] == "completed", brought
        published = self.console.post(f"/apps/{brought['app_id']}/workflows/publish", json={})
        assert published.status_code == 200, published.text
        return self.program.service(create_app_key(self.console, brought["app_id"]))

    def run(
        self, client: httpx2.Client, mode: str, inputs: dict[str, Any], query: str = "Hello", action: str = ""
    ) -> list[dict[str, Any]]:
        """Run an app to its end, also through a form whose action is chosen, and return its events."""
        path, schema = ("/workflows/run", "WorkflowEvent") if mode == "workflow" else ("/chat-messages", "ChatEvent")
        body = {"inputs": inputs, "query": query, "response_mode": "streaming", **USER}
        told = self._read(client.stream("POST", path, json=body), schema)
        if told[-1]["event"] == "workflow_paused":
            token = told[-2]["data"]["form_token"]
            form = {"action": action, "inputs": {"note": "Too dear."}}
            client.post(f"/form/human_input/{token}", json=form).raise_for_status()
            way = f"/workflow/{told[0]['workflow_run_id']}/events?user=ada&continue_on_pause=true"
            told = self._read(client.stream("GET", way), "RunEvent")
        finished = [event["data"] for event in told if event["event"] == "node_finished"]
        self.succeeded[mode] |= {data["node_type"] for data in finished if data["status"] == "succeeded"}
        for kind in ("iteration", "loop"):
            ended = [event["data"] for event in told if event["event"] == f"{kind}_completed"]
            self.succeeded[mode] |= {kind for data in ended if data["status"] == "succeeded"}
        run = next(event["data"] for event in reversed(told) if event["event"] == "workflow_finished")
        assert run["status"] in ("succeeded", "partial-succeeded"), run
        return told

    def _read(self, opened: Any, schema: str) -> list[dict[str, Any]]:
        with opened as response:
            assert response.status_code == 200, response.read()
            return [stated(event, schema) for event in events(response)]


def said(told: list[dict[str, Any]], mode: str) -> str:
    """Return what an app answered, or all that it gave."""
    if mode == "advanced-chat":
        return "".join(event["answer"] for event in told if event["event"] == "message")
    outputs = next(event["data"]["outputs"] for event in reversed(told) if event["event"] == "workflow_finished")
    return "\n".join(value if isinstance(value, str) else json.dumps(value) for value in outputs.values())


@pytest.fixture(scope="module")
def runs(open_program: Program, owner: httpx2.Client, studio: Studio) -> Iterator[Runs]:
    connect_model(owner, studio.url)
    dataset_id = create_dataset(owner)
    with open_program.service(create_knowledge_key(owner)) as knowledge, receiving() as archive:
        added = add_text(knowledge, dataset_id, "Warranty", "Every kettle carries a warranty of thirty months.")
        await_indexing(knowledge, dataset_id, added["batch"])
        yield Runs(open_program, owner, dataset_id, archive)


@pytest.mark.parametrize("mode", MODES)
def test_orders_are_listed(runs: Runs, mode: str) -> None:
    with runs.client("order_list", mode) as client:
        told = runs.run(client, mode, {"items": "tea\n\nbiscuits\n", "customer": "Ada"})
    assert "ADA" in said(told, mode)
    assert "1. biscuits" in said(told, mode)
    assert "3" in said(told, mode)


@pytest.mark.parametrize("mode", MODES)
def test_questions_are_answered_from_the_handbook(runs: Runs, studio: Studio, mode: str) -> None:
    def reply(body: dict[str, Any]) -> str:
        about = "1" if "how long" in str(body["messages"][-1]["content"]).lower() else "2"
        classifying = "category_id" in str(body["messages"][0]["content"])
        return json.dumps({"category_id": about}) if classifying else "Thirty months."

    studio.say = reply
    with runs.client("support_chat", mode) as client:
        query = "How long is the warranty?"
        told = runs.run(client, mode, {"query": query}, query)
        assert said(told, mode).strip() == "Thirty months."
        assert "thirty months" in str(studio.asked[-1]["messages"])
        query = "Who are you?"
        told = runs.run(client, mode, {"query": query}, query)
        politely = f"I can only help with the product. You asked: {query}"
        assert said(told, mode).strip() == ("" if mode == "workflow" else politely)


@pytest.mark.parametrize("mode", MODES)
def test_contracts_are_reviewed(runs: Runs, studio: Studio, mode: str) -> None:
    amount = 0

    def reply(body: dict[str, Any]) -> str:
        extracting = "The parameters, as a JSON Schema" in str(body["messages"])
        return json.dumps({"partner": "Kettles Ltd.", "amount": amount}) if extracting else "Review it in May."

    studio.say = reply
    with runs.client("contract_review", mode) as client:
        file_id = client.post("/files/upload", files={"file": CONTRACT}, data=USER).raise_for_status().json()["id"]
        inputs = {"contract": {"type": "document", "transfer_method": "local_file", "upload_file_id": file_id}}
        runs.run(client, mode, inputs)
        assert json.loads(runs.archive.received[-1][1])["partner"] == "Kettles Ltd."
        runs.archive.statuses[:] = [500] * 3
        assert "Not archived" in said(runs.run(client, mode, inputs), mode)
        amount = 20_000
        assert "Review it in May." in said(runs.run(client, mode, inputs, action="approve"), mode)
        assert "Too dear." in said(runs.run(client, mode, inputs, action="reject"), mode)


def test_a_file_is_fetched_from_where_it_is(owner: httpx2.Client) -> None:
    class Folder(SimpleHTTPRequestHandler):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given, directory=str(FILES))

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Folder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        place = f"http://127.0.0.1:{server.server_port}"
        body = {"mode": "yaml-url", "yaml_url": f"{place}/order_list.yml"}
        brought = owner.post("/apps/imports", json=body).raise_for_status().json()
        gone = owner.post("/apps/imports", json={**body, "yaml_url": f"{place}/nothing.yml"})
        server.shutdown()
    assert brought["status"] == "completed"
    exported = owner.get(f"/apps/{brought['app_id']}/export").raise_for_status().json()["data"]
    assert exported == (FILES / "order_list.yml").read_text()
    assert_uniform(gone, 400, "remote_file_error")


@pytest.mark.parametrize("mode", MODES)
def test_every_type_of_node_was_run(runs: Runs, mode: str) -> None:
    if not all(runs.succeeded.values()):
        pytest.skip("the runs before were not selected")
    elsewhere = {ENDS[other] for other in MODES if other != mode}
    assert runs.succeeded[mode] == set(NODE_TYPES) - elsewhere
