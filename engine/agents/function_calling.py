"""The strategy for models that call functions themselves: ask, do what is asked for, tell, and ask again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, cast

from engine.agents.events import AgentEvent, ThoughtBegun, ThoughtObserved, ThoughtSaid
from engine.agents.inquiry import Inquiry
from engine.agents.repetition import Repetition
from engine.agents.toolbox import Request, Toolbox, read_arguments
from engine.chat.events import Delta, Retrieved
from engine.chat.prompt import compose
from engine.providers.messages import AssistantMessage, ChatMessage, ToolMessage
from foundation.errors import ApiError


class ToolsRefused(Exception):
    """The model's server takes no tools; nothing was said yet."""


async def call_functions(inquiry: Inquiry, toolbox: Toolbox, iterations: int) -> AsyncIterator[AgentEvent]:
    """Yields thoughts and text until the model answers without a tool; after the last iteration it has none.

    Raises:
        ToolsRefused: at the first question.
        ApiError: the model failed.
    """
    messages: list[ChatMessage] = compose(inquiry.turn, None, inquiry.model.context_size)
    repetition = Repetition()
    may_call = bool(toolbox.names)
    spoken = False
    for position in range(1, iterations + 2):
        tools = toolbox.offers if may_call and position <= iterations else []
        yield ThoughtBegun(position)
        begun = False
        try:
            async with aclosing(cast("Any", inquiry.ask(messages, tools))) as pieces:
                async for piece in pieces:
                    yield Delta(f"\n\n{piece}" if spoken and not begun else piece)
                    begun = True
        except ApiError as error:
            if position == 1 and not begun and tools and _about_tools(error):
                raise ToolsRefused(error.message) from error
            raise
        spoken = spoken or begun
        calls = inquiry.calls if tools else ()
        requests = tuple(Request(call.name, _readable(call.arguments)) for call in calls)
        yield ThoughtSaid(position, inquiry.text, requests, inquiry.usage)
        if not calls:
            return
        if repetition.stuck(requests):
            may_call = False
        outcomes = await toolbox.call_all(requests)
        if inquiry.learn(outcomes):
            yield Retrieved(tuple(inquiry.numbered()))
        yield ThoughtObserved(position, tuple(outcomes))
        messages.append(AssistantMessage(inquiry.text, calls, inquiry.end.echo))
        messages += [ToolMessage(call.id, outcome.text) for call, outcome in zip(calls, outcomes, strict=True)]


def _readable(arguments: str) -> Any:
    """Returns arguments as an object if they are one, and else as the model wrote them."""
    read = read_arguments(arguments)
    return arguments if isinstance(read, str) else read


def _about_tools(error: ApiError) -> bool:
    said = error.message.lower()
    return error.reason == "model_request_refused" and ("tool" in said or "function" in said)
