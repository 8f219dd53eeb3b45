"""Asks a provider which models it serves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

from engine.providers.catalogue import ModelEntry, named_model
from engine.providers.endpoints import Endpoint
from engine.providers.failure import ProviderFailure, redact, refused
from engine.providers.outbound import ProviderHttp

_LONGEST_LIST = 4 * 1024 * 1024
_ANTHROPIC_URL = "https://api.anthropic.com"


async def list_models(http: ProviderHttp, endpoint: Endpoint, seconds: float = 15.0) -> list[ModelEntry]:
    """Returns the models that an OpenAI-compatible endpoint lists.

    Raises:
        ProviderFailure: it refused, cannot be reached, or answered something else.
    """
    answer = await _get(
        http, f"{endpoint.base_url}/models", endpoint.headers, endpoint.query, endpoint.api_key, seconds
    )
    listed = answer.get("data") if isinstance(answer, dict) else answer
    if not isinstance(listed, list):
        raise ProviderFailure("malformed", "its list of models is not one")
    names = [str(entry["id"]) for entry in listed if isinstance(entry, dict) and entry.get("id")]
    return [named_model(name.removeprefix("models/")) for name in names]


async def check_anthropic(http: ProviderHttp, api_key: str, base_url: str, seconds: float = 15.0) -> None:
    """Asks Anthropic for its models, to see whether it takes the key.

    Raises:
        ProviderFailure: it does not.
    """
    base = (base_url or _ANTHROPIC_URL).rstrip("/").removesuffix("/v1")
    headers = {"x-api-key": api_key, "anthropic-version": "2023-06-01"}
    await _get(http, f"{base}/v1/models", headers, {"limit": "1"}, api_key, seconds)


async def probe_ollama(http: ProviderHttp, host: str, seconds: float = 0.3) -> list[ModelEntry]:
    """Returns the models of an Ollama that answers within `seconds`; none where there is none."""
    try:
        answer = await _get(http, f"{host}/api/tags", {}, {}, "", seconds)
    except ProviderFailure:
        return []
    listed = answer.get("models") if isinstance(answer, dict) else None
    names = [entry.get("name") for entry in listed or [] if isinstance(entry, dict)]
    return [named_model(str(name)) for name in names if name]


async def _get(
    http: ProviderHttp,
    url: str,
    headers: Mapping[str, str],
    query: Mapping[str, str],
    secret: str,
    seconds: float,
) -> Any:
    """Returns the JSON at `url`."""
    try:
        async with asyncio.timeout(seconds):
            response = await http.session().get(
                url, headers=headers, params=query or None, allow_redirects=False, **http.way(url)
            )
            async with response:
                body = b""
                while len(body) <= _LONGEST_LIST and (piece := await response.content.readany()):
                    body += piece
    except TimeoutError as error:
        raise ProviderFailure("timeout", f"there was no answer within {seconds:g} s") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        said = redact(str(error) or type(error).__name__, secret)
        raise ProviderFailure("connection", f"it cannot be reached ({said})") from error
    if response.status != 200:
        raise refused(response.status, response.headers, body.decode("utf-8", "replace"), secret)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ProviderFailure("malformed", "the answer is not valid JSON", status=200) from error
