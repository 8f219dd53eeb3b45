"""The strategy for models that call no functions: they write what they want to do, and it is read out of the text."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, cast

from engine.agents.events import AgentEvent, ThoughtBegun, ThoughtObserved, ThoughtSaid
from engine.agents.inquiry import Inquiry
from engine.agents.react_text import Action, Answer, Malformed, ReactText
from engine.agents.repetition import Repetition
from engine.agents.toolbox import Outcome, Request, Toolbox
from engine.chat.events import Delta, Retrieved
from engine.chat.prompt import compose
from engine.providers.messages import AssistantMessage, ChatMessage, SystemMessage, UserMessage

_INSTRUCTIONS = """\
You can use tools. Each is described by a JSON Schema of its input:

{tools}

Work in steps. In each step write exactly this, and nothing after it:

Thought: what you want to find out next, and why
Action:
```json
{{"action": "name of a tool", "action_input": {{"parameter": "value"}}}}
```

You will then be told the result, as `Observation: …`. Never write an observation yourself. `action` is one of: {names}.
As soon as you can answer, and also if no tool is needed, write instead:

Thought: I know enough to answer
Final Answer: the answer, in the language of the question"""
_NO_MORE = "No more tools can be used. Write `Final Answer:` and the best answer that you can give now."
_STOP = ["\nObservation:"]


async def reason_and_act(
    inquiry: Inquiry, toolbox: Toolbox, iterations: int, *, begun: bool = False
) -> AsyncIterator[AgentEvent]:
    """Yields thoughts, and the text of the final answer as it comes.

    A step that cannot be read is sent back once with the reason; the next such text is taken as the answer.

    Args:
        inquiry: the model.
        toolbox: the tools.
        iterations: how often tools may be asked for.
        begun: whether the first thought has been announced already.

    Raises:
        ApiError: the model failed.
    """
    messages = _instructed(compose(inquiry.turn, None, inquiry.model.context_size), toolbox)
    stop = _STOP if toolbox.names else []
    repetition = Repetition()
    forgiven = False
    may_act = bool(toolbox.names)
    for position in range(1, iterations + 2):
        if position > 1 or not begun:
            yield ThoughtBegun(position)
        text = ReactText()
        async with aclosing(cast("Any", inquiry.ask(messages, stop=stop))) as pieces:
            async for piece in pieces:
                if answer := text.add(piece):
                    yield Delta(answer)
        may_act = may_act and position <= iterations
        read = text.read()
        if isinstance(read, Malformed) and may_act and not forgiven:
            forgiven = True
            yield ThoughtSaid(position, read.thought, (), inquiry.usage)
            yield ThoughtObserved(position, (Outcome(read.name or "action", read.reason, failed=True),))
            messages += [AssistantMessage(inquiry.text or " "), UserMessage(f"Observation: {read.reason}")]
            continue
        if not isinstance(read, Action) or not may_act:
            answer = read.text if isinstance(read, Answer) else inquiry.text.strip()
            if rest := text.rest(answer):
                yield Delta(rest)
            yield ThoughtSaid(position, answer, (), inquiry.usage)
            return
        forgiven = False
        request = Request(read.name, _object(toolbox, read))
        yield ThoughtSaid(position, read.thought, (request,), inquiry.usage)
        if repetition.stuck([request]):
            may_act = False
        outcomes = await toolbox.call_all([request])
        if inquiry.learn(outcomes):
            yield Retrieved(tuple(inquiry.numbered()))
        yield ThoughtObserved(position, tuple(outcomes))
        observation = f"Observation: {outcomes[0].text}"
        if not may_act or position == iterations:
            observation = f"{observation}\n\n{_NO_MORE}"
        messages += [AssistantMessage(read.text), UserMessage(observation)]


def _instructed(messages: list[ChatMessage], toolbox: Toolbox) -> list[ChatMessage]:
    """Returns messages with the format of a step in front, beside the app's own instructions."""
    if not toolbox.names:
        return messages
    tools = "\n".join(
        json.dumps({"name": tool.name, "description": tool.description, "input": tool.parameters}, ensure_ascii=False)
        for tool in toolbox.offers
    )
    format_ = _INSTRUCTIONS.format(tools=tools, names=", ".join(toolbox.names))
    if messages and isinstance(messages[0], SystemMessage):
        return [SystemMessage(f"{messages[0].text}\n\n{format_}"), *messages[1:]]
    return [SystemMessage(format_), *messages]


def _object(toolbox: Toolbox, action: Action) -> Any:
    """Returns the input of an action as an object: plain text stands for the tool's one required parameter."""
    given = action.input
    if isinstance(given, str) and given.strip():
        try:
            value = json.loads(given)
        except ValueError:
            value = given
        given = value if isinstance(value, dict) else given
    if given in (None, ""):
        return {}
    if not isinstance(given, dict):
        only = toolbox.sole_parameter(action.name)
        return {only: given} if only else given if isinstance(given, str) else json.dumps(given)
    return given
