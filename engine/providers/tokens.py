"""Token counts where no tokenizer and no provider tells them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from engine.providers.events import Usage
from engine.providers.messages import AssistantMessage, ChatMessage, ImagePart, Tool, UserMessage, plain_text

_WIDE = re.compile(r"[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_CHARACTERS_A_TOKEN = 4
_TOKENS_A_MESSAGE = 4
_TOKENS_A_PICTURE = 765


def estimate_tokens(text: str) -> int:
    """Returns about how many tokens `text` has: four characters each, one for a CJK character."""
    wide = len(_WIDE.findall(text))
    return wide + -(-(len(text) - wide) // _CHARACTERS_A_TOKEN)


def estimate_message(message: ChatMessage) -> int:
    """Returns about how many tokens `message` takes in a prompt."""
    tokens = _TOKENS_A_MESSAGE + estimate_tokens(plain_text(message))
    if isinstance(message, UserMessage) and not isinstance(message.content, str):
        tokens += _TOKENS_A_PICTURE * sum(isinstance(part, ImagePart) for part in message.content)
    if isinstance(message, AssistantMessage):
        tokens += sum(estimate_tokens(call.name + call.arguments) for call in message.tool_calls)
    return tokens


def estimate_usage(messages: Iterable[ChatMessage], answer: str, tools: Iterable[Tool] = ()) -> Usage:
    """Returns an estimate, marked as one, of what a call used whose provider tells nothing."""
    schemas: list[Mapping[str, Any]] = [dict(tool.parameters) for tool in tools]
    prompt = sum(map(estimate_message, messages))
    prompt += sum(estimate_tokens(orjson.dumps(schema).decode()) for schema in schemas)
    return Usage(prompt, estimate_tokens(answer), estimated=True)
