"""The built-in model, for when no language model is connected: it quotes the knowledge base and says so.

It writes no sentence about the world of its own, and it never pretends to be a language model.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from engine.providers.events import End, ModelEvent, Text, Usage
from engine.providers.extractive import Extraction, extract
from engine.providers.messages import ChatMessage, Grounding, Tool, UserMessage, plain_text
from engine.providers.pricing import Charge
from engine.providers.tokens import estimate_usage
from engine.retrieval.analysis import cjk_share
from foundation.errors import ApiError

PROVIDER = "builtin"
EXTRACTIVE_MODEL = "extractive-v1"

_WORD = re.compile(
    r"\s*(?:[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{1,2}[，。！？、：；]?|[^\s\u3040-\u9fff\uac00-\ud7af]+)"
)
_CJK_FROM = 0.3

_ENGLISH = {
    "found": "No language model is connected. Closest passages from your documents:",
    "nothing": "No language model is connected. I did not find this in the knowledge base.",
    "no_knowledge": (
        "No language model is connected, so I cannot answer this. To connect one, add a model provider in the"
        " console, or start the server with OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, or LLM_URL and"
        " LLM_MODEL set. Without one, I can quote from a knowledge base that is attached to this app."
    ),
    "quote": "“{}”",
}
_CHINESE = {
    "found": "尚未连接语言模型。以下是您的文档中最接近的段落：",
    "nothing": "尚未连接语言模型。我在知识库中没有找到相关内容。",
    "no_knowledge": (
        "尚未连接语言模型，因此无法回答这个问题。请在控制台添加模型供应商，或在启动服务器时设置"
        " OPENAI_API_KEY、ANTHROPIC_API_KEY、GEMINI_API_KEY，或 LLM_URL 和 LLM_MODEL。"
        "在此之前，我可以引用关联到此应用的知识库。"
    ),
    "quote": "“{}”",
}


class ExtractiveModel:
    """`builtin/extractive-v1`: answers with quotations from the passages that retrieval found."""

    provider = PROVIDER
    model = EXTRACTIVE_MODEL
    calls_tools = False
    context_size = 0

    async def stream(
        self,
        messages: Sequence[ChatMessage],
        parameters: Mapping[str, Any],
        tools: Sequence[Tool] = (),
        context: Grounding | None = None,
    ) -> AsyncIterator[ModelEvent]:
        """Answers from `context` alone; see `ChatModel.stream`.

        Raises:
            ApiError: `tools` are given (`model_currently_not_support`).
        """
        if tools:
            message = "The built-in model cannot call tools. Connect a language model to use agents and tools."
            raise ApiError("model_currently_not_support", message)
        query = context.query if context else _last_question(messages)
        found = None
        if context is not None:
            found = await asyncio.to_thread(extract, context.query, context.passages)
        reply = compose(query, found)
        for word in words(reply):
            yield Text(word)
            await asyncio.sleep(0)
        yield End(estimate_usage(messages, reply), "stop")

    def price(self, usage: Usage) -> Charge:
        """Returns a price of zero: it runs here."""
        return Charge(known=True)


def compose(query: str, found: Extraction | None) -> str:
    """Returns the reply, in the language of `query`. `found` is None where the app has no knowledge base."""
    said = _CHINESE if cjk_share(query) >= _CJK_FROM else _ENGLISH
    if found is None:
        return said["no_knowledge"]
    if not found.quotes:
        return said["nothing"]
    lines = [f"{said['quote'].format(quote.text)} [{quote.source}]" for quote in found.quotes]
    return "\n\n".join([said["found"], *lines])


def words(text: str) -> list[str]:
    """Returns the pieces that a reply is streamed in; together they are `text`."""
    pieces: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        pieces.append(text[end : match.end()])
        end = match.end()
    if end < len(text):
        pieces.append(text[end:])
    return pieces


def _last_question(messages: Sequence[ChatMessage]) -> str:
    return next((plain_text(message) for message in reversed(messages) if isinstance(message, UserMessage)), "")
