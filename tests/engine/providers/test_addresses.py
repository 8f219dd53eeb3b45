"""Where the addresses of providers may lead on a server whose workspaces do not trust each other."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from engine.providers.available import ModelChoice, WorkspaceModels
from engine.providers.events import Text
from engine.providers.messages import UserMessage
from engine.providers.model import ChatModel
from engine.providers.resolution import Models
from foundation.errors import ApiError
from foundation.secrets import Sealer
from foundation.settings import Settings

Use = Callable[[Models, WorkspaceModels], Any]


@asynccontextmanager
async def shared(**more: Any) -> AsyncIterator[Models]:
    """The models of a shared server, whose own settings lead into its private network."""
    nobody = "http://127.0.0.1:9"
    settings = Settings(**{"ollama_host": nobody, "provider_addresses": "public", **more})
    made = Models(settings, Sealer("0123456789abcdef"))
    yield made
    await made.aclose()


def workspace(llmock: Any, host: str = "127.0.0.1") -> WorkspaceModels:
    """A workspace whose providers are all at one address."""

    def there(kind: str) -> str:
        url = urlsplit(llmock.base_url(kind))
        return str(url._replace(netloc=f"{host}:{url.port}").geturl())

    credentials: dict[str, Mapping[str, str]] = {
        "openai": {"openai_api_key": "sk-1", "openai_api_base": there("openai")},
        "anthropic": {"anthropic_api_key": "sk-2", "anthropic_api_url": there("anthropic")},
        "openai_api_compatible": {"endpoint_url": there("openai")},
    }
    return WorkspaceModels(credentials=credentials)


async def answer(model: ChatModel) -> str:
    """Ask a model, and return what it says."""
    told = model.stream([UserMessage("Hello")], {})
    return "".join([str(event.text) async for event in told if isinstance(event, Text)])


async def chat(models: Models, available: WorkspaceModels) -> None:
    await answer((await models.chat(available, {"provider": "openai", "name": "gpt-4o"})).model)


async def anthropic(models: Models, available: WorkspaceModels) -> None:
    await answer((await models.chat(available, {"provider": "anthropic", "name": "claude-haiku-4-5"})).model)


async def embedding(models: Models, available: WorkspaceModels) -> None:
    chosen = await models.embedding(available, ModelChoice("openai", "text-embedding-3-small"))
    assert chosen is not None
    await chosen.model.embed(["text"])


async def speech(models: Models, available: WorkspaceModels) -> None:
    model = models.audio(available, "tts", ModelChoice("openai", "tts-1"))
    assert model is not None
    assert [piece async for piece in model.speak("Hello", "alloy")]


async def moderation(models: Models, available: WorkspaceModels) -> None:
    model = models.moderation(available)
    assert model is not None
    await model.flagged("text")


async def rerank(models: Models, available: WorkspaceModels) -> None:
    model = models.reranker(available, ModelChoice("openai_api_compatible", "rerank-1"))
    assert model is not None
    await model.scores("question", ["text"])


async def validation(models: Models, available: WorkspaceModels) -> None:
    await models.validate("openai", available.credentials["openai"])


@pytest.mark.parametrize("use", [chat, anthropic, embedding, speech, moderation, rerank, validation])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_workspaces_address_does_not_lead_into_the_private_network(llmock: Any, use: Use, host: str) -> None:
    async with shared() as models:
        with pytest.raises(ApiError) as caught:
            await use(models, workspace(llmock, host))
    assert caught.value.reason == "provider_unreachable"
    assert llmock.requests == []


async def test_whoever_saves_it_is_told_why(llmock: Any) -> None:
    async with shared() as models:
        with pytest.raises(ApiError, match="not a public address") as caught:
            await validation(models, workspace(llmock))
    assert caught.value.code == "credentials_validation_failed"


@pytest.mark.parametrize("use", [chat, anthropic, embedding, validation])
async def test_a_network_that_is_allowed_may_be_asked(llmock: Any, use: Use) -> None:
    async with shared(ssrf_allow_cidrs=("127.0.0.0/8",)) as models:
        await use(models, workspace(llmock))
    assert llmock.requests


async def test_the_servers_own_address_may_lead_anywhere(llmock: Any) -> None:
    llmock.reply("From here.")
    async with shared(llm_url=llmock.base_url("openai"), llm_model="mine") as models:
        assert await answer((await models.chat(WorkspaceModels())).model) == "From here."
