"""Runs one turn from the question to the receipt."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any, TypeAlias, cast

from engine.chat.events import ChatEvent, Delta, Finished, Retrieved
from engine.chat.prompt import compose
from engine.chat.sources import passage, resource
from engine.chat.turn import Turn
from engine.providers.events import End, Text
from engine.providers.messages import Grounding
from engine.providers.model import ChatModel
from engine.providers.pricing import Receipt
from engine.retrieval.hit import Hit
from foundation.errors import ApiError

Retrieve: TypeAlias = Callable[[str], Awaitable[Sequence[Hit]]]


async def run(turn: Turn, model: ChatModel, retrieve: Retrieve | None) -> AsyncIterator[ChatEvent]:
    """Answers a turn.

    Yields Retrieved (where the app has knowledge bases), Deltas, and Finished at the end of a complete answer.
    Cancelling the reader ends the call to the model at once.

    Args:
        turn: what is asked.
        model: who answers.
        retrieve: searches the turn's knowledge bases; None where there are none.

    Raises:
        ApiError: retrieval or the model failed, or the model's filter left no answer.
    """
    began = time.monotonic()
    grounding: Grounding | None = None
    resources: list[dict[str, Any]] = []
    if retrieve is not None and turn.dataset_ids:
        query = turn.search_query
        hits = list(await retrieve(query)) if query.strip() else []
        grounding = Grounding(query, tuple(passage(hit) for hit in hits))
        resources = [resource(hit) for hit in hits]
        yield Retrieved(tuple(resources))
    messages = compose(turn, None if grounding is None else grounding.passages, model.context_size)
    first: float | None = None
    end: End | None = None
    stream = cast("Any", model.stream(messages, turn.parameters, context=grounding))
    async with aclosing(stream) as events:
        async for event in events:
            if isinstance(event, Text):
                if first is None:
                    first = time.monotonic()
                yield Delta(event.text)
            elif isinstance(event, End):
                end = event
    if end is None:
        raise ApiError("completion_request_error", "The model's answer has no end.", reason="answer_truncated")
    if first is None and end.finish_reason == "content_filter":
        message = "The provider's content filter left nothing of the answer. Ask in other words."
        raise ApiError("completion_request_error", message, reason="content_filter")
    yield _finished(turn, model, end, resources, began, first)


def _finished(
    turn: Turn, model: ChatModel, end: End, resources: list[dict[str, Any]], began: float, first: float | None
) -> Finished:
    now = time.monotonic()
    first = now if first is None else first
    receipt = Receipt(end.usage, model.price(end.usage), now - began, first - began, now - first)
    metadata = receipt.metadata()
    if resources and turn.shows_sources:
        metadata["retriever_resources"] = resources
    return Finished(receipt, metadata)
