"""The pipeline of a dataset: its start nodes, and a run that makes documents of uploaded files."""

import httpx2

from tests.journeys.resources import assert_uniform, await_indexing, create_dataset
from tests.journeys.test_document_changes import upload


def test_a_run_makes_documents_of_uploaded_files(knowledge_client: httpx2.Client) -> None:
    dataset_id = create_dataset(knowledge_client)
    place = f"/datasets/{dataset_id}/pipeline"
    [node] = knowledge_client.get(f"{place}/datasource-plugins").raise_for_status().json()
    files = [upload(knowledge_client, name, f"The {name} boils.") for name in ("kettle.txt", "urn.txt")]
    body = {
        "inputs": {},
        "datasource_type": node["datasource_type"],
        "datasource_info_list": [{"related_id": file_id, "name": "any"} for file_id in files],
        "start_node_id": node["node_id"],
        "is_published": True,
        "response_mode": "streaming",
    }
    made = knowledge_client.post(f"{place}/run", json=body).raise_for_status().json()
    assert made["dataset"]["id"] == dataset_id
    assert [document["name"] for document in made["documents"]] == ["kettle.txt", "urn.txt"]
    assert await_indexing(knowledge_client, dataset_id, made["batch"])["indexing_status"] == "completed"


def test_other_sources_are_refused_by_name(knowledge_client: httpx2.Client, dataset_id: str) -> None:
    place = f"/datasets/{dataset_id}/pipeline"
    look = {"inputs": {}, "datasource_type": "website_crawl", "is_published": True}
    refused = knowledge_client.post(f"{place}/datasource/nodes/local_file/run", json=look)
    assert "website_crawl" in assert_uniform(refused, 400, "unsupported_data_source")["message"]
    run = {**look, "datasource_info_list": [{"url": "https://example.com"}], "start_node_id": "local_file"}
    assert_uniform(knowledge_client.post(f"{place}/run", json=run), 400, "unsupported_data_source")
    assert_uniform(knowledge_client.post(f"{place}/run", json={**run, "start_node_id": "web"}), 404, "not_found")
    files = {**run, "datasource_type": "local_file"}
    assert_uniform(knowledge_client.post(f"{place}/run", json=files), 400, "invalid_param")


def test_a_document_tells_where_it_came_in(knowledge_client: httpx2.Client, console: httpx2.Client) -> None:
    dataset_id = create_dataset(knowledge_client)
    file_id = upload(knowledge_client, "kettle.txt", "The kettle boils.")
    run = {"inputs": {}, "datasource_type": "local_file", "start_node_id": "local_file", "is_published": True}
    run["datasource_info_list"] = [{"related_id": file_id, "name": "any"}]
    made = knowledge_client.post(f"/datasets/{dataset_id}/pipeline/run", json=run).raise_for_status().json()
    place = f"/datasets/{dataset_id}/documents/{made['documents'][0]['id']}/pipeline-execution-log"
    told = console.get(place).raise_for_status().json()
    assert (told["datasource_type"], told["datasource_node_id"], told["input_data"]) == ("local_file", "local_file", {})
    assert (told["datasource_info"]["related_id"], told["datasource_info"]["name"]) == (file_id, "kettle.txt")
    assert_uniform(console.get(place.replace(made["documents"][0]["id"], file_id)), 404, "not_found")
