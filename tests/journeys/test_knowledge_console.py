"""What the console asks about knowledge: previews, rules, questions, apps, metadata, tags."""

from uuid import uuid4

import httpx2
import pytest

from tests.journeys.people import Person, new_member
from tests.journeys.program import Program
from tests.journeys.resources import add_text, assert_uniform, await_indexing, create_app, create_dataset


@pytest.fixture
def document(knowledge_client: httpx2.Client) -> tuple[str, str]:
    """The path of a dataset and the id of its indexed document."""
    dataset_id = create_dataset(knowledge_client)
    made = add_text(knowledge_client, dataset_id, "Warranty", "Every kettle carries a warranty of thirty months.")
    await_indexing(knowledge_client, dataset_id, made["batch"])
    return f"/datasets/{dataset_id}", made["document"]["id"]


def upload(console: httpx2.Client, name: str, content: str) -> str:
    """Upload a file and return its id."""
    part = {"file": (name, content.encode(), "text/plain")}
    answer = console.post("/files/upload", data={"source": "datasets"}, files=part).raise_for_status()
    return str(answer.json()["id"])


def test_a_preview_writes_nothing(console: httpx2.Client, knowledge_client: httpx2.Client) -> None:
    file_id = upload(console, "list.txt", "\n".join(f"Line {number} " + "of the list " * 12 for number in range(20)))
    rules = {"segmentation": {"separator": "\\n", "max_tokens": 200}, "pre_processing_rules": []}
    body = {
        "info_list": {"data_source_type": "upload_file", "file_info_list": {"file_ids": [file_id]}},
        "process_rule": {"mode": "custom", "rules": rules},
        "indexing_technique": "economy",
    }
    before = console.get("/datasets").raise_for_status().json()["total"]
    estimate = console.post("/datasets/indexing-estimate", json=body).raise_for_status().json()
    assert estimate["total_segments"] == 20
    assert len(estimate["preview"]) == 10
    assert estimate["preview"][0]["content"].startswith("Line 0")
    assert console.get("/datasets").raise_for_status().json()["total"] == before


def test_previews_of_documents_agree_with_their_passages(console: httpx2.Client, document: tuple[str, str]) -> None:
    dataset, document_id = document
    shown = console.get(f"{dataset}/documents/{document_id}/segments").raise_for_status().json()["data"]
    batch = console.get(f"{dataset}/documents/{document_id}/indexing-estimate").raise_for_status().json()
    assert [one["content"] for one in batch["preview"]] == [one["content"] for one in shown]


def test_an_unreadable_file_is_refused_with_the_reason(console: httpx2.Client) -> None:
    part = {"file": ("broken.pdf", b"%PDF-1.7\n" + b"\x00garbage" * 50, "application/pdf")}
    file_id = console.post("/files/upload", files=part).raise_for_status().json()["id"]
    info = {"data_source_type": "upload_file", "file_info_list": {"file_ids": [file_id]}}
    refused = console.post(
        "/datasets/indexing-estimate", json={"info_list": info, "process_rule": {"mode": "automatic"}}
    )
    assert_uniform(refused, 400, "unreadable_document")


@pytest.mark.parametrize("provider", ["builtin", "nobody/nothing"])
def test_a_knowledge_base_needs_a_model_that_is_here(
    console: httpx2.Client, knowledge_client: httpx2.Client, provider: str
) -> None:
    body = {"name": uuid4().hex, "embedding_model": "no-such-model", "embedding_model_provider": provider}
    for client in (console, knowledge_client):
        refused = client.post("/datasets", json=body)
        assert_uniform(refused, 404, "not_found")
        assert f"{provider}/no-such-model is not here" in refused.json()["message"]


def test_a_knowledge_base_is_made_of_its_files(console: httpx2.Client, knowledge_client: httpx2.Client) -> None:
    name = f"harbour-{uuid4().hex[:6]}"
    ids = [upload(console, f"{name}.txt", "A quay."), upload(console, "b.txt", "A buoy.")]
    body = {
        "data_source": {"info_list": {"data_source_type": "upload_file", "file_info_list": {"file_ids": ids}}},
        "indexing_technique": "economy",
        "process_rule": {"mode": "automatic"},
    }
    made = console.post("/datasets/init", json=body).raise_for_status().json()
    assert made["dataset"]["name"] == name
    assert len(made["documents"]) == 2
    await_indexing(knowledge_client, made["dataset"]["id"], made["batch"])
    again = console.post("/datasets/init", json=body).raise_for_status().json()
    assert again["dataset"]["name"] == f"{name} (2)"
    unknown = {"file_ids": ["01930000-0000-7000-8000-000000000000"]}
    body["data_source"]["info_list"]["file_info_list"] = unknown  # type: ignore[index]
    assert_uniform(console.post("/datasets/init", json=body), 404, "file_not_found")


def test_the_rule_of_a_document_is_told(console: httpx2.Client, document: tuple[str, str]) -> None:
    default = console.get("/datasets/process-rule").raise_for_status().json()
    assert default["mode"] == "custom"
    assert default["limits"]["indexing_max_segmentation_tokens_length"] == 4000
    own = console.get("/datasets/process-rule", params={"document_id": document[1]}).raise_for_status().json()
    assert own["mode"] == "automatic"
    methods = console.get("/datasets/retrieval-setting").raise_for_status().json()
    assert methods == console.get("/datasets/retrieval-setting/pgvector").raise_for_status().json()
    assert console.get("/datasets/api-base-info").raise_for_status().json()["api_base_url"].endswith("/v1")


def test_questions_and_apps_of_a_dataset_are_listed(
    console: httpx2.Client, knowledge_client: httpx2.Client, document: tuple[str, str]
) -> None:
    dataset, _ = document
    knowledge_client.post(f"{dataset}/retrieve", json={"query": "How long is the warranty?"}).raise_for_status()
    asked = console.get(f"{dataset}/queries").raise_for_status().json()
    assert [(one["content"], one["source"]) for one in asked["data"]] == [("How long is the warranty?", "hit_testing")]
    assert console.get(f"{dataset}/use-check").raise_for_status().json() == {"is_using": False}
    app_id = create_app(console)
    chosen = {"datasets": {"datasets": [{"dataset": {"id": dataset.rpartition("/")[2], "enabled": True}}]}}
    config = {"dataset_configs": {"retrieval_model": "multiple", **chosen}}
    console.post(f"/apps/{app_id}/model-config", json=config).raise_for_status()
    related = console.get(f"{dataset}/related-apps").raise_for_status().json()
    assert [one["id"] for one in related["data"]] == [app_id]
    assert console.get(f"{dataset}/use-check").raise_for_status().json() == {"is_using": True}
    assert_uniform(console.delete(dataset), 409, "dataset_in_use")


def test_a_closed_dataset_refuses_keys(
    console: httpx2.Client, knowledge_client: httpx2.Client, document: tuple[str, str]
) -> None:
    dataset, _ = document
    console.post(f"{dataset}/api-keys/disable").raise_for_status()
    assert_uniform(knowledge_client.get(f"{dataset}/documents"), 403, "forbidden")
    console.post(f"{dataset}/api-keys/enable").raise_for_status()
    knowledge_client.get(f"{dataset}/documents").raise_for_status()


def test_partial_members_may_use_a_dataset(
    program: Program, person: Person, console: httpx2.Client, document: tuple[str, str]
) -> None:
    dataset, _ = document
    friend, stranger = (new_member(program, person.workspace_id, "editor") for _ in range(2))
    members = {"permission": "partial_members", "partial_member_list": [{"user_id": friend.account_id}]}
    shown = console.patch(dataset, json=members).raise_for_status().json()
    assert shown["partial_member_list"] == [friend.account_id]
    listed = console.get(f"{dataset}/permission-part-users").raise_for_status().json()
    assert listed == {"data": [friend.account_id]}
    assert console.get(f"{dataset}/auto-disable-logs").raise_for_status().json() == {"document_ids": [], "count": 0}
    with friend.console(program) as theirs:
        theirs.get(f"{dataset}/documents").raise_for_status()
    with stranger.console(program) as theirs:
        assert_uniform(theirs.get(f"{dataset}/documents"), 403, "forbidden")


def test_metadata_are_kept_renamed_and_deleted(
    console: httpx2.Client, knowledge_client: httpx2.Client, document: tuple[str, str]
) -> None:
    dataset, document_id = document
    answer = knowledge_client.post(f"{dataset}/metadata", json={"type": "string", "name": "product"})
    assert answer.status_code == 201
    product = answer.json()
    year = console.post(f"{dataset}/metadata", json={"type": "number", "name": "year"})
    assert year.status_code == 201
    taken = knowledge_client.post(f"{dataset}/metadata", json={"type": "string", "name": "product"})
    assert_uniform(taken, 400, "metadata_name_duplicate")
    built_in = knowledge_client.post(f"{dataset}/metadata", json={"type": "string", "name": "uploader"})
    assert_uniform(built_in, 400, "metadata_name_duplicate")

    def write(partial: bool, **values: object) -> httpx2.Response:
        ids = {"product": product["id"], "year": year.json()["id"]}
        entries = [{"id": ids[name], "name": name, "value": value} for name, value in values.items()]
        operation = {"document_id": document_id, "metadata_list": entries, "partial_update": partial}
        return knowledge_client.post(f"{dataset}/documents/metadata", json={"operation_data": [operation]})

    def read() -> dict[str, object]:
        shown = knowledge_client.get(f"{dataset}/documents/{document_id}").raise_for_status().json()
        return {one["name"]: one["value"] for one in shown["doc_metadata"]}

    assert write(partial=False, product="K2").raise_for_status().json() == {"result": "success"}
    write(partial=True, year="2024").raise_for_status()
    assert read() == {"product": "K2", "year": 2024}
    assert_uniform(write(partial=True, year="soon"), 400, "invalid_metadata")
    listed = knowledge_client.get(f"{dataset}/metadata").raise_for_status().json()
    assert [(one["name"], one["count"]) for one in listed["doc_metadata"]] == [("product", 1), ("year", 1)]
    place = f"{dataset}/metadata/{product['id']}"
    assert_uniform(knowledge_client.patch(place, json={"name": "year"}), 400, "metadata_name_duplicate")
    renamed = knowledge_client.patch(place, json={"name": "model"}).raise_for_status().json()
    assert renamed == {"id": product["id"], "name": "model", "type": "string"}
    assert read() == {"model": "K2", "year": 2024}
    gone = knowledge_client.delete(place)
    assert (gone.status_code, gone.content) == (204, b"")
    assert read() == {"year": 2024}
    write(partial=False).raise_for_status()
    assert read() == {}
    typed = {"doc_type": "manual", "doc_metadata": {"year": 1999}}
    console.put(f"{dataset}/documents/{document_id}/metadata", json=typed).raise_for_status()
    assert read() == {"year": 1999}


def test_built_in_metadata_are_shown_where_they_are_on(
    console: httpx2.Client, knowledge_client: httpx2.Client, document: tuple[str, str]
) -> None:
    dataset, document_id = document
    fields = knowledge_client.get(f"{dataset}/metadata/built-in").raise_for_status().json()
    assert fields == console.get("/datasets/metadata/built-in").raise_for_status().json()
    knowledge_client.post(f"{dataset}/metadata/built-in/enable").raise_for_status()
    assert knowledge_client.get(f"{dataset}/metadata").json()["built_in_field_enabled"] is True
    shown = knowledge_client.get(f"{dataset}/documents/{document_id}", params={"metadata": "only"}).json()
    values = {one["name"]: one["value"] for one in shown["doc_metadata"]}
    assert values["document_name"] == "Warranty"
    assert set(values) == {one["name"] for one in fields["fields"]}
    listed = knowledge_client.get(f"{dataset}/documents").raise_for_status().json()["data"][0]
    assert {one["name"] for one in listed["doc_metadata"]} == set(values)
    console.post(f"{dataset}/metadata/built-in/disable").raise_for_status()
    assert knowledge_client.get(f"{dataset}/documents/{document_id}").json()["doc_metadata"] == []


def test_tags_are_put_on_and_narrow_the_list(
    console: httpx2.Client, knowledge_client: httpx2.Client, document: tuple[str, str]
) -> None:
    dataset_id = document[0].rpartition("/")[2]
    name = f"Kettles {uuid4().hex[:6]}"
    tag = knowledge_client.post("/datasets/tags", json={"name": name}).raise_for_status().json()
    assert tag == {"id": tag["id"], "name": name, "type": "knowledge", "binding_count": "0"}
    assert_uniform(knowledge_client.post("/datasets/tags", json={"name": name}), 400, "tag_name_duplicate")
    binding = {"tag_ids": [tag["id"]], "target_id": dataset_id}
    for _ in range(2):
        bound = knowledge_client.post("/datasets/tags/binding", json=binding)
        assert (bound.status_code, bound.content) == (204, b"")
    assert knowledge_client.get(f"{document[0]}/tags").raise_for_status().json() == {
        "data": [{"id": tag["id"], "name": name}],
        "total": 1,
    }
    narrowed = knowledge_client.get("/datasets", params={"tag_ids": [tag["id"]]}).raise_for_status().json()
    assert [one["id"] for one in narrowed["data"]] == [dataset_id]
    assert narrowed["data"][0]["tags"] == [{"id": tag["id"], "name": name, "type": "knowledge"}]
    counted = console.get("/tags", params={"type": "knowledge", "keyword": name}).raise_for_status().json()
    assert counted == [{**tag, "binding_count": "1"}]
    other = knowledge_client.post("/datasets/tags", json={"name": f"{name}?"}).raise_for_status().json()
    taken = knowledge_client.patch("/datasets/tags", json={"name": name, "tag_id": other["id"]})
    assert_uniform(taken, 400, "tag_name_duplicate")
    renamed = knowledge_client.patch("/datasets/tags", json={"name": f"{name}!", "tag_id": tag["id"]})
    assert renamed.raise_for_status().json()["name"] == f"{name}!"
    unbinding = {"tag_id": tag["id"], "target_id": dataset_id}
    assert knowledge_client.post("/datasets/tags/unbinding", json=unbinding).status_code == 204
    assert knowledge_client.get(f"{document[0]}/tags").json()["total"] == 0
    gone = knowledge_client.request("DELETE", "/datasets/tags", json={"tag_id": tag["id"]})
    assert (gone.status_code, gone.content) == (204, b"")
    assert_uniform(knowledge_client.request("DELETE", "/datasets/tags", json={"tag_id": tag["id"]}), 404, "not_found")


def test_apps_carry_tags_too(console: httpx2.Client) -> None:
    app_id = create_app(console)
    tag = console.post("/tags", json={"name": f"Shop {uuid4().hex[:6]}", "type": "app"}).raise_for_status().json()
    binding = {"tag_ids": [tag["id"]], "target_id": app_id, "type": "app"}
    assert console.post("/tag-bindings/create", json=binding).raise_for_status().json() == {"result": "success"}
    assert console.get("/tags", params={"type": "app"}).raise_for_status().json()[0]["binding_count"] == "1"
    shown = console.get(f"/apps/{app_id}").raise_for_status().json()
    assert shown["tags"] == [{"id": tag["id"], "name": tag["name"], "type": "app"}]
    wrong = {**binding, "type": "knowledge"}
    assert_uniform(console.post("/tag-bindings/create", json=wrong), 404, "not_found")
    removal = {"tag_id": tag["id"], "target_id": app_id, "type": "app"}
    console.post("/tag-bindings/remove", json=removal).raise_for_status()
    assert console.get(f"/apps/{app_id}").raise_for_status().json()["tags"] == []
    assert console.delete(f"/tags/{tag['id']}").status_code == 204
