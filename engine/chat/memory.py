"""How much of a conversation the model is reminded of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.chat.turn import Exchange
from engine.providers.messages import AssistantMessage, ChatMessage, UserMessage
from engine.providers.tokens import estimate_message

_UNKNOWN_WINDOW = 4_096
_LARGEST_MEMORY = 32_000
_ANSWER = 1_024
_LEAST_MEMORY = 256


def room_for_history(context_size: int, parameters: Mapping[str, Any], prompt_tokens: int) -> int:
    """Returns how many tokens of history fit beside the prompt and the answer.

    A model of unknown size is taken to hold 4 096 tokens, which is what small local models are run with.
    """
    wanted = parameters.get("max_tokens") or parameters.get("max_completion_tokens")
    answer = wanted if isinstance(wanted, int) and wanted > 0 else _ANSWER
    window = context_size or max(_UNKNOWN_WINDOW, answer * 2)
    return max(_LEAST_MEMORY, min(_LARGEST_MEMORY, window - answer - prompt_tokens))


def remember(history: Sequence[Exchange], room: int) -> list[Exchange]:
    """Returns the latest exchanges, oldest first, that have at most `room` tokens together."""
    kept: list[Exchange] = []
    for exchange in reversed(history):
        room -= sum(map(estimate_message, spoken([exchange])))
        if room < 0:
            break
        kept.append(exchange)
    return kept[::-1]


def spoken(history: Sequence[Exchange]) -> list[ChatMessage]:
    """Returns exchanges as messages; one that was never answered is left out."""
    return [
        message
        for exchange in history
        if exchange.query and exchange.answer
        for message in (UserMessage(exchange.query), AssistantMessage(exchange.answer))
    ]
