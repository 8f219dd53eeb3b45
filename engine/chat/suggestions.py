"""Questions that a person might ask next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any, cast

import orjson

from engine.chat.turn import Exchange
from engine.providers.builtin import PROVIDER
from engine.providers.events import Text
from engine.providers.messages import ChatMessage, SystemMessage, UserMessage
from engine.providers.model import ChatModel

MOST = 3
EXCHANGES_READ = 3
_LONGEST_TEXT = 3_000
_LONGEST_QUESTION = 1_000
_TASK = (
    "Read the conversation and write the three questions that the user would most likely ask next, from the user's"
    " point of view, each under twenty words, in the language of the user's last message. Reply with a JSON array of"
    " three strings and nothing else."
)
_PARAMETERS = {"temperature": 0, "max_tokens": 256}
_ARRAY = re.compile(r"\[.*\]", re.DOTALL)


async def suggest_questions(model: ChatModel, history: Sequence[Exchange]) -> list[str]:
    """Returns at most three questions that may follow a conversation; none from the built-in model.

    Args:
        model: who thinks of them.
        history: what was said, oldest first; the last exchanges are read.

    Raises:
        ApiError: the model's provider refused, failed, or was not understood.
    """
    if model.provider == PROVIDER or not history:
        return []
    told = "\n\n".join(
        f"User: {exchange.query[:_LONGEST_TEXT]}\nAssistant: {exchange.answer[:_LONGEST_TEXT]}"
        for exchange in history[-EXCHANGES_READ:]
    )
    asked: list[ChatMessage] = [SystemMessage(_TASK), UserMessage(told)]
    said: list[str] = []
    async with aclosing(cast("Any", model.stream(asked, _PARAMETERS))) as events:
        async for event in events:
            if isinstance(event, Text):
                said.append(event.text)
    return read_questions("".join(said))


def read_questions(text: str) -> list[str]:
    """Returns the questions in a model's reply: the strings of its JSON array; none where there is no array."""
    found = _ARRAY.search(text)
    if found is None:
        return []
    try:
        listed = orjson.loads(found.group())
    except orjson.JSONDecodeError:
        return []
    questions = [" ".join(entry.split())[:_LONGEST_QUESTION] for entry in listed if isinstance(entry, str)]
    return [question for question in questions if question][:MOST]
