"""The editor of workflows: drafts, variables, versions, and everything that keeps a draft from being published."""

from typing import Any

import httpx2
import pytest

from tests.journeys.people import new_member
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app

HIDDEN = "[__HIDDEN__]"
UNKNOWN = "01930000-0000-7000-8000-000000000000"


def node(node_id: str, kind: str, **data: Any) -> dict[str, Any]:
    return {
        "id": node_id,
        "type": "custom",
        "position": {"x": 0, "y": 0},
        "data": {"type": kind, "title": kind, **data},
    }


def greeting(template: str = "Hello {{ name }}!") -> dict[str, Any]:
    """A graph that greets somebody."""
    form = [{"variable": "name", "label": "Name", "type": "text-input", "required": True}]
    reads = [{"variable": "name", "value_selector": ["start", "name"]}]
    outputs = [{"variable": "greeting", "value_selector": ["greet", "output"]}]
    return {
        "nodes": [
            node("start", "start", variables=form),
            node("greet", "template-transform", template=template, variables=reads),
            node("end", "end", outputs=outputs),
        ],
        "edges": [
            {"id": "a", "source": "start", "target": "greet"},
            {"id": "b", "source": "greet", "target": "end"},
        ],
        "viewport": {"x": 0, "y": 0, "zoom": 1},
    }


@pytest.fixture
def path(console: httpx2.Client) -> str:
    """A workflow app's workflows."""
    return f"/apps/{create_app(console, mode='workflow', name='Greeter')}/workflows"


def save(console: httpx2.Client, path: str, **body: Any) -> dict[str, Any]:
    """Save a draft."""
    answer = console.post(f"{path}/draft", json={"graph": greeting(), "features": {}, **body})
    return dict(answer.raise_for_status().json())


def test_a_draft_is_saved_and_read(console: httpx2.Client, path: str) -> None:
    assert_uniform(console.get(f"{path}/draft"), 400, "draft_workflow_not_exist")
    saved = save(console, path, features={"opening_statement": "Hello"})
    draft = console.get(f"{path}/draft").raise_for_status().json()
    assert draft["graph"] == greeting()
    assert draft["features"] == {"opening_statement": "Hello"}
    assert (draft["hash"], draft["version"], draft["updated_at"]) == (saved["hash"], "draft", saved["updated_at"])
    assert draft["created_by"]["name"] == "Charles"


def test_nobody_overwrites_another_change_unknowingly(console: httpx2.Client, path: str) -> None:
    first = save(console, path)["hash"]
    second = save(console, path, graph=greeting("Hi {{ name }}!"), hash=first)["hash"]
    assert second != first
    body = {"graph": greeting("Hey {{ name }}!"), "features": {}, "hash": first}
    assert_uniform(console.post(f"{path}/draft", json=body), 400, "draft_workflow_not_sync")
    assert console.get(f"{path}/draft").json()["hash"] == second
    assert save(console, path, graph=greeting("Hi {{ name }}!"), hash=second)["hash"] == second


def test_a_page_that_closes_saves_as_text(console: httpx2.Client, path: str) -> None:
    sent = b'{"graph": {"nodes": [], "edges": []}, "features": {}}'
    answer = console.post(f"{path}/draft", content=sent, headers={"content-type": "text/plain;charset=UTF-8"})
    assert answer.json()["result"] == "success"
    refused = console.post(f"{path}/draft", content=b'{"graph": 1}', headers={"content-type": "text/plain"})
    assert_uniform(refused, 400, "invalid_param")


def test_a_secret_is_kept_and_never_shown(console: httpx2.Client, path: str) -> None:
    secret = {"name": "key", "value_type": "secret", "value": "open sesame", "description": "Opens the cave."}
    number = {"name": "limit", "value_type": "number", "value": "12"}
    saved = save(console, path, environment_variables=[secret, number])
    shown = console.get(f"{path}/draft").json()
    assert "open sesame" not in str(shown)
    assert [each["value"] for each in shown["environment_variables"]] == [HIDDEN, 12]
    again = save(console, path, environment_variables=shown["environment_variables"], hash=saved["hash"])
    assert again["hash"] == saved["hash"]
    listed = console.get(f"{path}/draft/environment-variables").json()["items"]
    assert [(each["selector"], each["value"]) for each in listed] == [(["env", "key"], HIDDEN), (["env", "limit"], 12)]
    exported = console.get(f"{path.removesuffix('/workflows')}/export").json()["data"]
    assert "open sesame" not in exported
    params = {"include_secret": "true"}
    assert "open sesame" in console.get(f"{path.removesuffix('/workflows')}/export", params=params).json()["data"]


def test_an_editor_exports_no_secrets(program: Program, console: httpx2.Client, person: Any, path: str) -> None:
    save(console, path)
    export = f"{path.removesuffix('/workflows')}/export"
    with new_member(program, person.workspace_id, "editor").console(program) as editor:
        assert editor.get(export).status_code == 200
        assert_uniform(editor.get(export, params={"include_secret": "true"}), 403, "forbidden")
    with new_member(program, person.workspace_id, "normal").console(program) as normal:
        assert_uniform(normal.get(f"{path}/draft"), 403, "forbidden")


@pytest.mark.parametrize(
    ("variable", "field"),
    [
        ({"name": "n", "value_type": "number", "value": "many"}, "environment_variables.1.value"),
        ({"name": "n", "value_type": "string", "value": 3}, "environment_variables.1.value"),
        ({"name": "region", "value_type": "string", "value": "us"}, "environment_variables.1.name"),
    ],
)
def test_a_variable_has_one_name_and_a_value_of_its_type(
    console: httpx2.Client, path: str, variable: dict[str, Any], field: str
) -> None:
    save(console, path)
    region = {"name": "region", "value_type": "string", "value": "eu"}
    body = {"environment_variables": [region, variable]}
    refused = assert_uniform(console.post(f"{path}/draft/environment-variables", json=body), 400, "invalid_variable")
    assert [each["field"] for each in refused["details"]] == [field]


def test_parts_of_a_draft_are_saved_alone(console: httpx2.Client, path: str) -> None:
    body = {"features": {"opening_statement": "Hi"}}
    assert_uniform(console.post(f"{path}/draft/features", json=body), 400, "draft_workflow_not_exist")
    save(console, path)
    assert console.post(f"{path}/draft/features", json=body).json() == {"result": "success"}
    variables = {"environment_variables": [{"name": "region", "value_type": "string", "value": "eu"}]}
    assert console.post(f"{path}/draft/environment-variables", json=variables).json() == {"result": "success"}
    draft = console.get(f"{path}/draft").json()
    assert draft["graph"] == greeting()
    assert draft["features"] == {"opening_statement": "Hi"}
    assert draft["environment_variables"][0]["value"] == "eu"


def test_conversation_variables_are_draft_variables(console: httpx2.Client, path: str) -> None:
    save(console, path)
    declared = [
        {"name": "topics", "value_type": "array[string]"},
        {"name": "turns", "value_type": "number", "value": 1},
    ]
    place = f"{path}/draft/conversation-variables"
    assert console.post(place, json={"conversation_variables": declared}).json() == {"result": "success"}
    listed = console.get(place).json()["items"]
    assert [(each["name"], each["value"]) for each in listed] == [("topics", []), ("turns", 1)]
    one = f"{path}/draft/variables/{listed[1]['id']}"
    assert_uniform(console.patch(one, json={"value": "three"}), 400, "invalid_variable")
    assert_uniform(console.patch(one, json={"name": "topics"}), 400, "invalid_variable")
    changed = console.patch(one, json={"value": 3}).raise_for_status().json()
    assert (changed["value"], changed["edited"], changed["type"]) == (3, True, "conversation")
    assert console.post(place, json={"conversation_variables": declared}).status_code == 200
    assert console.get(one).json()["value"] == 3
    reset = console.put(f"{one}/reset").raise_for_status().json()
    assert (reset["value"], reset["edited"]) == (1, False)
    assert console.get(f"{path}/draft/variables").json()["total"] == 2
    assert "value" not in console.get(f"{path}/draft/variables").json()["items"][0]
    assert console.delete(one).status_code == 204
    assert_uniform(console.get(one), 404, "not_found")
    assert console.delete(f"{path}/draft/variables").status_code == 204
    assert console.get(place).json() == {"items": []}


def test_every_violation_is_told(console: httpx2.Client, path: str) -> None:
    graph = greeting()
    graph["nodes"][1]["data"]["variables"][0]["value_selector"] = ["nowhere", "name"]
    graph["nodes"] += [node("odd", "trigger-webhook"), node("alone", "http-request", url="")]
    graph["edges"].append({"id": "c", "source": "greet", "target": "gone"})
    save(console, path, graph=graph)
    for place in (f"{path}/draft/validate", f"{path}/publish"):
        refused = assert_uniform(console.post(place), 400, "invalid_workflow")
        told = {(each["field"], each["type"]) for each in refused["details"]}
        assert ("nodes.odd.type", "enum") in told
        assert ("edges.2.target", "reference") in told
        assert ("nodes.greet.variables.0.value_selector", "reference") in told
        assert any(field.startswith("nodes.alone.") for field, _ in told)
    assert console.get(f"{path}/publish").json() is None
    save(console, path)
    assert console.post(f"{path}/draft/validate").json() == {"result": "success"}


def test_versions_count_up_and_never_change(console: httpx2.Client, path: str) -> None:
    assert_uniform(console.post(f"{path}/publish"), 400, "draft_workflow_not_exist")
    unpublished = console.get(f"{path}/publish")
    assert (unpublished.status_code, unpublished.text) == (200, "null")
    save(console, path)
    first = console.post(f"{path}/publish").raise_for_status().json()
    save(console, path, graph=greeting("Hi {{ name }}!"))
    second = console.post(f"{path}/publish", json={"marked_name": "Spring"}).raise_for_status().json()
    minor = console.post(f"{path}/publish", json={"bump": "minor"}).raise_for_status().json()
    major = console.post(f"{path}/publish", json={"bump": "major"}).raise_for_status().json()
    made = [first, second, minor, major]
    assert [each["version"] for each in made] == ["v1.0.0", "v1.0.1", "v1.1.0", "v2.0.0"]
    assert first["published_at"] == first["created_at"]
    current = console.get(f"{path}/publish").raise_for_status().json()
    assert (current["version"], current["id"]) == ("v2.0.0", major["id"])
    assert console.get(path.removesuffix("/workflows")).json()["workflow"]["id"] == major["id"]
    listed = console.get(path).raise_for_status().json()
    assert [each["version"] for each in listed["items"]] == ["draft", "v2.0.0", "v1.1.0", "v1.0.1", "v1.0.0"]
    assert listed["items"][-1]["graph"] == greeting()
    named = console.get(path, params={"named_only": "true"}).json()["items"]
    assert [each["marked_name"] for each in named] == ["Spring"]
    page = console.get(path, params={"limit": 2, "page": 2}).json()
    assert ([each["version"] for each in page["items"]], page["has_more"]) == (["v1.1.0", "v1.0.1"], True)


def test_a_version_is_named_restored_and_deleted(console: httpx2.Client, path: str) -> None:
    secret = [{"name": "key", "value_type": "secret", "value": "open sesame"}]
    save(console, path, environment_variables=secret)
    first = console.post(f"{path}/publish").raise_for_status().json()
    save(console, path, graph=greeting("Hi {{ name }}!"), environment_variables=[])
    second = console.post(f"{path}/publish").raise_for_status().json()
    mark = {"marked_name": "First", "marked_comment": "Where it all began."}
    named = console.patch(f"{path}/{first['id']}", json=mark).raise_for_status().json()
    assert (named["marked_name"], named["marked_comment"], named["version"]) == (*mark.values(), "v1.0.0")
    assert_uniform(console.patch(f"{path}/{first['id']}", json={"marked_name": "x" * 21}), 400, "invalid_param")
    console.post(f"{path}/{first['id']}/restore").raise_for_status()
    draft = console.get(f"{path}/draft").json()
    assert (draft["graph"], draft["environment_variables"][0]["value"]) == (greeting(), HIDDEN)
    assert_uniform(console.delete(f"{path}/{second['id']}"), 400, "invalid_action")
    assert_uniform(console.delete(f"{path}/{draft['id']}"), 400, "invalid_action")
    assert console.delete(f"{path}/{first['id']}").status_code == 204
    assert_uniform(console.post(f"{path}/{first['id']}/restore"), 404, "not_found")
    assert console.post(f"{path}/publish").json()["version"] == "v1.0.2"


def test_the_versions_of_another_app_are_not_reached(console: httpx2.Client, path: str) -> None:
    other = f"/apps/{create_app(console, mode='workflow')}/workflows"
    save(console, other)
    theirs = console.post(f"{other}/publish").raise_for_status().json()["id"]
    assert_uniform(console.patch(f"{path}/{theirs}", json={"marked_name": "Mine"}), 404, "not_found")
    assert_uniform(console.delete(f"{path}/{theirs}"), 404, "not_found")
    assert_uniform(console.post(f"{path}/{theirs}/restore"), 404, "not_found")
    app = path.removesuffix("/workflows")
    assert_uniform(console.get(f"{app}/export", params={"workflow_id": theirs}), 404, "not_found")


def test_new_nodes_begin_with_something(console: httpx2.Client, path: str) -> None:
    place = f"{path}/default-workflow-block-configs"
    listed = {each["type"]: each["config"] for each in console.get(place).raise_for_status().json()}
    assert listed["code"]["code_language"] == "python3"
    assert "llm" in listed
    script = console.get(f"{place}/code", params={"q": '{"code_language": "javascript"}'}).json()["config"]
    assert script["code"].startswith("function main")
    assert console.get(f"{place}/code", params={"q": "no JSON"}).json()["config"] == listed["code"]
    assert_uniform(console.get(f"{place}/teleport"), 400, "invalid_param")


def test_an_app_with_a_prompt_has_no_workflow(console: httpx2.Client, app_id: str, path: str) -> None:
    place = f"/apps/{app_id}/workflows"
    assert_uniform(console.get(f"{place}/draft"), 400, "not_workflow_app")
    assert_uniform(console.post(f"{place}/publish"), 400, "not_workflow_app")
    assert_uniform(console.get(f"/apps/{UNKNOWN}/workflows/draft"), 404, "app_not_found")
    refused = console.post(f"{path.removesuffix('/workflows')}/model-config", json={"pre_prompt": "Be kind."})
    assert_uniform(refused, 404, "app_not_found")
