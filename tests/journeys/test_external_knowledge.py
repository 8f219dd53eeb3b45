"""Knowledge bases that are kept elsewhere: connected, searched alone and beside others, and refused."""

from typing import Any
from uuid import uuid4

import httpx2

from tests.journeys.connected import connect_model
from tests.journeys.program import Program
from tests.journeys.resources import (
    add_text,
    assert_uniform,
    await_indexing,
    create_app,
    create_app_key,
    create_dataset,
    create_knowledge_key,
)
from tests.journeys.studio import KNOWLEDGE_KEY, Studio

APIS = "/datasets/external-knowledge-api"
TEA, COFFEE = "Tea is drunk at five.", "Coffee is drunk at ten."


def connected(console: httpx2.Client, endpoint: str, key: str = KNOWLEDGE_KEY) -> dict[str, Any]:
    """Connect an external knowledge API."""
    body = {"name": "Archive", "settings": {"endpoint": endpoint, "api_key": key}}
    answer = console.post(APIS, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def made(console: httpx2.Client, api_id: str, knowledge_id: str = "customs", **settings: Any) -> dict[str, Any]:
    """Make an external dataset."""
    names = {"external_knowledge_api_id": api_id, "external_knowledge_id": knowledge_id}
    body = {"name": f"Archive {uuid4().hex[:6]}", **names, **settings}
    answer = console.post("/datasets/external", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_an_api_is_kept_with_its_key_masked(console: httpx2.Client) -> None:
    api = connected(console, "https://search.example.com")
    place = f"{APIS}/{api['id']}"
    assert KNOWLEDGE_KEY not in str(api)
    assert console.get(place).raise_for_status().json() == api
    assert api["id"] in [one["id"] for one in console.get(APIS, params={"keyword": "arch"}).json()["data"]]
    assert console.get(f"{place}/use-check").raise_for_status().json() == {"is_using": False, "count": 0}
    changed = {"name": "Library", "settings": {**api["settings"], "endpoint": "https://library.example.com"}}
    answer = console.patch(place, json=changed).raise_for_status().json()
    assert answer == {**api, **changed}
    dataset = made(console, api["id"])
    assert dataset["provider"] == "external"
    assert dataset["external_knowledge_info"] == {
        "external_knowledge_id": "customs",
        "external_knowledge_api_id": api["id"],
        "external_knowledge_api_name": "Library",
        "external_knowledge_api_endpoint": "https://library.example.com",
    }
    bound = [{"id": dataset["id"], "name": dataset["name"]}]
    assert console.get(place).json()["dataset_bindings"] == bound
    assert_uniform(console.delete(place), 409, "conflict")
    update = {"external_knowledge_id": "more", "external_retrieval_model": {"top_k": 7, "score_threshold": 0.2}}
    shown = console.patch(f"/datasets/{dataset['id']}", json=update).raise_for_status().json()
    assert shown["external_knowledge_info"]["external_knowledge_id"] == "more"
    assert shown["external_retrieval_model"]["top_k"] == 7
    free = connected(console, "https://other.example.com")
    assert console.delete(f"{APIS}/{free['id']}").status_code == 204
    assert_uniform(console.get(f"{APIS}/{free['id']}"), 404, "not_found")


def test_the_other_side_is_asked_as_documented(open_program: Program, owner: httpx2.Client, studio: Studio) -> None:
    dataset = made(owner, connected(owner, studio.knowledge_url)["id"], external_retrieval_model={"top_k": 5})
    conditions = {"conditions": [{"name": "year", "comparison_operator": ">", "value": 2020}]}
    body = {"query": "When is tea drunk?", "metadata_filtering_conditions": conditions}
    answer = owner.post(f"/datasets/{dataset['id']}/external-hit-testing", json=body).raise_for_status().json()
    assert [(one["content"], one["score"]) for one in answer["records"]] == [(TEA, 0.98), (COFFEE, 0.42)]
    assert answer["records"][0]["metadata"] == {"path": "s3://tea"}
    condition = {"name": ["year"], "comparison_operator": ">", "value": 2020}
    assert studio.knowledge_asked[-1] == {
        "knowledge_id": "customs",
        "query": "When is tea drunk?",
        "retrieval_setting": {"top_k": 5, "score_threshold": 0.0},
        "metadata_condition": {"logical_operator": "and", "conditions": [condition]},
    }
    strict = {"query": "tea", "external_retrieval_model": {"score_threshold": 0.5, "score_threshold_enabled": True}}
    answer = owner.post(f"/datasets/{dataset['id']}/external-hit-testing", json=strict).raise_for_status().json()
    assert [one["content"] for one in answer["records"]] == [TEA]
    with open_program.service(create_knowledge_key(owner)) as client:
        found = client.post(f"/datasets/{dataset['id']}/retrieve", json={"query": "tea"}).raise_for_status().json()
    assert [one["segment"]["content"] for one in found["records"]] == [TEA, COFFEE]
    asked = owner.get(f"/datasets/{dataset['id']}/queries").raise_for_status().json()["data"]
    assert [one["content"] for one in asked] == ["tea", "tea", "When is tea drunk?"]
    with open_program.service(create_knowledge_key(owner)) as client:
        text = {"name": "Tea", "text": TEA}
        assert_uniform(client.post(f"/datasets/{dataset['id']}/documents", json=text), 409, "conflict")


def test_an_app_answers_from_both_kinds(open_program: Program, owner: httpx2.Client, studio: Studio) -> None:
    with open_program.service(create_knowledge_key(owner)) as client:
        own = create_dataset(client)
        await_indexing(client, own, add_text(client, own, "Biscuits", "Biscuits are eaten with tea.")["batch"])
    away = made(owner, connected(owner, studio.knowledge_url)["id"])["id"]
    app_id = create_app(owner)
    chosen = [{"dataset": {"id": one, "enabled": True}} for one in (own, away)]
    configs = {"retrieval_model": "multiple", "top_k": 5, "datasets": {"datasets": chosen}}
    config = {"model": connect_model(owner, studio.url), "dataset_configs": configs}
    owner.post(f"/apps/{app_id}/model-config", json=config).raise_for_status()
    with open_program.service(create_app_key(owner, app_id)) as client:
        body = {"query": "tea", "inputs": {}, "user": "ada", "response_mode": "blocking"}
        answer = client.post("/chat-messages", json=body).raise_for_status().json()
    sources = answer["metadata"]["retriever_resources"]
    assert {one["document_name"] for one in sources} == {"Biscuits", "Customs"}
    assert {one["data_source_type"] for one in sources if one["dataset_id"] == away} == {"external"}
    assert [one["position"] for one in sources] == [1, 2, 3]
    assert [one["score"] for one in sources] == sorted((one["score"] for one in sources), reverse=True)


def test_a_refusal_is_told(owner: httpx2.Client, studio: Studio) -> None:
    def refused(dataset: dict[str, Any]) -> str:
        answer = owner.post(f"/datasets/{dataset['id']}/external-hit-testing", json={"query": "tea"})
        return str(assert_uniform(answer, 400, "completion_request_error")["message"])

    assert "does not exist" in refused(made(owner, connected(owner, studio.knowledge_url)["id"], "broken"))
    assert "Authorization failed" in refused(made(owner, connected(owner, studio.knowledge_url, "wrong")["id"]))


def test_the_private_network_is_not_asked(console: httpx2.Client, studio: Studio) -> None:
    before = len(studio.knowledge_asked)
    dataset = made(console, connected(console, studio.knowledge_url)["id"])
    answer = console.post(f"/datasets/{dataset['id']}/external-hit-testing", json={"query": "tea"})
    assert_uniform(answer, 400, "completion_request_error")
    assert len(studio.knowledge_asked) == before
