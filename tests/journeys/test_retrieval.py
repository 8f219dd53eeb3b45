"""Searches over HTTP: filters on metadata, reranking models, places in the plane, several knowledge bases in an app."""

from typing import Any

import httpx2
import orjson
import pytest

from tests.journeys.graphs import end, graph, node, published_app, start
from tests.journeys.program import Program
from tests.journeys.resources import (
    add_text,
    assert_uniform,
    await_indexing,
    create_app,
    create_app_key,
    create_dataset,
)
from tests.journeys.studio import LIKED, Studio

TEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    "Kettle": ("A kettle boils water for the tea.", {"product": "kettle", "year": 2024}),
    "Pump": ("A pump moves water to the roof.", {"product": "pump", "year": 2019}),
    "Water": (f"Water and a {LIKED} are served in the hall.", {"year": 2021}),
}
RERANKING = {
    "reranking_enable": True,
    "reranking_mode": "reranking_model",
    "reranking_model": {"reranking_provider_name": "openai_api_compatible", "reranking_model_name": "judge-rerank"},
}


@pytest.fixture(scope="module")
def documents(knowledge_client: httpx2.Client, dataset_id: str) -> dict[str, str]:
    """The ids of indexed documents with metadata, by name."""
    made = {}
    for name, (text, _) in TEXTS.items():
        answer = add_text(knowledge_client, dataset_id, name, text)
        await_indexing(knowledge_client, dataset_id, answer["batch"])
        made[name] = answer["document"]["id"]
    place = f"/datasets/{dataset_id}/metadata"
    fields = {
        name: knowledge_client.post(place, json={"name": name, "type": kind}).raise_for_status().json()["id"]
        for name, kind in (("product", "string"), ("year", "number"))
    }
    operations = [
        {
            "document_id": made[name],
            "metadata_list": [{"id": fields[key], "name": key, "value": value} for key, value in values.items()],
        }
        for name, (_, values) in TEXTS.items()
    ]
    knowledge_client.post(
        f"/datasets/{dataset_id}/documents/metadata", json={"operation_data": operations}
    ).raise_for_status()
    return made


def names(client: httpx2.Client, dataset_id: str, query: str = "water", **settings: Any) -> list[str]:
    answer = client.post(f"/datasets/{dataset_id}/retrieve", json={"query": query, "retrieval_model": settings})
    assert answer.status_code == 200, answer.text
    return [record["segment"]["document"]["name"] for record in answer.json()["records"]]


def where(*conditions: tuple[str, str, Any], joined: str = "and") -> dict[str, Any]:
    listed = [{"name": name, "comparison_operator": operator, "value": value} for name, operator, value in conditions]
    return {"logical_operator": joined, "conditions": listed}


@pytest.mark.usefixtures("documents")
def test_conditions_choose_documents(knowledge_client: httpx2.Client, dataset_id: str) -> None:
    def found(*conditions: tuple[str, str, Any], **more: Any) -> set[str]:
        return set(names(knowledge_client, dataset_id, metadata_filtering_conditions=where(*conditions, **more)))

    assert found() == set(TEXTS)
    assert found(("product", "is", "pump")) == {"Pump"}
    assert found(("year", ">", 2020), ("product", "not empty", None)) == {"Kettle"}
    assert found(("product", "empty", None), ("year", "<", "2020"), joined="or") == {"Pump", "Water"}
    assert found(("document_name", "in", ["Water", "Wine"])) == {"Water"}
    assert found(("product", "is", "wine")) == set()
    wrong = {"query": "water", "retrieval_model": {"metadata_filtering_conditions": where(("year", ">", "soon"))}}
    assert_uniform(
        knowledge_client.post(f"/datasets/{dataset_id}/retrieve", json=wrong), 400, "invalid_retrieval_model"
    )


def test_what_is_switched_off_is_not_found(knowledge_client: httpx2.Client, dataset_id: str, documents: Any) -> None:
    status = f"/datasets/{dataset_id}/documents/status"
    for off, on in (("disable", "enable"), ("archive", "un_archive")):
        knowledge_client.patch(f"{status}/{off}", json={"document_ids": [documents["Pump"]]}).raise_for_status()
        assert "Pump" not in names(knowledge_client, dataset_id)
        knowledge_client.patch(f"{status}/{on}", json={"document_ids": [documents["Pump"]]}).raise_for_status()
        assert "Pump" in names(knowledge_client, dataset_id)


@pytest.mark.usefixtures("documents", "model")
def test_a_reranking_model_decides_the_order(knowledge_client: httpx2.Client, dataset_id: str, studio: Studio) -> None:
    studio.reranked.clear()
    query = {"query": "A pump moves water", "retrieval_model": {**RERANKING, "top_k": 2, "score_threshold": 0.5}}
    answer = knowledge_client.post(f"/datasets/{dataset_id}/retrieve", json=query)
    assert answer.status_code == 200, answer.text
    [record] = answer.json()["records"]
    assert record["segment"]["document"]["name"] == "Water"
    assert record["score"] == 0.95
    [asked] = studio.reranked
    assert asked["model"] == "judge-rerank"
    assert len(asked["documents"]) == len(TEXTS)
    assert names(knowledge_client, dataset_id, "A pump moves water", reranking_enable=False)[0] == "Pump"
    unknown = {**RERANKING, "reranking_model": {"reranking_provider_name": "nobody", "reranking_model_name": "x"}}
    refused = knowledge_client.post(
        f"/datasets/{dataset_id}/retrieve", json={"query": "water", "retrieval_model": unknown}
    )
    assert_uniform(refused, 404, "provider_not_found")


@pytest.mark.usefixtures("documents")
def test_the_question_and_the_passages_get_places(console: httpx2.Client, dataset_id: str) -> None:
    asked = {"query": "water", "with_positions": True}
    answer = console.post(f"/datasets/{dataset_id}/hit-testing", json=asked).raise_for_status().json()
    points = [answer["query"]["tsne_position"], *(record["tsne_position"] for record in answer["records"])]
    assert len(points) == 1 + len(TEXTS)
    assert all(-1 <= point[axis] <= 1 for point in points for axis in "xy")
    assert console.post(f"/datasets/{dataset_id}/hit-testing", json=asked).json() == {
        **answer,
        "records": [
            {**record, "segment": {**record["segment"], "hit_count": record["segment"]["hit_count"] + 1}}
            for record in answer["records"]
        ],
    }
    plain = console.post(f"/datasets/{dataset_id}/hit-testing", json={"query": "water"}).raise_for_status().json()
    assert [record["tsne_position"] for record in plain["records"]] == [None] * len(TEXTS)


@pytest.mark.usefixtures("documents")
def test_an_app_asks_the_knowledge_base_that_its_model_chooses(
    program: Program,
    console: httpx2.Client,
    knowledge_client: httpx2.Client,
    dataset_id: str,
    studio: Studio,
    model: Any,
) -> None:
    other = create_dataset(knowledge_client, description="All about gardens")
    batch = add_text(knowledge_client, other, "Garden", "Water the roses every day.")["batch"]
    await_indexing(knowledge_client, other, batch)
    chosen = [{"dataset": {"id": one, "enabled": True}} for one in (dataset_id, other)]

    def sources(said: str, **configs: Any) -> set[str]:
        studio.say = lambda body: said if "JSON object" in str(body["messages"]) else "Water."
        app_id = create_app(console)
        settings = {"datasets": {"datasets": chosen}, "top_k": 10, **configs}
        console.post(
            f"/apps/{app_id}/model-config", json={"model": model, "dataset_configs": settings}
        ).raise_for_status()
        with program.service(create_app_key(console, app_id)) as client:
            body = {"query": "water", "inputs": {}, "user": "ada", "response_mode": "blocking"}
            answer = client.post("/chat-messages", json=body)
            assert answer.status_code == 200, answer.text
            return {one["document_name"] for one in answer.json()["metadata"]["retriever_resources"]}

    numbers = {one: place for place, one in enumerate(sorted([dataset_id, other]), 1)}
    assert sources("", retrieval_model="multiple") == {*TEXTS, "Garden"}
    assert sources(f'{{"knowledge_base": {numbers[other]}}}', retrieval_model="single") == {"Garden"}
    assert sources('{"knowledge_base": 0}', retrieval_model="single") == set()
    assert sources("I cannot say.", retrieval_model="single") == {*TEXTS, "Garden"}
    year = where(("year", ">", 2020))
    assert sources("", metadata_filtering_mode="manual", metadata_filtering_conditions=year) == {"Kettle", "Water"}
    read = (
        '{"logical_operator": "and", "conditions": [{"name": "product", "comparison_operator": "is", "value": "pump"}]}'
    )
    assert sources(read, metadata_filtering_mode="automatic") == {"Pump"}
    assert sources("", reranking_enable=True, reranking_model=RERANKING["reranking_model"], top_k=1) == {"Water"}
    asked = console.get(f"/datasets/{other}/queries").raise_for_status().json()["data"]
    assert {one["source"] for one in asked} == {"app"}
    assert {one["created_by_role"] for one in asked} == {"end_user"}
    assert all(one["source_app_id"] for one in asked)


def search_node(dataset_id: str, **filtering: Any) -> dict[str, Any]:
    """Return a node that searches a knowledge base for the run's question, among the documents that a filter leaves."""
    return node(
        "search",
        "knowledge-retrieval",
        query_variable_selector=["start", "query"],
        dataset_ids=[dataset_id],
        retrieval_mode="multiple",
        multiple_retrieval_config={"top_k": 5},
        **filtering,
    )


@pytest.mark.usefixtures("documents", "model")
def test_a_node_filters_by_what_a_run_is_given(program: Program, console: httpx2.Client, dataset_id: str) -> None:
    search = search_node(
        dataset_id,
        metadata_filtering_mode="manual",
        metadata_filtering_conditions=where(("product", "is", "{{#start.product#}}")),
    )
    drawn = graph([start("query", "product"), search, end(found=["search", "result"])], "start>search", "search>end")
    app_id = published_app(console, "workflow", drawn)
    with program.service(create_app_key(console, app_id)) as client:
        inputs = {"query": "water", "product": "kettle"}
        answer = client.post("/workflows/run", json={"inputs": inputs, "response_mode": "blocking", "user": "ada"})
    assert answer.status_code == 200, answer.text
    assert [one["title"] for one in answer.json()["data"]["outputs"]["found"]] == ["Kettle"]


@pytest.mark.usefixtures("documents")
def test_a_node_lets_its_model_read_the_filter_out_of_the_question(
    program: Program,
    console: httpx2.Client,
    dataset_id: str,
    studio: Studio,
    model: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    search = search_node(
        dataset_id,
        metadata_filtering_mode="automatic",
        metadata_model_config=model,
    )
    drawn = graph([start("query"), search, end(found=["search", "result"])], "start>search", "search>end")
    app_id = published_app(console, "workflow", drawn)

    def found(said: str) -> set[str]:
        monkeypatch.setattr(studio, "say", lambda body: said)
        studio.asked.clear()
        with program.service(create_app_key(console, app_id)) as client:
            body = {"inputs": {"query": "water of 2024"}, "response_mode": "blocking", "user": "ada"}
            answer = client.post("/workflows/run", json=body)
        assert answer.status_code == 200, answer.text
        told = answer.json()["data"]
        assert told["status"] == "succeeded", told
        [asked] = studio.asked
        task, question = (str(message["content"]) for message in asked["messages"])
        assert '"product"' in task
        assert '"year"' in task
        assert question == "water of 2024"
        return {one["title"] for one in told["outputs"]["found"]}

    assert found(orjson.dumps(where(("year", "=", 2024))).decode()) == {"Kettle"}
    either = where(("year", "<", 2020), ("product", "is", "kettle"), joined="or")
    assert found(orjson.dumps(either).decode()) == {"Kettle", "Pump"}
    assert found(orjson.dumps(where(("colour", "is", "red"))).decode()) == set(TEXTS)
    assert found("I cannot say.") == set(TEXTS)
