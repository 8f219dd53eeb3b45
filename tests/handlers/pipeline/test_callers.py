"""Who may call: credentials, rights, limits, idempotency."""

from __future__ import annotations

import httpx2
import pytest

from tests.handlers.pipeline.sample.service.items import created

Client = httpx2.AsyncClient


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_no_credential_is_401_with_the_way_to_send_one(client: Client) -> None:
    response = await client.get("/v1/items", headers={"Authorization": ""})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="api"'
    assert response.json()["message"] == "Authorization header must be provided and start with 'Bearer'"


async def test_a_key_in_the_query_is_pointed_to_the_header(client: Client) -> None:
    response = await client.get("/v1/items?api_key=app-good", headers={"Authorization": ""})
    assert response.status_code == 401
    assert "Authorization: Bearer" in response.json()["message"]


async def test_a_wrong_credential_is_401(client: Client) -> None:
    response = await client.get("/v1/items", headers=bearer("nonsense"))
    assert response.status_code == 401
    assert "invalid_token" in response.headers["www-authenticate"]


async def test_a_refused_credential_is_403(client: Client) -> None:
    assert (await client.get("/v1/items", headers=bearer("app-suspended"))).status_code == 403


async def test_credentials_come_before_validation(client: Client) -> None:
    assert (await client.get("/v1/items/seven", headers={"Authorization": ""})).status_code == 401


async def test_one_of_several_schemes_is_enough(client: Client) -> None:
    assert (await client.get("/v1/either", headers=bearer("dataset-x"))).json() == {"caller": "KnowledgeKeyCaller"}
    assert (await client.get("/v1/either")).json() == {"caller": "AppKeyCaller"}


async def test_schemes_that_belong_together_are_all_needed(client: Client) -> None:
    assert (await client.get("/v1/both")).status_code == 401
    assert (await client.get("/v1/both", headers={"X-Signature": "s"})).status_code == 200


async def test_an_open_operation_needs_nothing(client: Client) -> None:
    assert (await client.get("/v1/open", headers={"Authorization": ""})).json() == {"caller": "Anonymous"}


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("admin", 200), ("editor", 403), ("normal", 403)])
async def test_roles_are_enforced(client: Client, role: str, status: int) -> None:
    response = await client.get("/console/api/items", headers=bearer(role))
    assert response.status_code == status
    assert "error" not in response.json()


@pytest.mark.parametrize(("key", "status"), [("app-admin", 200), ("app-reader", 403), ("app-good", 403)])
async def test_permission_and_access_are_enforced(client: Client, key: str, status: int) -> None:
    assert (await client.post("/v1/admin", headers=bearer(key))).status_code == status


async def test_a_key_that_reads_may_not_write(client: Client) -> None:
    body = {"name": "kettle", "secret": "s"}
    assert (await client.get("/v1/items", headers=bearer("app-reader"))).status_code == 200
    assert (await client.post("/v1/items", json=body, headers=bearer("app-reader"))).status_code == 403


async def test_the_tightest_window_is_told_and_kept(limited: Client) -> None:
    left = []
    for _ in range(2):
        response = await limited.get("/v1/items", headers=bearer("app-limited"))
        left.append(response.headers["x-ratelimit-remaining"])
    assert left == ["1", "0"]
    refused = await limited.get("/v1/items", headers=bearer("app-limited"))
    assert refused.status_code == 429
    assert refused.json()["code"] == "rate_limit_exceeded"
    assert refused.headers["x-ratelimit-limit"] == "2"
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert (await limited.get("/v1/items", headers=bearer("app-limited2"))).status_code == 200
    assert "x-ratelimit-limit" not in (await limited.get("/v1/items")).headers


async def test_requests_pass_uncounted_while_redis_is_away(client: Client) -> None:
    assert (await client.get("/v1/items", headers=bearer("app-limited"))).status_code == 200


async def test_the_same_key_and_body_get_the_first_answer(limited: Client) -> None:
    created.clear()
    headers = {"Idempotency-Key": "one"}
    body = {"name": "kettle", "secret": "s"}
    first = await limited.post("/v1/items", json=body, headers=headers)
    again = await limited.post("/v1/items", json=body, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert len(created) == 1
    other = await limited.post("/v1/items", json={**body, "name": "cup"}, headers=headers)
    assert other.status_code == 409
    assert other.json()["code"] == "idempotency_key_in_use"
    someone = await limited.post("/v1/items", json=body, headers={**headers, **bearer("app-other")})
    assert someone.status_code == 201
    assert len(created) == 2


async def test_a_refused_request_does_not_use_its_key_up(limited: Client) -> None:
    headers = {"Idempotency-Key": "two"}
    assert (await limited.post("/v1/items", json={"name": ""}, headers=headers)).status_code == 400
    body = {"name": "kettle", "secret": "s"}
    assert (await limited.post("/v1/items", json=body, headers=headers)).status_code == 201


async def test_secrets_are_never_kept(limited: Client) -> None:
    headers = {"Idempotency-Key": "three"}
    assert (await limited.post("/v1/secrets", headers=headers)).status_code == 200
    repeat = await limited.post("/v1/secrets", headers=headers)
    assert repeat.status_code == 409


async def test_a_key_that_cannot_be_checked_is_503(client: Client) -> None:
    body = {"name": "kettle", "secret": "s"}
    response = await client.post("/v1/items", json=body, headers={"Idempotency-Key": "four"})
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
