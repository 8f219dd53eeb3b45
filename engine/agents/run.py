"""Runs one turn of an agent from the question to the receipt."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, cast

from engine.agents.events import AgentEvent
from engine.agents.function_calling import ToolsRefused, call_functions
from engine.agents.inquiry import Inquiry
from engine.agents.options import AgentOptions
from engine.agents.react import reason_and_act
from engine.agents.toolbox import Toolbox
from engine.chat.turn import Turn
from engine.providers.builtin import PROVIDER as BUILTIN
from engine.providers.model import ChatModel
from foundation.errors import ApiError


async def run(turn: Turn, model: ChatModel, toolbox: Toolbox, options: AgentOptions) -> AsyncIterator[AgentEvent]:
    """Answers a turn with the help of tools.

    Yields for each thought ThoughtBegun, Deltas, ThoughtSaid and, where tools were used, ThoughtObserved; and
    Finished at the end. Cancelling the reader ends the model's call and the tools' at once. A model that calls no
    functions, or whose server refuses them, is asked to reason in text instead.

    Raises:
        ApiError: the model failed or cannot be an agent.
    """
    if model.provider == BUILTIN:
        message = "The built-in model cannot be an agent. Connect a language model to use agents and tools."
        raise ApiError("model_currently_not_support", message)
    inquiry = Inquiry(turn, model)
    begun = False
    if model.calls_tools and options.strategy != "react":
        try:
            async with aclosing(cast("Any", call_functions(inquiry, toolbox, options.iterations))) as events:
                async for event in events:
                    yield event
            yield inquiry.finished()
            return
        except ToolsRefused:
            begun = True
    thoughts = reason_and_act(inquiry, toolbox, options.iterations, begun=begun)
    async with aclosing(cast("Any", thoughts)) as events:
        async for event in events:
            yield event
    yield inquiry.finished()
