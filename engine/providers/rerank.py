"""Models that put texts in order by how well they answer a question, behind `POST <base URL>/rerank`.

Jina, Cohere, Voyage, vLLM, llama.cpp, LiteLLM and Xinference share this call: `{model, query, documents, top_n}` is
answered with `results` (or `data`), each an `index` and a `relevance_score` (or `score`).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import Any

import aiohttp
import orjson

from engine.providers.endpoints import Endpoint
from engine.providers.failure import ProviderFailure, redact, refused
from engine.providers.outbound import ProviderHttp
from engine.providers.retry import RetryPolicy
from foundation.telemetry import traced

_SECONDS = 30.0
_LONGEST_ANSWER = 4 * 1024 * 1024
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


class Reranker:
    """A reranking model of an OpenAI-compatible server."""

    def __init__(
        self,
        http: ProviderHttp,
        endpoint: Endpoint,
        provider: str,
        model: str,
        retries: RetryPolicy | None = None,
    ) -> None:
        """Takes where the model is served."""
        self.provider = provider
        self.model = model
        self._http = http
        self._endpoint = endpoint
        self._retries = retries or RetryPolicy(longest_wait=5.0)

    async def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """Returns how well each text answers a question, from 0 to 1, in the order of the texts.

        A model that answers with logits (scores outside of 0 to 1) has them passed through the logistic function. A
        text that it leaves out gets 0.

        Raises:
            ApiError: the provider refused, failed, or was not understood.
        """
        if not texts:
            return []
        attempt = 1
        while True:
            try:
                return _scores(await self._ask(query, texts), len(texts))
            except ProviderFailure as failure:
                wait = self._retries.wait(attempt, failure)
                if wait is None:
                    raise failure.error(self.provider, self.model) from failure
            attempt += 1
            await asyncio.sleep(wait)

    async def _ask(self, query: str, texts: Sequence[str]) -> Any:
        where = self._endpoint
        url = f"{where.base_url.removesuffix('/rerank')}/rerank"
        body = {"model": self.model, "query": query, "documents": list(texts), "top_n": len(texts)}
        try:
            async with asyncio.timeout(_SECONDS):
                response = await self._http.session().post(
                    url,
                    params=where.query or None,
                    data=orjson.dumps(body),
                    headers={**_HEADERS, **where.headers, **traced()},
                    allow_redirects=False,
                    **self._http.way(url),
                )
                async with response:
                    answer = b""
                    while len(answer) <= _LONGEST_ANSWER and (piece := await response.content.readany()):
                        answer += piece
        except TimeoutError as error:
            raise ProviderFailure("timeout", f"there was no answer within {_SECONDS:g} s", retryable=True) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            said = redact(str(error) or type(error).__name__, where.api_key)
            raise ProviderFailure("connection", f"the connection failed ({said})", retryable=True) from error
        if response.status != 200:
            raise refused(response.status, response.headers, answer.decode("utf-8", "replace"), where.api_key)
        try:
            return orjson.loads(answer)
        except orjson.JSONDecodeError as error:
            raise ProviderFailure("malformed", "the answer is not JSON", retryable=True) from error


def _scores(answer: Any, number: int) -> list[float]:
    listed = answer.get("results", answer.get("data")) if isinstance(answer, dict) else answer
    if not isinstance(listed, list):
        raise ProviderFailure("malformed", "the answer has no results")
    found: dict[int, float] = {}
    for entry in listed:
        place = entry.get("index") if isinstance(entry, dict) else None
        score = entry.get("relevance_score", entry.get("score")) if isinstance(entry, dict) else None
        if not isinstance(place, int) or not 0 <= place < number:
            raise ProviderFailure("malformed", "a result has no index of a document")
        if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
            raise ProviderFailure("malformed", "a result has no relevance score")
        found[place] = float(score)
    if any(not 0 <= score <= 1 for score in found.values()):
        found = {place: _logistic(score) for place, score in found.items()}
    return [found.get(place, 0.0) for place in range(number)]


def _logistic(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-500.0, min(500.0, logit))))
