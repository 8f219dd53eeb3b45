"""A turn from the question to the receipt, against a real HTTP peer and the built-in model."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from engine.chat import ChatEvent, Delta, Exchange, Finished, Picture, Retrieved, Turn, run, suggest_name
from engine.providers.builtin import ExtractiveModel
from engine.retrieval.hit import Hit
from foundation.errors import ApiError
from tests.engine.providers.peer import DONE, STOP, USAGE, Answer, chat_model, chunk, peer, text

KNOWLEDGE = {"dataset_configs": {"datasets": {"datasets": [{"dataset": {"id": "d1", "enabled": True}}]}}}


def hit(content: str = "Refunds are paid within 30 days.") -> Hit:
    segment = SimpleNamespace(
        id="s1", content=content, answer=None, hit_count=1, word_count=6, position=4, index_node_hash="h", metadata_={}
    )
    document = SimpleNamespace(id="doc1", name="refunds.md", data_source_type="upload_file")
    dataset = SimpleNamespace(id="d1", name="Policies")
    return Hit(1, 0.8, cast("Any", segment), cast("Any", document), cast("Any", dataset))


async def found(query: str) -> Sequence[Hit]:
    return [hit()]


async def events(turn: Turn, model: Any, retrieve: Any = None) -> list[ChatEvent]:
    return [event async for event in run(turn, model, retrieve)]


async def test_an_answer_streams_and_ends_with_a_receipt() -> None:
    turn = Turn("chat", {"model": {"completion_params": {"temperature": 0}}}, "hello")
    answer = Answer(text("Hel"), 0.05, text("lo"), STOP, USAGE, DONE)
    async with peer(answer) as served, chat_model(served.url) as model:
        told = await events(turn, model)
    assert told[:2] == [Delta("Hel"), Delta("lo")]
    finished = told[-1]
    assert isinstance(finished, Finished)
    usage = finished.metadata["usage"]
    assert usage["total_tokens"] == 9
    assert usage["latency"] >= usage["time_to_generate"] > 0
    assert finished.usage.charge.known
    assert "retriever_resources" not in finished.metadata
    assert served.asked[0]["messages"] == [{"role": "user", "content": "hello"}]
    assert served.asked[0]["temperature"] == 0


async def test_passages_reach_the_model_and_the_reader() -> None:
    async with peer(Answer(text("30 days."), STOP, USAGE, DONE)) as served, chat_model(served.url) as model:
        told = await events(Turn("chat", KNOWLEDGE, "When are refunds paid?"), model, found)
    assert isinstance(told[0], Retrieved)
    assert told[0].resources[0]["document_name"] == "refunds.md"
    assert told[0].resources[0]["segment_position"] == 4
    assert "Refunds are paid within 30 days." in served.asked[0]["messages"][0]["content"]
    assert isinstance(told[-1], Finished)
    assert told[-1].metadata["retriever_resources"] == list(told[0].resources)


async def test_sources_can_be_switched_off() -> None:
    config = {**KNOWLEDGE, "retriever_resource": {"enabled": False}}
    told = await events(Turn("chat", config, "When are refunds paid?"), ExtractiveModel(), found)
    assert isinstance(told[-1], Finished)
    assert "retriever_resources" not in told[-1].metadata


async def test_a_knowledge_base_that_is_disabled_is_not_searched() -> None:
    config = {"dataset_configs": {"datasets": {"datasets": [{"dataset": {"id": "d1", "enabled": False}}]}}}
    told = await events(Turn("chat", config, "When are refunds paid?"), ExtractiveModel(), found)
    assert not any(isinstance(event, Retrieved) for event in told)


async def test_without_a_provider_the_built_in_model_quotes_the_documents() -> None:
    told = await events(Turn("chat", KNOWLEDGE, "When are refunds paid?"), ExtractiveModel(), found)
    answer = "".join(event.text for event in told if isinstance(event, Delta))
    assert answer.startswith("No language model is connected.")
    assert "Refunds are paid within 30 days." in answer
    assert "[refunds.md]" in answer
    assert isinstance(told[-1], Finished)
    assert told[-1].metadata["usage"]["total_price"] == "0"
    assert told[-1].metadata["usage_estimated"]


async def test_pictures_go_with_the_question() -> None:
    turn = Turn("chat", {}, "What is this?", pictures=[Picture("data:image/png;base64,AA")])
    async with peer(Answer(text("A dot."), STOP, DONE)) as served, chat_model(served.url) as model:
        await events(turn, model)
    content = served.asked[0]["messages"][0]["content"]
    assert [part["type"] for part in content] == ["text", "image_url"]


async def test_cancelling_ends_the_call_to_the_model() -> None:
    async with peer(Answer(text("a"), 90.0)) as served, chat_model(served.url) as model:
        task = asyncio.create_task(events(Turn("chat", {}, "hello"), model))
        await served.asked_once()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(served.left.wait(), 20)


async def test_an_answer_that_a_filter_emptied_is_an_error() -> None:
    async with peer(Answer(chunk(finish="content_filter"), DONE)) as served, chat_model(served.url) as model:
        with pytest.raises(ApiError) as caught:
            await events(Turn("chat", {}, "hello"), model)
    assert caught.value.reason == "content_filter"


async def test_a_failing_model_fails_the_run() -> None:
    async with peer(Answer(text("half"))) as served, chat_model(served.url) as model:
        with pytest.raises(ApiError) as caught:
            await events(Turn("chat", {}, "hello", history=[Exchange("a", "b")]), model)
    assert caught.value.code == "completion_request_error"


async def test_a_name_is_asked_from_the_model_and_taken_from_the_question_otherwise() -> None:
    question = "How long do I have to request a refund for the things that I bought?"
    script = [Answer(text('"Refund period"'), STOP, DONE), Answer(status=400)]
    async with peer(*script) as served, chat_model(served.url) as model:
        assert await suggest_name(model, question) == "Refund period"
        assert await suggest_name(model, question) == "How long do I have to request a refund…"
    assert await suggest_name(ExtractiveModel(), "  hello\nthere ") == "hello there"
