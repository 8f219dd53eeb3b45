"""Agents whose models call functions: what is told, in which order, and what the model gets to read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from engine import agents
from engine.agents import AgentOptions, ThoughtBegun, ThoughtObserved, ThoughtSaid
from engine.chat import Delta, Finished, Retrieved, Turn
from engine.providers.builtin import ExtractiveModel
from engine.providers.messages import ToolMessage
from engine.tools.tool import ToolFailure, ToolFile, ToolResult
from foundation.errors import ApiError
from tests.engine.agents.scripted import ScriptedModel, ScriptedTool, calling, said, told, toolbox
from tests.patience import until

ONE = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}


def observed(events: list[Any]) -> list[ThoughtObserved]:
    return [event for event in events if isinstance(event, ThoughtObserved)]


def answer(events: list[Any]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


async def test_a_tool_is_called_and_its_answer_is_read() -> None:
    tool = ScriptedTool(answer=lambda arguments: ToolResult(f"order {arguments['id']} is on its way"), parameters=ONE)
    model = ScriptedModel(calling(("lookup", '{"id": 7}'), text="Let me see."), said("It is ", "coming."))
    events = await told(model, toolbox(tool))
    assert [type(event) for event in events] == [
        ThoughtBegun, Delta, ThoughtSaid, ThoughtObserved, ThoughtBegun, Delta, Delta, ThoughtSaid, Finished,
    ]  # fmt: skip
    assert answer(events) == "Let me see.\n\nIt is coming."
    thought = events[2]
    assert isinstance(thought, ThoughtSaid)
    assert (thought.position, thought.thought, thought.requests[0].arguments) == (1, "Let me see.", {"id": 7})
    assert model.asked[1][-1] == ToolMessage("call-0", "order 7 is on its way")
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.metadata["usage"]["total_tokens"] == 26


@pytest.mark.parametrize("calls_tools", [True, False])
async def test_what_a_called_workflow_kept_and_spent_is_the_agents(calls_tools: bool) -> None:
    below = ToolResult("done", kept=({"id": "f"},), tokens=12, price=Decimal("0.5"))
    step = 'Thought: ask\nAction:\n```json\n{"action": "lookup", "action_input": {}}\n```'
    first = calling(("lookup", "{}")) if calls_tools else said(step)
    model = ScriptedModel(first, said("Final Answer: Done."), calls_tools=calls_tools)
    events = await told(model, toolbox(ScriptedTool(answer=lambda arguments: below)))
    assert observed(events)[0].outcomes[0].kept == ({"id": "f"},)
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert (finished.usage.total_tokens, finished.usage.usage.total_tokens) == (26 + 12, 26)
    assert finished.usage.total_price == Decimal("0.5")
    usage = finished.metadata["usage"]
    assert (usage["total_tokens"], usage["total_price"], usage["prompt_tokens"]) == (38, "0.5", 20)


async def test_tools_of_one_thought_run_at_the_same_time_and_answer_in_order() -> None:
    running: list[str] = []
    most: list[int] = []

    class Slow(ScriptedTool):
        async def invoke(self, arguments: Mapping[str, Any], context: Any) -> ToolResult:
            running.append(self.name)
            most.append(len(running))
            await asyncio.sleep(0.03 if self.name == "first" else 0.01)
            running.remove(self.name)
            return ToolResult(self.name)

    model = ScriptedModel(calling(("first", "{}"), ("second", "{}")), said("Done."))
    events = await told(model, toolbox(Slow("first"), Slow("second")))
    assert max(most) == 2
    assert [outcome.text for outcome in observed(events)[0].outcomes] == ["first", "second"]


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (("nothing", "{}"), "There is no tool named 'nothing'. Available tools: lookup."),
        (("lookup", '{"id": 7'), "not valid JSON"),
        (("lookup", "[7]"), "one JSON object"),
        (("lookup", '{"id": "seven"}'), "The arguments are wrong: id"),
        (("lookup", "{}"), '"id" is a required property'),
    ],
)
async def test_a_wrong_call_is_told_to_the_model_and_called_by_nobody(call: tuple[str, str], complaint: str) -> None:
    tool = ScriptedTool(parameters=ONE)
    model = ScriptedModel(calling(call), said("Sorry."))
    events = await told(model, toolbox(tool))
    outcome = observed(events)[0].outcomes[0]
    assert outcome.failed
    assert complaint in outcome.text
    assert not tool.asked
    assert isinstance(model.asked[1][-1], ToolMessage)
    assert answer(events) == "Sorry."


@pytest.mark.parametrize("written", ["{}", "null", " null\n", "", "  ", '""'])
async def test_nothing_is_an_empty_object_to_a_tool_that_needs_no_arguments(written: str) -> None:
    optional = {"type": "object", "properties": {"id": {"type": "integer"}}}
    tool = ScriptedTool(parameters=optional)
    model = ScriptedModel(calling(("lookup", written)), said("Found."))
    events = await told(model, toolbox(tool))
    assert tool.asked == [{}]
    assert not observed(events)[0].outcomes[0].failed
    requests = [request for event in events if isinstance(event, ThoughtSaid) for request in event.requests]
    assert [request.arguments for request in requests] == [{}]
    assert answer(events) == "Found."


@pytest.mark.parametrize("written", ["null", '""', ""])
async def test_nothing_is_not_enough_for_a_tool_that_needs_an_argument(written: str) -> None:
    tool = ScriptedTool(parameters=ONE)
    events = await told(ScriptedModel(calling(("lookup", written)), said("Sorry.")), toolbox(tool))
    assert '"id" is a required property' in observed(events)[0].outcomes[0].text
    assert not tool.asked


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ToolFailure("The shop is closed."), "The shop is closed."),
        (ApiError("egress_denied", "The address is not a public one."), "The address is not a public one."),
        (RuntimeError("secret detail"), "The tool failed for a reason of its own"),
    ],
)
async def test_a_tool_that_fails_is_an_observation(error: Exception, text: str) -> None:
    def fail(arguments: Mapping[str, Any]) -> ToolResult:
        raise error

    events = await told(
        ScriptedModel(calling(("lookup", "{}")), said("I could not.")), toolbox(ScriptedTool(answer=fail))
    )
    outcome = observed(events)[0].outcomes[0]
    assert outcome.failed
    assert text in outcome.text
    assert "secret detail" not in outcome.text


async def test_a_tool_that_takes_too_long_is_an_observation() -> None:
    tool = ScriptedTool(seconds=90)
    events = await told(ScriptedModel(calling(("lookup", "{}")), said("Later.")), toolbox(tool, timeout=0.05))
    assert "did not answer within 0.05 seconds" in observed(events)[0].outcomes[0].text


async def test_the_last_question_comes_without_tools() -> None:
    counter = iter(range(1000))
    model = ScriptedModel(
        *[calling(("lookup", f'{{"n": {next(counter)}}}')) for _ in range(3)], said("Enough of that.")
    )
    events = await told(model, toolbox(ScriptedTool()), AgentOptions(iterations=3))
    assert model.offered == [["lookup"]] * 3 + [[]]
    assert answer(events) == "Enough of that."
    assert len(observed(events)) == 3


async def test_the_same_call_for_the_third_time_ends_the_use_of_tools() -> None:
    tool = ScriptedTool()
    same = calling(("lookup", '{"n": 1}'))
    model = ScriptedModel(same, same, same, said("I am going round in circles."))
    await told(model, toolbox(tool))
    assert len(tool.asked) == 3
    assert model.offered[3] == []


async def test_settings_of_the_author_stand_and_are_hidden_from_the_model() -> None:
    schema = {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "zone": {"type": "string"}},
        "required": ["id", "zone"],
    }
    tool = ScriptedTool(parameters=schema)
    box = toolbox(tool, zone="UTC", unset="")
    assert box.offers[0].parameters["properties"] == {"id": {"type": "integer"}}
    assert box.offers[0].parameters["required"] == ["id"]
    await told(ScriptedModel(calling(("lookup", '{"id": 1, "zone": "elsewhere"}')), said("Ok.")), box)
    assert tool.asked == [{"id": 1, "zone": "UTC"}]


async def test_names_are_made_callable_and_stay_different() -> None:
    box = toolbox(ScriptedTool("a b/c"), ScriptedTool("a_b_c"), ScriptedTool("x" * 90))
    assert box.names == ["a_b_c", "tests__a_b_c", "x" * 64]


async def test_passages_and_files_of_tools_come_through() -> None:
    resource = {"segment_id": "s1", "document_name": "refunds.md"}
    file = ToolFile(b"png", "image/png", "chart.png")
    tool = ScriptedTool(answer=lambda arguments: ToolResult("30 days", files=(file,), resources=(resource, resource)))
    events = await told(ScriptedModel(calling(("lookup", "{}")), said("30 days.")), toolbox(tool))
    retrieved = next(event for event in events if isinstance(event, Retrieved))
    assert [(found["position"], found["segment_id"]) for found in retrieved.resources] == [(1, "s1")]
    assert observed(events)[0].outcomes[0].files == (file,)
    assert events[-1].metadata["retriever_resources"] == list(retrieved.resources)  # type: ignore[union-attr]


async def test_a_long_answer_of_a_tool_is_cut() -> None:
    tool = ScriptedTool(answer=lambda arguments: ToolResult("x" * 60_000))
    events = await told(ScriptedModel(calling(("lookup", "{}")), said("Long.")), toolbox(tool))
    assert len(observed(events)[0].outcomes[0].text) < 50_100


async def test_a_schema_that_refers_elsewhere_fetches_nothing() -> None:
    schema = {"type": "object", "properties": {"id": {"$ref": "http://127.0.0.1:9/schema.json"}}}
    tool = ScriptedTool(parameters=schema)
    await told(ScriptedModel(calling(("lookup", '{"id": 1}')), said("Ok.")), toolbox(tool))
    assert tool.asked == [{"id": 1}]


async def test_a_run_that_is_stopped_stops_its_tool() -> None:
    tool = ScriptedTool(seconds=90)
    running = asyncio.create_task(told(ScriptedModel(calling(("lookup", "{}"))), toolbox(tool, timeout=60)))
    await until(lambda: tool.asked)
    async with asyncio.timeout(20):
        running.cancel("stop")
        with pytest.raises(asyncio.CancelledError):
            await running
    assert tool.ended == 1


async def test_a_server_that_takes_no_tools_is_asked_to_reason_in_text() -> None:
    refusal = ApiError(
        "completion_request_error", "openai: this model does not support tools.", reason="model_request_refused"
    )
    model = ScriptedModel([refusal], said("Thought: I know enough to answer\nFinal Answer: Because."))
    events = await told(model, toolbox(ScriptedTool()))
    assert [type(event) for event in events] == [ThoughtBegun, Delta, ThoughtSaid, Finished]
    assert answer(events) == "Because."


async def test_the_built_in_model_says_that_it_cannot_be_an_agent() -> None:
    with pytest.raises(ApiError) as raised:
        async for _ in agents.run(Turn("chat", {}, "Why?"), ExtractiveModel(), toolbox(), AgentOptions()):
            pass
    assert raised.value.code == "model_currently_not_support"


async def test_an_agent_without_tools_just_answers() -> None:
    model = ScriptedModel(said("Because."))
    events = await told(model, toolbox())
    assert [type(event) for event in events] == [ThoughtBegun, Delta, ThoughtSaid, Finished]
    assert model.offered == [[]]
