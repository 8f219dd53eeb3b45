"""Apps as files: every type of node goes in and out unchanged, and what cannot be used is refused with its causes."""

from pathlib import Path
from typing import Any

import httpx2
import jsonschema_rs
import pytest
import yaml

from engine.app_file import CURRENT_VERSION
from engine.workflow import NODE_TYPES
from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app, create_dataset

FILES = sorted((Path(__file__).resolve().parents[1] / "app_files").glob("*.yml"))
ROUTER = Path(__file__).resolve().parents[1] / "app_files" / "another_editor" / "router.yml"
IMPORTS = "/apps/imports"


def bring(console: httpx2.Client, text: str, **wishes: Any) -> httpx2.Response:
    """Import a text."""
    return console.post(IMPORTS, json={"mode": "yaml-content", "yaml_content": text, **wishes})


def export(console: httpx2.Client, app_id: str) -> str:
    """Export an app."""
    return str(console.get(f"/apps/{app_id}/export").raise_for_status().json()["data"])


def file_of(**changes: Any) -> str:
    """A small app file."""
    graph = {"nodes": [{"id": "start", "data": {"type": "start", "title": "Start"}}], "edges": []}
    app = {"name": "Small", "mode": "workflow"}
    return yaml.safe_dump(
        {"app": app, "kind": "app", "version": CURRENT_VERSION, "workflow": {"graph": graph}, **changes}
    )


def test_the_files_have_every_type_of_node() -> None:
    graphs = [yaml.safe_load(path.read_text())["workflow"]["graph"] for path in FILES]
    assert {node["data"]["type"] for graph in graphs for node in graph["nodes"]} == set(NODE_TYPES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_goes_in_and_out_unchanged(console: httpx2.Client, path: Path) -> None:
    text = path.read_text()
    dataset_id = create_dataset(console)
    text = text.replace("0193f0a2-6d1c-7c5e-9a57-2f0d6c6f0c06", dataset_id)
    first = bring(console, text)
    assert (first.status_code, first.json()["status"], first.json()["error"]) == (200, "completed", "")
    app_id = first.json()["app_id"]
    exported = export(console, app_id)
    assert exported == text
    again = bring(console, exported).raise_for_status().json()["app_id"]
    assert export(console, again) == exported
    replaced = bring(console, exported, app_id=app_id).raise_for_status().json()
    assert replaced["app_id"] == app_id
    assert export(console, app_id) == exported
    assert console.post(f"/apps/{app_id}/workflows/draft/validate").json() == {"result": "success"}
    assert console.post(f"/apps/{app_id}/workflows/publish").json()["version"] == "v1.0.0"
    assert console.get(f"{IMPORTS}/{app_id}/check-dependencies").json() == {"leaked_dependencies": []}


def test_a_file_of_another_editor_is_taken_published_and_kept(console: httpx2.Client) -> None:
    answer = bring(console, ROUTER.read_text()).raise_for_status().json()
    assert (answer["status"], answer["imported_dsl_version"]) == ("completed-with-warnings", "0.4.0")
    app = f"/apps/{answer['app_id']}"
    assert console.post(f"{app}/workflows/draft/validate").json() == {"result": "success"}
    assert console.post(f"{app}/workflows/publish").json()["version"] == "v1.0.0"
    exported = export(console, answer["app_id"])
    again = bring(console, exported).raise_for_status().json()
    assert (again["status"], export(console, again["app_id"])) == ("completed", exported)
    given, kept = yaml.safe_load(ROUTER.read_text()), yaml.safe_load(exported)
    assert kept["workflow"]["graph"] == given["workflow"]["graph"]
    assert kept["workflow"]["features"] == given["workflow"]["features"]
    assert kept["workflow"]["conversation_variables"] == given["workflow"]["conversation_variables"]


def test_the_files_follow_the_published_schema(program: Program) -> None:
    with program.client("/console/api") as anonymous:
        schema = anonymous.get("/apps/dsl-schema").raise_for_status().json()
    validator = jsonschema_rs.Draft202012Validator(schema)
    for path in [*FILES, ROUTER]:
        value = yaml.safe_load(path.read_text())
        assert [error.message for error in validator.iter_errors(value)] == []
    assert not validator.is_valid({"app": {"name": "x", "mode": "teleport"}})
    value["workflow"]["graph"]["nodes"][0]["data"]["type"] = "teleport"
    (error,) = validator.iter_errors(value)
    assert list(error.instance_path) == ["workflow", "graph", "nodes", 0, "data", "type"]


def test_what_the_workspace_lacks_is_told(console: httpx2.Client) -> None:
    text = next(path for path in FILES if path.stem == "support_chat").read_text()
    text = text.replace("openai_api_compatible", "acme/brain/brain")
    answer = bring(console, text).raise_for_status().json()
    assert answer["status"] == "completed-with-warnings"
    assert "0193f0a2-6d1c-7c5e-9a57-2f0d6c6f0c06" in answer["error"]
    assert "acme/brain" in answer["error"]
    lacking = console.get(f"{IMPORTS}/{answer['app_id']}/check-dependencies").json()["leaked_dependencies"]
    assert [each["value"] for each in lacking] == [{"plugin_unique_identifier": "acme/brain/brain"}]
    refused = assert_uniform(console.post(f"/apps/{answer['app_id']}/workflows/publish"), 400, "invalid_workflow")
    assert refused["details"][0]["field"] == "nodes.search.dataset_ids"


@pytest.mark.parametrize(("version", "status"), [("0.1.5", "completed-with-warnings"), (CURRENT_VERSION, "completed")])
def test_older_files_are_taken(console: httpx2.Client, version: str, status: str) -> None:
    assert bring(console, file_of(version=version)).raise_for_status().json()["status"] == status


@pytest.mark.parametrize("version", ["0.99.0", "1.0.0"])
def test_newer_files_wait_to_be_confirmed(console: httpx2.Client, program: Program, version: str) -> None:
    waiting = bring(console, file_of(version=version), name="Confirmed")
    assert (waiting.status_code, waiting.json()["status"], waiting.json()["app_id"]) == (202, "pending", None)
    place = f"{IMPORTS}/{waiting.json()['id']}/confirm"
    with new_owner(program).console(program) as stranger:
        assert_uniform(stranger.post(place), 404, "not_found")
    done = console.post(place).raise_for_status().json()
    assert (done["status"], done["imported_dsl_version"]) == ("completed-with-warnings", version)
    assert console.get(f"/apps/{done['app_id']}").json()["name"] == "Confirmed"
    assert_uniform(console.post(place), 404, "not_found")


@pytest.mark.parametrize(
    "told", [{}, {"keywords": ""}, {"keywords": ["venom"]}, {"keywords": "venom\n" * 101}, "venom", None]
)
def test_a_file_whose_list_of_words_is_no_use_is_taken_with_a_warning(console: httpx2.Client, told: Any) -> None:
    config = {"sensitive_word_avoidance": {"enabled": True, "type": "keywords", "config": told}}
    file = {"app": {"name": "Careful", "mode": "chat"}, "version": CURRENT_VERSION, "model_config": config}
    answer = bring(console, yaml.safe_dump(file)).raise_for_status().json()
    assert answer["status"] == "completed-with-warnings"
    assert "keywords" in answer["error"]
    exported = export(console, answer["app_id"])
    assert yaml.safe_load(exported)["model_config"]["sensitive_word_avoidance"] == config["sensitive_word_avoidance"]


def test_old_files_leave_out_much(console: httpx2.Client) -> None:
    text = "app: {name: Old, mode: chat}\nmodel_config: {pre_prompt: Be kind.}\n"
    answer = bring(console, text).raise_for_status().json()
    assert (answer["imported_dsl_version"], answer["app_mode"]) == ("0.1.0", "chat")
    app = console.get(f"/apps/{answer['app_id']}").json()
    assert app["model_config"]["pre_prompt"] == "Be kind."
    exported = export(console, answer["app_id"])
    again = bring(console, exported).raise_for_status().json()["app_id"]
    assert export(console, again) == exported


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("[1, 2", None),
        ("- a list", None),
        ("[" * 50_000, None),
        ("a: &a [1]\nb: [*a, " + "*a, " * 250_000 + "*a]", None),
        ("a: &a\n  b: *a", None),
        ("k: !!python/object/apply:os.system [ls]", None),
        ("app: {name: X}", "app.mode"),
        (file_of(kind="dataset"), "kind"),
        (file_of(version="latest"), "version"),
        (file_of(workflow=None), "workflow"),
        (file_of(workflow={"graph": {"nodes": 3}}), "workflow.graph.nodes"),
        (
            file_of(workflow={"graph": {"nodes": [{"id": "hook", "data": {"type": "trigger-webhook"}}], "edges": []}}),
            "workflow.graph.nodes.hook.type",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(console: httpx2.Client, text: str, field: str | None) -> None:
    refused = assert_uniform(bring(console, text), 400, "invalid_app_file")
    if field is not None:
        assert field in [detail["field"] for detail in refused["details"]]


def test_a_file_is_fetched_through_the_guard(console: httpx2.Client) -> None:
    for url in ("http://127.0.0.1:1/app.yml", "http://169.254.169.254/latest", "file:///etc/passwd"):
        body = {"mode": "yaml-url", "yaml_url": url}
        assert_uniform(console.post(IMPORTS, json=body), 400, "egress_denied")
    assert_uniform(console.post(IMPORTS, json={"mode": "yaml-url"}), 400, "invalid_app_file")


def test_a_draft_is_replaced_by_a_file_of_its_mode_only(console: httpx2.Client, program: Program, app_id: str) -> None:
    chat = create_app(console, mode="advanced-chat")
    assert_uniform(bring(console, file_of(), app_id=chat), 400, "app_mode_mismatch")
    assert_uniform(bring(console, file_of(), app_id=app_id), 400, "app_mode_mismatch")
    with new_owner(program).console(program) as stranger:
        assert_uniform(bring(stranger, file_of(), app_id=chat), 404, "app_not_found")


def test_a_secret_outlives_its_own_file(console: httpx2.Client) -> None:
    text = next(path for path in FILES if path.stem == "contract_review").read_text()
    app_id = bring(console, text).raise_for_status().json()["app_id"]
    variables = console.get(f"/apps/{app_id}/workflows/draft").json()["environment_variables"]
    variables[0]["value"] = "open sesame"
    place = f"/apps/{app_id}/workflows/draft/environment-variables"
    console.post(place, json={"environment_variables": variables}).raise_for_status()
    bring(console, export(console, app_id), app_id=app_id).raise_for_status()
    params = {"include_secret": "true"}
    assert "open sesame" in console.get(f"/apps/{app_id}/export", params=params).json()["data"]
    copied = console.post(f"/apps/{app_id}/copy", json={"name": "Second"})
    assert (copied.status_code, copied.json()["name"]) == (201, "Second")
    assert "open sesame" in console.get(f"/apps/{copied.json()['id']}/export", params=params).json()["data"]


def test_a_prompt_is_copied_with_its_knowledge(console: httpx2.Client) -> None:
    dataset_id = create_dataset(console)
    source = create_app(console, name="First", description="One")
    chosen = {"datasets": {"datasets": [{"dataset": {"id": dataset_id, "enabled": True}}]}}
    config = {"pre_prompt": "Be kind.", "dataset_configs": {"retrieval_model": "multiple", **chosen}}
    console.post(f"/apps/{source}/model-config", json=config).raise_for_status()
    copied = console.post(f"/apps/{source}/copy").raise_for_status().json()
    assert (copied["name"], copied["description"]) == ("First", "One")
    assert copied["model_config"]["pre_prompt"] == "Be kind."
    assert copied["site"]["code"] != console.get(f"/apps/{source}").json()["site"]["code"]
    assert console.get(f"/datasets/{dataset_id}/related-apps").json()["total"] == 2


@pytest.mark.parametrize(("mode", "new_mode"), [("chat", "advanced-chat"), ("completion", "workflow")])
def test_a_prompt_becomes_a_graph(console: httpx2.Client, mode: str, new_mode: str) -> None:
    dataset_id = create_dataset(console)
    source = create_app(console, mode=mode)
    form = [{"paragraph": {"variable": "query", "label": "Question", "required": True}}]
    chosen = {"datasets": {"datasets": [{"dataset": {"id": dataset_id, "enabled": True}}]}}
    config = {
        "pre_prompt": "Answer {{query}} kindly.",
        "user_input_form": form,
        "opening_statement": "Hello",
        "dataset_query_variable": "query",
        "dataset_configs": {"retrieval_model": "multiple", **chosen},
    }
    console.post(f"/apps/{source}/model-config", json=config).raise_for_status()
    made = console.post(f"/apps/{source}/convert-to-workflow", json={"name": "Graph"}).raise_for_status().json()
    new = f"/apps/{made['new_app_id']}"
    app = console.get(new).json()
    assert (app["mode"], app["name"], app["model_config"]) == (new_mode, "Graph", None)
    graph = console.get(f"{new}/workflows/draft").json()["graph"]
    by_id = {node["id"]: node["data"] for node in graph["nodes"]}
    assert by_id["knowledge"]["dataset_ids"] == [dataset_id]
    assert "{{#start.query#}}" in by_id["llm"]["prompt_template"][0]["text"]
    assert console.post(f"{new}/workflows/draft/validate").json() == {"result": "success"}
    assert_uniform(console.post(f"{new}/convert-to-workflow"), 400, "app_mode_mismatch")
