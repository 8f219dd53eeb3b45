"""Tries credentials by a real call, before they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from typing import Any, cast

from engine.providers.anthropic_chat import AnthropicChat
from engine.providers.catalogue import ModelType, provider
from engine.providers.construction import make_chat, make_embedding
from engine.providers.discovery import check_anthropic, list_models
from engine.providers.endpoints import endpoint
from engine.providers.failure import ProviderFailure
from engine.providers.messages import UserMessage
from engine.providers.outbound import ProviderHttp
from foundation.errors import ApiError

_NO_SUCH_PATH = (404, 405, 501)
_FEW_TOKENS = {"max_tokens": 16}


async def validate_credentials(
    http: ProviderHttp,
    provider_name: str,
    credentials: Mapping[str, Any],
    model: str = "",
    model_type: ModelType = "llm",
) -> dict[str, str]:
    """Returns the values of the provider's form, once the provider has accepted them.

    A model that is named, in the form or by `model`, is asked for a few tokens or an embedding; otherwise, and for
    models of other types, the provider's list of models is read, which costs nothing.

    Raises:
        ApiError: no such provider (`provider_not_found`); a field is missing or wrong, or the provider does not take
            them (`credentials_validation_failed`, with a detail for each field or the provider's reason).
    """
    chosen = provider(provider_name)
    values = chosen.checked(credentials)
    try:
        if chosen.name == "anthropic":
            await _anthropic(http, values, model)
        elif chosen.name != "builtin" and model and model_type in ("llm", "text-embedding"):
            await (_ask if model_type == "llm" else _embed)(http, chosen.name, model, values)
        elif chosen.name != "builtin":
            await _compatible(http, chosen.name, values)
    except ProviderFailure as failure:
        raise _invalid(failure.error(chosen.name, model)) from failure
    except ApiError as error:
        if error.code == "credentials_validation_failed":
            raise
        raise _invalid(error) from error
    return values


async def _anthropic(http: ProviderHttp, values: Mapping[str, str], model: str) -> None:
    try:
        await check_anthropic(http, values["anthropic_api_key"], values.get("anthropic_api_url", ""))
    except ProviderFailure as failure:
        if failure.status not in _NO_SUCH_PATH:
            raise
        model = model or provider("anthropic").models[0].name
    if model:
        await _ask(http, "anthropic", model, values)


async def _compatible(http: ProviderHttp, name: str, values: Mapping[str, str]) -> None:
    where = endpoint(name, values)
    asked = where.llm_models
    if where.lists_models and not asked:
        try:
            await list_models(http, where)
        except ProviderFailure as failure:
            if failure.status not in _NO_SUCH_PATH:
                raise
            message = "It does not list its models. Name at least one chat model, so that it can be tried."
            raise ApiError("credentials_validation_failed", message, reason="model_not_found") from failure
    for chosen in asked:
        await _ask(http, name, chosen, values)
    for chosen in where.embedding_models:
        await _embed(http, name, chosen, values)


async def _embed(http: ProviderHttp, name: str, model: str, values: Mapping[str, str]) -> None:
    embeddings = make_embedding(http, name, model, values)
    try:
        await embeddings.embed(["ping"])
    finally:
        await embeddings.aclose()


async def _ask(http: ProviderHttp, name: str, model: str, values: Mapping[str, str]) -> None:
    """Reads the first piece of an answer."""
    chat = make_chat(http, name, model, values)
    try:
        stream = cast("Any", chat.stream([UserMessage("ping")], _FEW_TOKENS))
        async with aclosing(stream) as events:
            async for _ in events:
                return
    finally:
        if isinstance(chat, AnthropicChat):
            await chat.aclose()


def _invalid(error: ApiError) -> ApiError:
    return ApiError("credentials_validation_failed", error.message, reason=error.reason)
