"""What every model can do, whoever serves it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Protocol

from engine.providers.events import ModelEvent, Usage
from engine.providers.messages import ChatMessage, Grounding, Tool
from engine.providers.pricing import Charge


class ChatModel(Protocol):
    """A model that answers messages piece by piece."""

    @property
    def provider(self) -> str:
        """The provider's name in the catalogue."""

    @property
    def model(self) -> str:
        """The model's name at that provider."""

    @property
    def calls_tools(self) -> bool:
        """Whether `tools` may be passed."""

    @property
    def context_size(self) -> int:
        """How many tokens prompt and answer may have together; 0 where it is unknown."""

    def stream(
        self,
        messages: Sequence[ChatMessage],
        parameters: Mapping[str, Any],
        tools: Sequence[Tool] = (),
        context: Grounding | None = None,
    ) -> AsyncIterator[ModelEvent]:
        """Answers `messages`.

        The last event of a complete answer is an End; an answer that breaks off raises instead. Closing the iterator,
        or cancelling the task that reads it, ends the call at the provider at once.

        Raises:
            ApiError: the provider refused, failed, or was not understood; the message names what to do.
        """

    def price(self, usage: Usage) -> Charge:
        """Returns what a call with `usage` costs."""


class EmbeddingModel(Protocol):
    """A model that turns texts into vectors of one length."""

    @property
    def provider(self) -> str:
        """The provider's name in the catalogue."""

    @property
    def model(self) -> str:
        """The model's name at that provider."""

    @property
    def dimension(self) -> int:
        """The length of each vector; 0 where it is unknown until the first call."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Returns one vector for each text, in order.

        Raises:
            ApiError: the provider refused, failed, or returned vectors of another length.
        """
