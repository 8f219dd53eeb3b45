"""The model's side of a run: one question after another, with what all of them cost."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from decimal import Decimal
from typing import Any, cast

from engine.agents.toolbox import Outcome
from engine.chat.events import Finished
from engine.chat.turn import Turn
from engine.providers.events import End, Text, ToolCall, Usage
from engine.providers.messages import ChatMessage, Tool
from engine.providers.model import ChatModel
from engine.providers.pricing import Charge, Receipt
from foundation.errors import ApiError


class Inquiry:
    """Asks a model repeatedly; after each question `text`, `calls` and `end` are its answer."""

    def __init__(self, turn: Turn, model: ChatModel) -> None:
        self.turn = turn
        self.model = model
        self.text = ""
        self.calls: tuple[ToolCall, ...] = ()
        self.end = End(Usage(), "")
        self.usage = Usage()
        self.resources: list[Mapping[str, Any]] = []
        self._charges: list[Charge] = []
        self._tokens_below = 0
        self._price_below = Decimal(0)
        self._began = time.monotonic()
        self._first: float | None = None

    async def ask(
        self, messages: Sequence[ChatMessage], tools: Sequence[Tool] = (), stop: Sequence[str] = ()
    ) -> AsyncIterator[str]:
        """Yields the pieces of the model's text.

        Args:
            messages: the question.
            tools: what may be called.
            stop: texts before which the model ends; the app's own ones count first.

        Raises:
            ApiError: the model failed, its answer has no end, or its filter left nothing.
        """
        self.text, self.calls = "", ()
        said: list[str] = []
        calls: list[ToolCall] = []
        end: End | None = None
        parameters = {"stop": list(stop), **self.turn.parameters} if stop else self.turn.parameters
        stream = cast("Any", self.model.stream(messages, parameters, tools))
        async with aclosing(stream) as events:
            async for event in events:
                if isinstance(event, Text):
                    if self._first is None:
                        self._first = time.monotonic()
                    said.append(event.text)
                    yield event.text
                elif isinstance(event, ToolCall):
                    calls.append(event)
                elif isinstance(event, End):
                    end = event
        if end is None:
            raise ApiError("completion_request_error", "The model's answer has no end.", reason="answer_truncated")
        self.text, self.calls, self.end = "".join(said), tuple(calls), end
        self._charges.append(self.model.price(end.usage))
        self.usage = _sum(self.usage, end.usage)
        if not said and not calls and end.finish_reason == "content_filter":
            message = "The provider's content filter left nothing of the answer. Ask in other words."
            raise ApiError("completion_request_error", message, reason="content_filter")

    def learn(self, outcomes: Sequence[Outcome]) -> list[Mapping[str, Any]]:
        """Takes in what tools found and what it cost; returns the passages that they found."""
        found = [resource for outcome in outcomes for resource in outcome.resources]
        self.resources += found
        self._tokens_below += sum(outcome.tokens for outcome in outcomes)
        self._price_below += sum((outcome.price for outcome in outcomes), Decimal(0))
        return found

    def finished(self) -> Finished:
        """Returns the end of the run, with the cost of every question and of the workflows that were called."""
        now = time.monotonic()
        first = now if self._first is None else self._first
        charge = _total(self._charges)
        times = (now - self._began, first - self._began, now - first)
        receipt = Receipt(self.usage, charge, *times, self._tokens_below, self._price_below)
        metadata = receipt.metadata()
        if self.resources and self.turn.shows_sources:
            metadata["retriever_resources"] = self.numbered()
        return Finished(receipt, metadata)

    def numbered(self) -> list[dict[str, Any]]:
        """Returns the passages that tools found, each once, in the order in which they were found."""
        found = {str(resource.get("segment_id")): resource for resource in reversed(self.resources)}
        ordered = list(reversed(found.values()))
        return [{**resource, "position": place} for place, resource in enumerate(ordered, 1)]


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        one.prompt_tokens + other.prompt_tokens,
        one.completion_tokens + other.completion_tokens,
        one.cached_tokens + other.cached_tokens,
        one.cache_write_tokens + other.cache_write_tokens,
        one.estimated or other.estimated,
    )


def _total(charges: Sequence[Charge]) -> Charge:
    """Returns several charges as one; the unit prices are those of the last."""
    if not charges:
        return Charge()
    last = charges[-1]
    return Charge(
        last.prompt_unit_price,
        last.completion_unit_price,
        sum((charge.prompt_price for charge in charges), start=type(last.prompt_price)(0)),
        sum((charge.completion_price for charge in charges), start=type(last.completion_price)(0)),
        all(charge.known for charge in charges),
    )
