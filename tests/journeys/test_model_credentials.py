"""Models that a workspace adds with credentials of their own."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from llmock.pytest_plugin import LLMock

from tests.journeys.connected import KEY
from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app, create_app_key

PROVIDER = "openai_api_compatible"
PLACE = f"/workspaces/current/model-providers/{PROVIDER}/models"
MODEL = {"model": "house-llm", "model_type": "llm"}
QUESTION = {"query": "Hello?", "user": "ada", "inputs": {}, "response_mode": "blocking"}


@pytest.fixture
def owner(program: Program) -> Iterator[httpx2.Client]:
    """The Console of a workspace of the test's own, which has no credentials."""
    with new_owner(program).console(program) as client:
        yield client


def added(owner: httpx2.Client, url: str) -> dict[str, Any]:
    """Add a model and return what is shown of its credentials."""
    body = {**MODEL, "credentials": {"endpoint_url": url, "api_key": KEY}}
    saved = owner.post(f"{PLACE}/credentials", json=body)
    assert saved.status_code == 201, saved.text
    shown: dict[str, Any] = owner.get(f"{PLACE}/credentials", params=MODEL).raise_for_status().json()
    return shown


def listed(owner: httpx2.Client) -> dict[str, str]:
    """Return the states of the provider's models by their names."""
    models = owner.get(PLACE).raise_for_status().json()["data"]
    return {model["model"]: model["status"] for model in models if model["fetch_from"] == "customizable-model"}


def usable(owner: httpx2.Client) -> list[str]:
    """Return the chat models that an app can choose of the provider."""
    found = owner.get("/workspaces/current/models/model-types/llm").raise_for_status().json()["data"]
    return [model["model"] for each in found if each["provider"] == PROVIDER for model in each["models"]]


def test_a_model_with_credentials_of_its_own_answers(program: Program, owner: httpx2.Client, llmock: LLMock) -> None:
    shown = added(owner, llmock.base_url("openai"))
    assert shown["credentials"]["endpoint_url"] == llmock.base_url("openai")
    assert KEY not in str(shown)
    assert listed(owner) == {"house-llm": "active"}
    assert usable(owner) == ["house-llm"]
    app_id = create_app(owner)
    model = {"provider": PROVIDER, "name": "house-llm", "mode": "chat", "completion_params": {}}
    owner.post(f"/apps/{app_id}/model-config", json={"model": model}).raise_for_status()
    llmock.reply("Here I am.")
    with program.service(create_app_key(owner, app_id)) as service:
        answer = service.post("/chat-messages", json=QUESTION).raise_for_status().json()
    assert answer["answer"] == "Here I am."


def test_a_masked_secret_keeps_what_is_stored(owner: httpx2.Client, llmock: LLMock) -> None:
    shown = added(owner, llmock.base_url("openai"))
    changed = {**MODEL, "credential_id": shown["current_credential_id"], "credentials": shown["credentials"]}
    assert owner.put(f"{PLACE}/credentials", json=changed).json() == {"result": "success"}
    assert owner.get(f"{PLACE}/credentials", params=MODEL).json()["credentials"] == shown["credentials"]


def test_credentials_that_a_model_does_not_take_are_not_kept(owner: httpx2.Client, llmock: LLMock) -> None:
    llmock.fail(401, times=None, message="Incorrect API key provided")
    body = {**MODEL, "credentials": {"endpoint_url": llmock.base_url("openai"), "api_key": "wrong"}}
    assert owner.post(f"{PLACE}/credentials/validate", json=body).json()["result"] == "error"
    assert_uniform(owner.post(f"{PLACE}/credentials", json=body), 400, "credentials_validation_failed")
    assert owner.get(f"{PLACE}/credentials", params=MODEL).json()["credentials"] is None
    assert listed(owner) == {}


def test_a_model_that_is_forgotten_serves_no_more(owner: httpx2.Client, llmock: LLMock) -> None:
    shown = added(owner, llmock.base_url("openai"))
    default = {"model_settings": [{**MODEL, "provider": PROVIDER}]}
    owner.post("/workspaces/current/default-model", json=default).raise_for_status()
    place, kind = "/workspaces/current/default-model", {"model_type": "llm"}
    assert owner.get(place, params=kind).json()["data"]["model"] == "house-llm"
    gone = {**MODEL, "credential_id": shown["current_credential_id"]}
    assert owner.request("DELETE", f"{PLACE}/credentials", json=gone).status_code == 204
    assert (listed(owner), usable(owner)) == ({}, [])
    assert (owner.get(place, params=kind).json()["data"] or {}).get("model") != "house-llm"
    assert_uniform(owner.request("DELETE", PLACE, json=MODEL), 404, "not_found")


def test_a_provider_without_a_form_takes_no_models(owner: httpx2.Client) -> None:
    place = "/workspaces/current/model-providers/builtin/models/credentials"
    assert_uniform(owner.post(place, json={**MODEL, "credentials": {}}), 400, "model_currently_not_support")


def test_the_models_of_another_workspace_are_not_there(program: Program, owner: httpx2.Client, llmock: LLMock) -> None:
    shown = added(owner, llmock.base_url("openai"))
    with new_owner(program).console(program) as stranger:
        assert stranger.get(f"{PLACE}/credentials", params=MODEL).json()["credentials"] is None
        gone = {**MODEL, "credential_id": shown["current_credential_id"]}
        assert stranger.request("DELETE", f"{PLACE}/credentials", json=gone).status_code == 404
    assert listed(owner) == {"house-llm": "active"}
