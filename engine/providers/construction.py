"""Makes models out of a provider's name, a model's name and checked credentials."""

from __future__ import annotations

from collections.abc import Mapping

from engine.providers.anthropic_chat import AnthropicChat
from engine.providers.audio import OpenAIAudio
from engine.providers.builtin import EXTRACTIVE_MODEL, PROVIDER, ExtractiveModel
from engine.providers.catalogue import ModelEntry, named_model, provider
from engine.providers.embeddings import OpenAIEmbeddings
from engine.providers.endpoints import endpoint
from engine.providers.model import ChatModel
from engine.providers.moderation import OpenAIModeration
from engine.providers.openai_chat import ChatEndpoint, OpenAIChat
from engine.providers.outbound import ProviderHttp
from engine.providers.rerank import Reranker
from foundation.errors import ApiError


def make_chat(http: ProviderHttp, name: str, model: str, credentials: Mapping[str, str]) -> ChatModel:
    """Returns a chat model of the provider `name`.

    Raises:
        ApiError: the built-in provider has no such model, or the base URL is not one.
    """
    if name == PROVIDER:
        if model != EXTRACTIVE_MODEL:
            message = f"The built-in provider's only chat model is {EXTRACTIVE_MODEL}, not {model!r}."
            raise ApiError("model_currently_not_support", message, reason="model_not_found")
        return ExtractiveModel()
    known = entry(name, model)
    if name == "anthropic":
        return AnthropicChat(
            credentials["anthropic_api_key"],
            model,
            credentials.get("anthropic_api_url", "").rstrip("/").removesuffix("/v1"),
            context_size=known.context,
            http=http,
        )
    where = endpoint(name, credentials, model)
    there = ChatEndpoint(f"{where.base_url}/chat/completions", where.headers, where.query, where.api_key)
    return OpenAIChat(http, there, name, model, calls_tools=known.calls_tools, context_size=known.context)


def make_embedding(http: ProviderHttp, name: str, model: str, credentials: Mapping[str, str]) -> OpenAIEmbeddings:
    """Returns an embedding model of the provider `name`.

    Raises:
        ApiError: the provider has no embedding models (`model_currently_not_support`).
    """
    if "text-embedding" not in provider(name).types or name == PROVIDER:
        message = f"The provider {name} has no embedding model {model!r}."
        raise ApiError("model_currently_not_support", message, reason="model_not_found")
    where = endpoint(name, credentials, model)
    headers = {key: value for key, value in where.headers.items() if key != "Authorization"}
    return OpenAIEmbeddings(
        name,
        model,
        where.base_url,
        where.api_key,
        dimension=entry(name, model).dimension,
        headers=headers,
        query=where.query,
        http=http,
    )


def make_audio(http: ProviderHttp, name: str, model: str, credentials: Mapping[str, str]) -> OpenAIAudio:
    """Returns a model of the provider `name` that speaks or listens.

    Raises:
        ApiError: the provider has no such models (`model_currently_not_support`).
    """
    if not {"tts", "speech2text"} & set(provider(name).types):
        message = f"The provider {name} has no models that speak or listen."
        raise ApiError("model_currently_not_support", message, reason="model_not_found")
    return OpenAIAudio(name, model, endpoint(name, credentials, model), http)


def make_reranker(http: ProviderHttp, name: str, model: str, credentials: Mapping[str, str]) -> Reranker:
    """Returns a reranking model of the provider `name`.

    Raises:
        ApiError: the provider has no such models (`model_currently_not_support`).
    """
    if "rerank" not in provider(name).types:
        message = f"The provider {name} has no reranking model {model!r}."
        raise ApiError("model_currently_not_support", message, reason="model_not_found")
    return Reranker(http, endpoint(name, credentials, model), name, model)


def make_moderation(http: ProviderHttp, name: str, model: str, credentials: Mapping[str, str]) -> OpenAIModeration:
    """Returns a moderation model of an OpenAI-compatible provider."""
    return OpenAIModeration(name, model, endpoint(name, credentials), http)


def entry(provider_name: str, model: str) -> ModelEntry:
    """Returns what the catalogue knows of a model."""
    known = (item for item in provider(provider_name).models if item.name == model)
    return next(known, None) or named_model(model)
