"""Agents whose models write their actions as text, each in its own way."""

from __future__ import annotations

from typing import Any

import pytest

from engine.agents import AgentOptions, ThoughtObserved, ThoughtSaid
from engine.agents.react_text import Action, Answer, Malformed, ReactText
from engine.chat import Delta
from engine.providers.messages import AssistantMessage, SystemMessage, UserMessage
from engine.tools.tool import ToolResult
from tests.engine.agents.scripted import ScriptedModel, ScriptedTool, said, told, toolbox

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
REACT = AgentOptions("react", 5)
STEP = 'Thought: I need the weather\nAction:\n```json\n{"action": "weather", "action_input": {"city": "Oslo"}}\n```'


def weather() -> ScriptedTool:
    return ScriptedTool("weather", lambda arguments: ToolResult(f"rain in {arguments['city']}"), CITY)


def read(text: str, size: int = 3) -> tuple[Any, str]:
    """Return what a step says, and what of it was streamed, when it comes in pieces of a size."""
    step = ReactText()
    streamed = "".join(step.add(text[start : start + size]) for start in range(0, len(text), size))
    return step.read(), streamed


@pytest.mark.parametrize(
    "text",
    [
        STEP,
        'Thought: I need the weather\nAction: {"action": "weather", "action_input": {"city": "Oslo"}}',
        f"{STEP}\nObservation: sun",
        'I need the weather\n```json\n{"action": "weather", "action_input": {"city": "Oslo"}}\n```',
        '**Thought:** I need the weather\n**Action:**\n[{"action": "weather", "action_input": {"city": "Oslo"}}]',
    ],
)
def test_an_action_is_read_in_each_of_its_forms(text: str) -> None:
    step, streamed = read(text)
    assert isinstance(step, Action)
    assert (step.thought, step.name, step.input) == ("I need the weather", "weather", {"city": "Oslo"})
    assert "sun" not in step.text
    assert streamed == ""


def test_the_older_pair_of_lines_is_an_action() -> None:
    step, _ = read("Thought: I need it\nAction: weather\nAction Input: Oslo\nObservation: made up")
    assert isinstance(step, Action)
    assert (step.name, step.input) == ("weather", "Oslo")


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_a_final_answer_streams_as_it_comes(size: int) -> None:
    step, streamed = read("Thought: I know enough to answer\nFinal Answer: It rains.\nTake a coat.", size)
    assert step == Answer("It rains.\nTake a coat.")
    assert streamed == "It rains.\nTake a coat."


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("It rains in Oslo.", "It rains in Oslo."),
        ("Thought: It rains in Oslo.", "It rains in Oslo."),
        ('Action: {"action": "Final Answer", "action_input": "It rains."}', "It rains."),
        ('```json\n{"some": "json"}\n```', '```json\n{"some": "json"}\n```'),
    ],
)
def test_what_is_no_action_is_an_answer(text: str, answer: str) -> None:
    assert read(text)[0] == Answer(answer)


@pytest.mark.parametrize(
    "text", ['Action: {"action": "weather", "action_input": {"city": ', "Action: weather", 'Action: {"city": "Oslo"}']
)
def test_what_should_be_an_action_and_is_none_is_malformed(text: str) -> None:
    assert isinstance(read(text)[0], Malformed)


async def test_an_observation_leads_to_the_answer() -> None:
    tool = weather()
    model = ScriptedModel(said(*STEP), said("Thought: I know\nFinal Answer: It ", "rains."), calls_tools=False)
    events = await told(model, toolbox(tool), AgentOptions(iterations=3))
    assert tool.asked == [{"city": "Oslo"}]
    thoughts = [event for event in events if isinstance(event, ThoughtSaid)]
    assert (thoughts[0].thought, thoughts[0].requests[0].name) == ("I need the weather", "weather")
    assert thoughts[1].thought == "It rains."
    assert "".join(event.text for event in events if isinstance(event, Delta)) == "It rains."
    first, second = model.asked
    assert isinstance(first[0], SystemMessage)
    assert '"weather"' in first[0].text
    assert isinstance(second[-2], AssistantMessage)
    assert second[-1] == UserMessage("Observation: rain in Oslo")
    assert model.parameters[0]["stop"] == ["\nObservation:"]
    assert model.offered == [[], []]


async def test_plain_text_stands_for_the_one_parameter() -> None:
    tool = weather()
    await told(
        ScriptedModel(said("Action: weather\nAction Input: Oslo"), said("Final Answer: Rain.")), toolbox(tool), REACT
    )
    assert tool.asked == [{"city": "Oslo"}]


async def test_a_malformed_action_is_forgiven_once() -> None:
    broken = said('Thought: hm\nAction: {"action": "weather", "action_input": {"city"')
    model = ScriptedModel(broken, said(STEP), said("Final Answer: Rain."))
    events = await told(model, toolbox(weather()), REACT)
    observed = [event for event in events if isinstance(event, ThoughtObserved)]
    assert "not valid JSON" in observed[0].outcomes[0].text
    assert observed[1].outcomes[0].text == "rain in Oslo"


async def test_a_second_malformed_action_in_a_row_is_the_answer() -> None:
    text = 'Action: {"action": '
    events = await told(ScriptedModel(said(text)), toolbox(weather()), REACT)
    assert "".join(event.text for event in events if isinstance(event, Delta)) == text.strip()


async def test_an_agent_that_never_answers_is_asked_for_its_best_at_the_end() -> None:
    steps = [
        said(f'Action: {{"action": "weather", "action_input": {{"city": "Oslo {number}"}}}}') for number in range(2)
    ]
    model = ScriptedModel(*steps, said("Final Answer: Rain, probably."))
    events = await told(model, toolbox(weather()), AgentOptions("react", 2))
    last = model.asked[2][-1]
    assert isinstance(last, UserMessage)
    assert "No more tools" in str(last.content)
    assert "".join(event.text for event in events if isinstance(event, Delta)) == "Rain, probably."
