"""Names a conversation after its first question."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any, cast

from engine.providers.builtin import PROVIDER
from engine.providers.events import Text
from engine.providers.messages import ChatMessage, SystemMessage, UserMessage
from engine.providers.model import ChatModel
from foundation.errors import ApiError

LONGEST_NAME = 40
_LONGEST_QUESTION = 2_000
_LONGEST_ANSWER = 400
_TASK = (
    "Give the conversation that begins with the user's message a title of at most six words, in the language of"
    " the message. Reply with the title alone: no quotation marks, no full stop. Do not answer the message."
)
_PARAMETERS = {"max_tokens": 60}


def conversation_name(query: str) -> str:
    """Returns the first words of a question as a name; it is empty where the question is blank."""
    words = " ".join(query.split())
    if len(words) <= LONGEST_NAME:
        return words
    cut = words[: LONGEST_NAME - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > LONGEST_NAME // 2 else cut).rstrip(" ,.;:，。") + "…"


async def suggest_name(model: ChatModel, query: str) -> str:
    """Returns a name that the model gives, or the first words where it cannot or does not."""
    if model.provider == PROVIDER or not query.strip():
        return conversation_name(query)
    asked: list[ChatMessage] = [SystemMessage(_TASK), UserMessage(query[:_LONGEST_QUESTION])]
    said: list[str] = []
    try:
        async with aclosing(cast("Any", model.stream(asked, _PARAMETERS))) as events:
            async for event in events:
                if isinstance(event, Text):
                    said.append(event.text)
                    if len("".join(said)) > _LONGEST_ANSWER:
                        break
    except ApiError:
        return conversation_name(query)
    lines = "".join(said).strip().splitlines()
    return conversation_name(lines[0].strip(" \"'“”《》#*")) if lines else conversation_name(query)
