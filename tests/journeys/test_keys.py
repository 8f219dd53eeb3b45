"""API keys: their secrets, their limits, their end."""

import time

import httpx2
import pytest

from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.resources import (
    assert_uniform,
    create_app,
    create_app_key,
    create_dataset,
    create_knowledge_key,
    create_workspace_key,
)


def get(program: Program, key: str, path: str, **headers: str) -> httpx2.Response:
    with program.service(key) as client:
        return client.get(path, headers=headers)


def test_a_secret_is_shown_once(console: httpx2.Client) -> None:
    app_id = create_app(console)
    made = console.post(f"/apps/{app_id}/api-keys").raise_for_status().json()
    listed = console.get(f"/apps/{app_id}/api-keys").raise_for_status().json()["data"]
    assert [key["id"] for key in listed] == [made["id"]]
    assert made["token"].startswith("app-")
    assert len(made["token"]) == 28
    assert listed[0]["token"] != made["token"]
    assert made["token"][8:-4] not in listed[0]["token"]


def test_a_deleted_key_is_refused_at_once(program: Program, console: httpx2.Client) -> None:
    app_id = create_app(console)
    made = console.post(f"/apps/{app_id}/api-keys").raise_for_status().json()
    assert get(program, made["token"], "/info").status_code == 200
    assert console.delete(f"/apps/{app_id}/api-keys/{made['id']}").status_code == 204
    assert_uniform(get(program, made["token"], "/info"), 401, "unauthorized")


def test_a_knowledge_key_opens_no_app_and_an_app_key_no_knowledge(program: Program, console: httpx2.Client) -> None:
    assert_uniform(get(program, create_knowledge_key(console), "/info"), 401, "unauthorized")
    assert_uniform(get(program, create_app_key(console, create_app(console)), "/datasets"), 401, "unauthorized")


def test_an_expired_key_is_refused(program: Program, console: httpx2.Client) -> None:
    key = create_app_key(console, create_app(console), expires_at=int(time.time()) - 1)
    body = assert_uniform(get(program, key, "/info"), 401, "unauthorized")
    assert "expired" in body["message"]


def test_a_key_without_a_permission_is_refused_with_its_name(program: Program, console: httpx2.Client) -> None:
    key = create_app_key(console, create_app(console), permissions=["completion"])
    body = assert_uniform(get(program, key, "/conversations?user=ada"), 403, "forbidden")
    assert "chat" in body["message"]


def test_a_key_to_read_does_not_write(program: Program, console: httpx2.Client) -> None:
    key = create_knowledge_key(console, access="read")
    assert get(program, key, "/datasets").status_code == 200
    with program.service(key) as client:
        assert_uniform(client.post("/datasets", json={"name": "Mine"}), 403, "forbidden")


def test_a_key_limited_to_one_knowledge_base_does_not_see_another(program: Program, console: httpx2.Client) -> None:
    inside, outside = create_dataset(console), create_dataset(console)
    key = create_knowledge_key(console, dataset_ids=[inside])
    assert get(program, key, f"/datasets/{inside}").status_code == 200
    assert get(program, key, f"/datasets/{outside}").status_code in (403, 404)
    listed = get(program, key, "/datasets").raise_for_status().json()["data"]
    assert [dataset["id"] for dataset in listed] == [inside]


def test_a_workspace_key_names_its_app(program: Program, console: httpx2.Client) -> None:
    app_id = create_app(console, name="Named")
    key = create_workspace_key(console)
    unnamed = get(program, key, "/info")
    assert unnamed.status_code == 400
    assert "X-App-Id" in unnamed.json()["message"]
    named = get(program, key, "/info", **{"X-App-Id": app_id})
    assert named.raise_for_status().json()["name"] == "Named"
    assert get(program, key, "/datasets").status_code == 200


def test_an_app_without_its_api_answers_no_key(program: Program, console: httpx2.Client) -> None:
    app_id = create_app(console)
    key = create_app_key(console, app_id)
    console.post(f"/apps/{app_id}/api-enable", json={"enable_api": False}).raise_for_status()
    assert get(program, key, "/info").status_code == 403


@pytest.mark.parametrize("query", ["?api_key=app-000000000000000000000000"])
def test_a_key_in_the_query_is_pointed_to_the_header(program: Program, query: str) -> None:
    with program.client("/v1") as client:
        body = assert_uniform(client.get("/info" + query), 401, "unauthorized")
    assert "Authorization" in body["message"]


def test_an_app_has_at_most_ten_keys(console: httpx2.Client) -> None:
    app_id = create_app(console)
    for _ in range(10):
        create_app_key(console, app_id)
    assert_uniform(console.post(f"/apps/{app_id}/api-keys"), 400, "max_keys_exceeded")


def test_a_key_of_one_knowledge_base_reaches_it_alone(program: Program, console: httpx2.Client) -> None:
    inside, outside = create_dataset(console), create_dataset(console)
    made = console.post(f"/datasets/{inside}/api-keys", json={"name": "Import"}).raise_for_status().json()
    assert (made["type"], made["name"], made["dataset_ids"]) == ("dataset", "Import", [inside])
    assert get(program, made["token"], f"/datasets/{inside}").status_code == 200
    assert_uniform(get(program, made["token"], f"/datasets/{outside}"), 404, "not_found")


def test_the_keys_of_one_knowledge_base_are_those_that_reach_no_other(console: httpx2.Client) -> None:
    first, second = create_dataset(console), create_dataset(console)
    bare = console.post(f"/datasets/{first}/api-keys").raise_for_status().json()
    for datasets in ([second], [first, second], None):
        create_knowledge_key(console, dataset_ids=datasets)
    listed = console.get(f"/datasets/{first}/api-keys").raise_for_status().json()["data"]
    assert [key["id"] for key in listed] == [bare["id"]]
    assert bare["token"][12:-4] not in listed[0]["token"]
    everything = console.get("/datasets/api-keys").raise_for_status().json()["data"]
    assert bare["id"] in [key["id"] for key in everything]


def test_a_key_of_a_knowledge_base_is_revoked_there_and_nowhere_else(program: Program, console: httpx2.Client) -> None:
    own, other = create_dataset(console), create_dataset(console)
    made = console.post(f"/datasets/{own}/api-keys").raise_for_status().json()
    assert_uniform(console.delete(f"/datasets/{other}/api-keys/{made['id']}"), 404, "not_found")
    assert get(program, made["token"], f"/datasets/{own}").status_code == 200
    assert console.delete(f"/datasets/{own}/api-keys/{made['id']}").status_code == 204
    assert_uniform(get(program, made["token"], f"/datasets/{own}"), 401, "unauthorized")


def test_every_knowledge_base_has_ten_keys_beside_those_of_the_workspace(program: Program) -> None:
    with new_owner(program).console(program) as console:
        dataset_id = create_dataset(console)
        for _ in range(9):
            console.post(f"/datasets/{dataset_id}/api-keys").raise_for_status()
            create_knowledge_key(console)
        create_knowledge_key(console)
        create_knowledge_key(console, dataset_ids=[dataset_id])
        full = console.post(f"/datasets/{dataset_id}/api-keys")
        assert_uniform(full, 400, "max_keys_exceeded")
        assert_uniform(console.post("/datasets/api-keys"), 400, "max_keys_exceeded")
        console.post(f"/datasets/{create_dataset(console)}/api-keys").raise_for_status()


def test_where_a_key_is_named_nothing_else_is_taken_for_what_to_do(console: httpx2.Client) -> None:
    dataset_id = create_dataset(console)
    assert_uniform(console.delete(f"/datasets/{dataset_id}/api-keys/disable"), 400, "invalid_param")
    assert_uniform(console.post(f"/datasets/{dataset_id}/api-keys/{dataset_id}"), 400, "invalid_param")
