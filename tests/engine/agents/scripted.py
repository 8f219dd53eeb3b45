"""Models and tools with a script, for scenarios of agents."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine import agents
from engine.agents import AgentEvent, AgentOptions, Toolbox
from engine.chat.turn import Turn
from engine.providers.events import End, ModelEvent, Text, ToolCall, Usage
from engine.providers.messages import ChatMessage
from engine.providers.messages import Tool as Offer
from engine.providers.pricing import Charge
from engine.tools.tool import NO_PARAMETERS, Provided, ToolContext, ToolResult, words
from foundation.egress import EgressGuard

USAGE = Usage(10, 3)


class ScriptedModel:
    """Says what its script says, a list of events for each question; the last for ever."""

    provider = "openai"
    model = "scripted"
    context_size = 0

    def __init__(self, *answers: Sequence[ModelEvent | Exception], calls_tools: bool = True) -> None:
        self.answers = list(answers)
        self.calls_tools = calls_tools
        self.asked: list[list[ChatMessage]] = []
        self.offered: list[list[str]] = []
        self.parameters: list[Mapping[str, Any]] = []

    async def stream(
        self,
        messages: Sequence[ChatMessage],
        parameters: Mapping[str, Any],
        tools: Sequence[Offer] = (),
        context: object = None,
    ) -> AsyncIterator[ModelEvent]:
        self.asked.append(list(messages))
        self.offered.append([tool.name for tool in tools])
        self.parameters.append(parameters)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        for event in answer:
            await asyncio.sleep(0)
            if isinstance(event, Exception):
                raise event
            yield event

    def price(self, usage: Usage) -> Charge:
        return Charge(known=True)


@dataclass
class ScriptedTool:
    """Answers by a function, and keeps what it was asked."""

    name: str = "lookup"
    answer: Callable[[Mapping[str, Any]], Any] = lambda arguments: ToolResult("found")
    parameters: Mapping[str, Any] = field(default_factory=lambda: NO_PARAMETERS)
    seconds: float = 0.0
    description: str = "Looks something up."
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    ended: int = 0

    @property
    def label(self) -> Mapping[str, str]:
        return words(self.name.title())

    async def invoke(self, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        self.asked.append(arguments)
        try:
            await asyncio.sleep(self.seconds)
            result = self.answer(arguments)
        finally:
            self.ended += 1
        assert isinstance(result, ToolResult)
        return result


def said(*pieces: str) -> list[ModelEvent | Exception]:
    """Return an answer of text."""
    return [*map(Text, pieces), End(USAGE, "stop")]


def calling(*calls: tuple[str, str], text: str = "") -> list[ModelEvent | Exception]:
    """Return an answer that calls tools, given as names and JSON texts."""
    asked = [ToolCall(f"call-{number}", name, arguments) for number, (name, arguments) in enumerate(calls)]
    return [*([Text(text)] if text else []), *asked, End(USAGE, "tool_calls")]


def toolbox(*tools: ScriptedTool, timeout: float = 5.0, **settings: Any) -> Toolbox:
    """Return a box of tools; settings are those of every tool."""
    provided = [Provided("builtin", "tests", tool, settings) for tool in tools]
    return Toolbox(provided, ToolContext(EgressGuard(), timeout=timeout))


async def told(model: Any, box: Toolbox, options: AgentOptions | None = None, query: str = "Why?") -> list[AgentEvent]:
    """Run an agent to its end and return what it told."""
    turn = Turn("chat", {"model": {}}, query)
    return [event async for event in agents.run(turn, model, box, options or AgentOptions())]
