"""Embedding models: batches, order, faults, lengths."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from engine.providers.embeddings import OpenAIEmbeddings, batches
from engine.providers.retry import RetryPolicy
from foundation.errors import ApiError
from foundation.telemetry import trace_id
from tests.engine.providers.peer import Answer, peer, refusal

JSON = {"Content-Type": "application/json"}


@asynccontextmanager
async def embeddings(url: str, dimension: int = 0) -> AsyncIterator[OpenAIEmbeddings]:
    retries = RetryPolicy(attempts=3, first_wait=0.01, longest_wait=2)
    model = OpenAIEmbeddings("openai", "small", url, "sk-secret-123456", dimension=dimension, retries=retries)
    yield model
    await model.aclose()


def vectors(*found: list[float], order: list[int] | None = None) -> Answer:
    places = order or list(range(len(found)))
    data = [{"object": "embedding", "index": i, "embedding": v} for i, v in zip(places, found, strict=True)]
    return Answer(orjson.dumps({"object": "list", "data": data, "model": "small"}), headers=JSON)


async def test_many_texts_are_sent_in_batches(llmock: Any) -> None:
    async with embeddings(llmock.base_url("openai")) as model:
        found = await model.embed([f"text {number}" for number in range(200)])
    assert len(found) == 200
    assert model.dimension == len(found[0])
    assert len(llmock.requests) == 3


async def test_a_rate_limit_is_waited_for(llmock: Any) -> None:
    llmock.rate_limit(times=1, retry_after=1)
    async with embeddings(llmock.base_url("openai")) as model:
        started = asyncio.get_running_loop().time()
        await model.embed(["text"])
    assert asyncio.get_running_loop().time() - started >= 1
    llmock.assert_resilient(strict=True)


async def test_the_trace_id_goes_along() -> None:
    token = trace_id.set("trace-of-ada")
    try:
        async with peer(vectors([1.0, 0.0])) as served, embeddings(served.url) as model:
            await model.embed(["a"])
    finally:
        trace_id.reset(token)
    assert {name.lower(): value for name, value in served.headers[0].items()}["x-trace-id"] == "trace-of-ada"


async def test_vectors_come_in_the_order_of_the_texts() -> None:
    async with peer(vectors([1.0, 0.0], [0.0, 1.0], order=[1, 0])) as served, embeddings(served.url) as model:
        assert await model.embed(["a", "b"]) == [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (vectors([1.0, 0.0, 0.0]), "length 3, not 2"),
        (vectors([1.0, 0.0], [0.0, 1.0]), "2 vectors for 1 texts"),
        (vectors([]), "not a list of numbers"),
        (Answer(b"<html>", headers=JSON), "not valid"),
    ],
)
async def test_vectors_that_are_not_right_are_refused(answer: Answer, words: str) -> None:
    async with peer(answer) as served, embeddings(served.url, dimension=2) as model:
        with pytest.raises(ApiError) as caught:
            await model.embed(["a"])
    assert words in caught.value.message


async def test_a_refused_key_is_not_repeated() -> None:
    async with peer(refusal(401, "bad key sk-secret-123456")) as served, embeddings(served.url) as model:
        with pytest.raises(ApiError) as caught:
            await model.embed(["a"])
    assert caught.value.reason == "invalid_api_key"
    assert "secret" not in caught.value.message
    assert len(served.asked) == 1


def test_batches_keep_the_order_and_bound_number_and_size() -> None:
    texts = [str(number) for number in range(250)] + ["x" * 100_000, "y" * 100_000, " "]
    cut = batches(texts)
    assert [text for batch in cut for text in batch] == texts
    assert max(map(len, cut)) <= 96
    assert all(len(batch) == 1 or sum(map(len, batch)) <= 120_000 for batch in cut)
