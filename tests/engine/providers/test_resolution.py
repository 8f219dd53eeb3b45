"""Which model answers: the order of preference, and what each refusal says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from aiohttp import web

from engine.providers.available import ModelChoice, WorkspaceModels
from engine.providers.catalogue import canonical, mask, parameter_rules, provider, providers
from engine.providers.resolution import Models
from foundation.errors import ApiError
from foundation.secrets import Sealer
from foundation.settings import Settings

NOBODY = "http://127.0.0.1:9"
NOTHING = WorkspaceModels()
OPENAI = WorkspaceModels(credentials={"openai": {"openai_api_key": "sk-1"}})


@asynccontextmanager
async def models(**variables: str) -> AsyncIterator[Models]:
    settings = Settings(ollama_host=variables.pop("ollama_host", NOBODY), **variables)  # type: ignore[arg-type]
    made = Models(settings, Sealer("0123456789abcdef"))
    yield made
    await made.aclose()


@asynccontextmanager
async def served(path: str, body: Any, status: int = 200) -> AsyncIterator[str]:
    """Serves one JSON document on a free port."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")

    app = web.Application()
    app.router.add_get(path, answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]
    await runner.cleanup()


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "LLM_URL",
        "LLM_MODEL",
        "LLM_API_KEY",
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "GEMINI_API_KEY",
        "OLLAMA_HOST",
    ):
        monkeypatch.delenv(name, raising=False)


async def test_with_nothing_configured_the_built_in_model_answers() -> None:
    async with models() as all_models:
        chosen = await all_models.chat(NOTHING)
        assert (chosen.model.provider, chosen.model.model) == ("builtin", "extractive-v1")
        assert chosen.source == "built-in"
        assert await all_models.embedding(NOTHING) is None


async def test_each_source_gives_way_to_the_one_before_it() -> None:
    tags = {"models": [{"name": "nomic-embed-text:latest"}, {"name": "qwen3:4b"}]}
    async with served("/api/tags", tags) as ollama:
        variables = {"ollama_host": ollama}
        async with models(**variables) as found:
            chosen = await found.chat(NOTHING)
            assert (chosen.model.provider, chosen.model.model) == ("ollama", "qwen3:4b")
            assert chosen.source == "OLLAMA_HOST"
            vectors = await found.embedding(NOTHING)
            assert vectors is not None
            assert vectors.model.model == "nomic-embed-text:latest"
        for variable, source in (
            ("gemini_api_key", "GEMINI_API_KEY"),
            ("anthropic_api_key", "ANTHROPIC_API_KEY"),
            ("openai_api_key", "OPENAI_API_KEY"),
            ("llm_url", "LLM_URL"),
        ):
            variables[variable] = "http://127.0.0.1:9/v1" if variable == "llm_url" else "key"
            more = {"llm_model": "mine"} if variable == "llm_url" else {}
            async with models(**variables, **more) as found:
                assert (await found.chat(NOTHING)).source == source
        async with models(**variables, llm_model="mine") as found:
            default = {"llm": ModelChoice("openai", "gpt-4.1")}
            chosen = await found.chat(WorkspaceModels(OPENAI.credentials, defaults=default))
            assert (chosen.source, chosen.model.model) == ("workspace", "gpt-4.1")
            chosen = await found.chat(OPENAI, {"provider": "langgenius/openai/openai", "name": "gpt-4o"})
            assert (chosen.source, chosen.model.model) == ("app", "gpt-4o")


async def test_an_app_that_names_no_model_follows_the_default() -> None:
    async with models(openai_api_key="sk-1") as found:
        for config in (None, {}, {"provider": "", "name": ""}, {"completion_params": {"temperature": 1}}):
            assert (await found.chat(NOTHING, config)).source == "OPENAI_API_KEY"


async def test_without_llm_model_the_server_at_llm_url_is_asked() -> None:
    listed = {"data": [{"id": "bge-m3"}, {"id": "qwen3-32b"}]}
    async with served("/v1/models", listed) as url, models(llm_url=f"{url}/v1") as found:
        assert (await found.chat(NOTHING)).model.model == "qwen3-32b"


async def test_a_chosen_provider_without_credentials_is_named() -> None:
    async with models() as found:
        with pytest.raises(ApiError) as caught:
            await found.chat(NOTHING, {"provider": "anthropic", "name": "claude-haiku-4-5"})
        assert caught.value.code == "provider_not_initialize"
        assert "Anthropic" in caught.value.message
        with pytest.raises(ApiError) as caught:
            await found.chat(NOTHING, {"provider": "nobody", "name": "x"})
        assert caught.value.code == "provider_not_found"


async def test_a_model_with_credentials_of_its_own_uses_them() -> None:
    own = {("openai", "llm", "gpt-4o"): {"openai_api_key": "sk-2", "openai_api_base": "http://127.0.0.1:9/v1"}}
    async with models() as found:
        chosen = await found.chat(WorkspaceModels(own_models=own), {"provider": "openai", "name": "gpt-4o"})
        with pytest.raises(ApiError) as caught:
            await found.chat(WorkspaceModels(own_models=own), {"provider": "openai", "name": "gpt-4.1"})
    assert chosen.model.context_size == 128_000
    assert caught.value.code == "provider_not_initialize"


async def test_a_model_is_made_once() -> None:
    async with models() as found:
        one = await found.chat(OPENAI, {"provider": "openai", "name": "gpt-4o"})
        other = await found.chat(OPENAI, {"provider": "openai", "name": "gpt-4o"})
    assert one.model is other.model


async def test_models_of_a_provider_are_listed() -> None:
    listed = {"data": [{"id": "llama-3"}, {"id": "text-embed-1"}]}
    async with served("/v1/models", listed) as url, models() as found:
        available = WorkspaceModels(
            {"openai_api_compatible": {"endpoint_url": f"{url}/v1"}},
            {("openai_api_compatible", "llm", "hidden"): None},
        )
        names = {(m.type, m.name) for m in await found.models("openai_api_compatible", available)}
        assert names == {("llm", "llama-3"), ("text-embedding", "text-embed-1"), ("llm", "hidden")}
        assert found.configured_by("openai_api_compatible", available) == "custom"
        assert found.configured_by("openai", available) is None
        assert found.configured_by("builtin", available) == "system"
        assert len(await found.models("openai", NOTHING)) == len(provider("openai").models)


async def test_credentials_are_tried_by_a_real_call(llmock: Any) -> None:
    async with models() as found:
        good = {"openai_api_key": "sk-1", "openai_api_base": llmock.base_url("openai"), "other": 1}
        assert "other" not in await found.validate("openai", good)
        llmock.fail(401, message="Incorrect API key provided: sk-1234567890")
        with pytest.raises(ApiError) as caught:
            await found.validate("openai", good)
        assert caught.value.code == "credentials_validation_failed"
        assert caught.value.reason == "invalid_api_key"
        assert "sk-1234567890" not in caught.value.message
        named = {"endpoint_url": llmock.base_url("openai"), "llm_models": "gpt-4o, gpt-4.1"}
        await found.validate("openai_api_compatible", named)
        assert llmock.last_request.path.endswith("/chat/completions")
        azure = {"openai_api_base": "http://127.0.0.1:9", "openai_api_key": "k", "llm_deployments": "d"}
        with pytest.raises(ApiError) as caught:
            await found.validate("azure_openai", azure)
        assert caught.value.reason == "provider_unreachable"
        anthropic = {"anthropic_api_key": "k", "anthropic_api_url": llmock.base_url("anthropic")}
        assert await found.validate("anthropic", anthropic)


async def test_every_missing_field_is_told_at_once() -> None:
    async with models() as found:
        with pytest.raises(ApiError) as caught:
            await found.validate("azure_openai", {"openai_api_key": 5})
    assert caught.value.code == "credentials_validation_failed"
    fields = [detail["field"] for detail in caught.value.details]
    assert fields == ["credentials.openai_api_base", "credentials.openai_api_key", "credentials.llm_deployments"]


def test_secrets_are_masked_and_a_mask_that_comes_back_keeps_the_secret() -> None:
    openai = provider("openai")
    stored = {"openai_api_key": "sk-proj-abcdefghijkl", "openai_organization": "org"}
    shown = openai.masked(stored)
    assert "abcdefgh" not in shown["openai_api_key"]
    assert shown["openai_organization"] == "org"
    assert openai.unmasked({**shown, "openai_organization": "new"}, stored) == {
        "openai_api_key": "sk-proj-abcdefghijkl",
        "openai_organization": "new",
    }
    assert "short" not in mask("short")


@pytest.mark.parametrize("address", ["https://other.example.com/v1", ""])
def test_a_stored_secret_goes_to_no_other_address(address: str) -> None:
    openai, place, key = provider("openai"), "https://models.example.com/v1", "sk-proj-abcdefghijkl"
    stored = {"openai_api_key": key, "openai_api_base": place}
    shown = openai.masked(stored)
    assert openai.unmasked({**shown, "openai_api_base": f" {place}/"}, stored)["openai_api_key"] == key
    with pytest.raises(ApiError) as caught:
        openai.unmasked({**shown, "openai_api_base": address}, stored)
    assert caught.value.code == "credentials_validation_failed"
    assert [detail["field"] for detail in caught.value.details] == ["credentials.openai_api_key"]
    known = {"openai_api_key": "sk-proj-mnopqrstuvwx", "openai_api_base": address}
    assert openai.unmasked(known, stored) == known


def test_the_catalogue_is_whole() -> None:
    wanted = {"openai", "azure_openai", "anthropic", "gemini", "ollama", "openai_api_compatible", "builtin"}
    assert set(providers()) == wanted
    for name in wanted:
        shown = provider(name).as_dict()
        assert shown["label"]["zh_Hans"]
        assert shown["icon_small"]["en_US"].startswith("data:image/svg+xml,")
        assert {model.type for model in provider(name).models} <= set(provider(name).types)
        assert parameter_rules(name) or name == "builtin"
    assert canonical("langgenius/openai/openai") == "openai"
