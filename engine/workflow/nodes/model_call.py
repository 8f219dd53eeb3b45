"""Asking a chat model from within a node: one way for all node types that do."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

import orjson

from engine.providers.events import End, Reasoning, Text, ToolCall
from engine.providers.messages import AssistantMessage, ChatMessage, Grounding, Tool, UserMessage, plain_text
from engine.providers.model import ChatModel
from engine.providers.pricing import Receipt
from engine.workflow.context import NodeContext
from engine.workflow.events import Spent
from engine.workflow.failure import NodeFailure
from engine.workflow.node import ModelChoice
from foundation.errors import ApiError

_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL)
_THOUGHT = re.compile(r"<think>.*?</think>\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Answered:
    """A complete answer of a model; `usage` is the API's object for it."""

    text: str
    reasoning: str
    calls: tuple[ToolCall, ...]
    finish_reason: str
    usage: Mapping[str, Any]
    spent: Spent
    echo: tuple[Mapping[str, Any], ...] = ()


def _silent(text: str) -> None:
    return None


async def ask(
    model: ChatModel,
    messages: Sequence[ChatMessage],
    parameters: Mapping[str, Any],
    *,
    tools: Sequence[Tool] = (),
    grounding: Grounding | None = None,
    on_text: Callable[[str], None] = _silent,
    on_reasoning: Callable[[str], None] = _silent,
) -> Answered:
    """Returns what a model answers, and tells its pieces while they come.

    Raises:
        ApiError: the provider refused, failed, or was not understood.
    """
    began, first = time.monotonic(), None
    text: list[str] = []
    thought: list[str] = []
    calls: list[ToolCall] = []
    end: End | None = None
    stream = cast("Any", model.stream(messages, parameters, tools, grounding))
    async with aclosing(stream) as events:
        async for event in events:
            first = first or time.monotonic()
            match event:
                case Text(piece):
                    text.append(piece)
                    on_text(piece)
                case Reasoning(piece):
                    thought.append(piece)
                    on_reasoning(piece)
                case ToolCall():
                    calls.append(event)
                case End():
                    end = event
    if end is None:
        raise ApiError("completion_request_error", "The model's answer has no end.", reason="answer_truncated")
    now = time.monotonic()
    first = first or now
    charge = model.price(end.usage)
    receipt = Receipt(end.usage, charge, now - began, first - began, now - first)
    spent = Spent(end.usage.total_tokens, charge.total_price)
    return Answered(
        "".join(text), "".join(thought), tuple(calls), end.finish_reason, receipt.as_dict(), spent, tuple(end.echo)
    )


async def language_model(context: NodeContext, choice: ModelChoice) -> ChatModel:
    """Returns the model that a node's author chose."""
    models = context.need(context.services.models, "language models")
    return await models.chat(choice.model_dump())


async def instructed_model(context: NodeContext, choice: ModelChoice, purpose: str) -> ChatModel:
    """Returns a model that can follow instructions, which the built-in one cannot.

    Raises:
        ApiError: `model_currently_not_support`: it is the built-in one.
    """
    model = await language_model(context, choice)
    if model.provider == "builtin":
        message = f"The built-in model cannot {purpose}. Connect a language model."
        raise ApiError("model_currently_not_support", message)
    return model


def read_json(text: str) -> Any:
    """Returns the JSON value in a model's answer, bare, fenced, or within other words.

    Raises:
        NodeFailure: there is none.
    """
    text = _THOUGHT.sub("", text).strip()
    fenced = _FENCED.search(text)
    candidates = [text, fenced.group(1) if fenced else ""]
    for opening, closing in (("{", "}"), ("[", "]")):
        start, end = text.find(opening), text.rfind(closing)
        if 0 <= start < end:
            candidates.append(text[start : end + 1])
    for candidate in candidates:
        try:
            return orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
    raise NodeFailure("The model's answer holds no JSON.", "OutputParserError")


def told(messages: Sequence[ChatMessage]) -> list[dict[str, Any]]:
    """Returns messages as `process_data.prompts` shows them."""
    return [{"role": _role(message), "text": plain_text(message), "files": []} for message in messages]


def account(context: NodeContext, model: ChatModel, choice: ModelChoice, answered: Answered) -> dict[str, Any]:
    """Notes a call in the node's process data, and returns its part of `execution_metadata`."""
    context.process_data.update(
        {
            "model_mode": choice.mode,
            "model_provider": model.provider,
            "model_name": model.model,
            "usage": dict(answered.usage),
            "finish_reason": answered.finish_reason,
        }
    )
    return {
        "total_tokens": answered.spent.tokens,
        "total_price": answered.usage["total_price"],
        "currency": answered.usage["currency"],
    }


def _role(message: ChatMessage) -> str:
    if isinstance(message, UserMessage):
        return "user"
    return "assistant" if isinstance(message, AssistantMessage) else "system"
