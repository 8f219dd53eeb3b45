"""Embedding models behind OpenAI-compatible endpoints, through the openai SDK (imported when first used)."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import httpx2

from engine.providers.failure import ProviderFailure, redact, refused
from engine.providers.outbound import ProviderHttp
from engine.providers.retry import RetryPolicy
from foundation.egress import EgressRefused
from foundation.telemetry import traced

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_TEXTS_A_BATCH = 96
_CHARACTERS_A_BATCH = 120_000
_BATCHES_AT_ONCE = 4


class OpenAIEmbeddings:
    """An embedding model of OpenAI, Azure, Ollama, vLLM, Gemini or anything that speaks their protocol."""

    def __init__(
        self,
        provider: str,
        model: str,
        base_url: str,
        api_key: str = "",
        *,
        dimension: int = 0,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        http: ProviderHttp | None = None,
        retries: RetryPolicy | None = None,
    ) -> None:
        """Takes where the model is served; `dimension` 0 accepts what the first answer has."""
        self.provider = provider
        self.model = model
        self.dimension = dimension
        self._base_url = base_url
        self._key = api_key
        self._headers = dict(headers or {})
        self._query = dict(query or {})
        self._http = http or ProviderHttp()
        self._retries = retries or RetryPolicy(attempts=5, longest_wait=60)
        self._places = asyncio.Semaphore(_BATCHES_AT_ONCE)
        self._client: AsyncOpenAI | None = None

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Returns one vector for each text; see `EmbeddingModel.embed`."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._batch(batch)) for batch in batches(texts)]
        except* ProviderFailure as failures:
            first = failures.exceptions[0]
            while isinstance(first, BaseExceptionGroup):
                first = first.exceptions[0]
            failure = first
        else:
            return [vector for task in tasks for vector in task.result()]
        raise failure.error(self.provider, self.model) from failure

    async def aclose(self) -> None:
        """Ends the connections."""
        if self._client is not None:
            await self._client.close()

    async def _batch(self, texts: list[str]) -> list[list[float]]:
        attempt = 1
        while True:
            try:
                async with self._places:
                    return self._checked(await self._ask(texts), len(texts))
            except ProviderFailure as failure:
                wait = self._retries.wait(attempt, failure)
                if wait is None:
                    raise
            attempt += 1
            await asyncio.sleep(wait)

    async def _ask(self, texts: list[str]) -> list[Any]:
        """Returns the vectors as the provider sent them, in the order of `texts`."""
        import openai

        client = await self._connected()
        try:
            answer = await client.embeddings.create(
                model=self.model, input=texts, encoding_format="float", extra_headers=traced()
            )
        except openai.APIStatusError as error:
            raise refused(error.status_code, error.response.headers, error.response.text, self._key) from error
        except (openai.APITimeoutError, httpx2.TimeoutException) as error:
            raise ProviderFailure("timeout", "the vectors did not arrive in time", retryable=True) from error
        except (json.JSONDecodeError, openai.APIResponseValidationError, ValueError) as error:
            raise ProviderFailure("malformed", "the answer is not valid", retryable=True) from error
        except EgressRefused as error:
            raise ProviderFailure("connection", error.message) from error
        except (openai.APIError, httpx2.TransportError, OSError) as error:
            said = redact(str(error) or type(error).__name__, self._key)
            raise ProviderFailure("connection", f"the connection failed ({said})", retryable=True) from error
        items = answer.data or []
        if all(isinstance(item.index, int) for item in items):
            items = sorted(items, key=lambda item: item.index)
        return [item.embedding for item in items]

    def _checked(self, vectors: list[Any], expected: int) -> list[list[float]]:
        if len(vectors) != expected:
            message = f"it returned {len(vectors)} vectors for {expected} texts"
            raise ProviderFailure("malformed", message, retryable=True)
        for vector in vectors:
            if not isinstance(vector, list) or not vector or not all(map(math.isfinite, vector)):
                raise ProviderFailure("malformed", "it returned a vector that is not a list of numbers")
            if self.dimension == 0:
                self.dimension = len(vector)
            elif len(vector) != self.dimension:
                message = f"it returned vectors of length {len(vector)}, not {self.dimension}"
                raise ProviderFailure("malformed", message)
        return vectors

    async def _connected(self) -> AsyncOpenAI:
        if self._client is None:
            openai = await asyncio.to_thread(__import__, "openai")
            self._client = openai.AsyncOpenAI(
                api_key=self._key or "none",
                base_url=self._base_url,
                max_retries=0,
                timeout=httpx2.Timeout(self._http.timeouts.stall, connect=self._http.timeouts.connect),
                http_client=self._http.sdk_client(),
                default_headers=self._headers,
                default_query=self._query,
            )
        return self._client


def batches(texts: Sequence[str]) -> list[list[str]]:
    """Returns `texts` in order, cut by number and by size. A blank text is sent as a space."""
    cut: list[list[str]] = []
    size = 0
    for text in texts:
        sent = text if text.strip() else " "
        if not cut or len(cut[-1]) == _TEXTS_A_BATCH or size + len(sent) > _CHARACTERS_A_BATCH:
            cut.append([])
            size = 0
        cut[-1].append(sent)
        size += len(sent)
    return cut
