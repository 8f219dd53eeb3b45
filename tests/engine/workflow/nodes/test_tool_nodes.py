"""Nodes that call tools: one, or an agent that chooses among several."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from engine.providers.messages import plain_text
from engine.tools.tool import Provided, ToolContext, ToolFailure, ToolFile, ToolResult, words
from engine.workflow.events import AgentLog, Retrieved
from foundation.egress import EgressGuard
from tests.engine.workflow.graphs import FakeModel, FakeModels, answer, graph, node, run, services, start
from tests.engine.workflow.nodes.given import FakeFiles, alone


class Echo:
    """A tool that gives back what it got."""

    name = "echo"
    label = words("Echo")
    description = "Says it again."
    parameters: Mapping[str, Any] = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}

    async def invoke(self, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        if arguments.get("text") == "fail":
            raise ToolFailure("will not")
        made = (ToolFile(b"x", "text/plain", "x.txt"),) if arguments.get("file") else ()
        return ToolResult(f"said {arguments['text']}", ({"got": dict(arguments)},), made, ({"content": "c"},))


class FakeTools:
    def __init__(self) -> None:
        self.context = ToolContext(EgressGuard(), timeout=5)
        self.depths: list[int] = []

    async def find(self, references: Sequence[Any], call_depth: int) -> list[Provided]:
        self.depths.append(call_depth)
        return [Provided("builtin", reference.provider_id, Echo(), reference.settings) for reference in references]


@pytest.fixture
async def tools() -> AsyncIterator[FakeTools]:
    made = FakeTools()
    yield made
    await made.context.egress.close()


class TestTool:
    async def test_it_is_called_with_settings_and_parameters(self, tools: FakeTools, files: FakeFiles) -> None:
        shape = node(
            "t",
            "tool",
            provider_id="p",
            tool_name="echo",
            tool_configurations={"file": {"type": "constant", "value": True}, "empty": ""},
            tool_parameters={
                "text": {"type": "mixed", "value": "hi {{#start.q#}}"},
                "n": {"type": "variable", "value": ["start", "q"]},
                "c": {"type": "constant", "value": 3},
            },
        )
        value = graph([start("q"), shape, answer("a", "{{#t.text#}}")], ["start > t > a"])
        told = await run(value, {"q": "Q"}, serving=services(tools=tools, files=files), call_depth=2)
        outputs = told.finished("t").outputs
        assert outputs["text"] == told.text == "said hi Q"
        assert outputs["json"] == [{"got": {"file": True, "text": "hi Q", "n": "Q", "c": 3}}]
        assert outputs["got"] == outputs["json"][0]["got"]
        assert outputs["files"][0]["filename"] == "x.txt"
        assert told.of(Retrieved)[0].resources == ({"content": "c"},)
        assert tools.depths == [2]

    async def test_its_failure_is_the_nodes(self, tools: FakeTools) -> None:
        shape = node("t", "tool", provider_id="p", tool_name="echo", tool_parameters={"text": {"value": "fail"}})
        told = await alone(shape, serving=services(tools=tools))
        assert (told.finished("t").error_type, told.result.error) == ("ToolInvokeError", "echo: will not")


class TestAgent:
    async def test_it_uses_tools_until_it_can_answer(self, tools: FakeTools, files: FakeFiles) -> None:
        model = FakeModel(['call:echo:{"text": "x"}', "the|~ end"])
        shape = node(
            "g",
            "agent",
            agent_strategy_name="function_calling",
            agent_parameters={
                "model": {"type": "constant", "value": {"provider": "fake", "model": "fake"}},
                "tools": {"type": "constant", "value": [{"provider_name": "p", "tool_name": "echo", "settings": {}}]},
                "instruction": {"type": "constant", "value": "Be {{#start.q#}}"},
                "query": {"type": "constant", "value": "Go {{#start.q#}}"},
                "maximum_iterations": {"type": "constant", "value": 3},
            },
        )
        value = graph([start("q"), shape, answer("a", "{{#g.text#}}")], ["start > g > a"])
        serving = services(models=FakeModels(model), tools=tools, files=files)
        told = await run(value, {"q": "Q"}, serving=serving)
        assert told.result.error is None
        assert told.text == "the end"
        assert [plain_text(message) for message in model.asked[0]] == ["Be Q", "Go Q"]
        outputs = told.finished("g").outputs
        assert outputs["json"][0]["observations"] == [{"name": "echo", "text": "said x"}]
        assert told.result.spent.tokens == outputs["usage"]["total_tokens"] > 0
        assert [event.status for event in told.of(AgentLog)] == ["start", "success", "start", "success"]
        assert told.of(AgentLog)[0].node.agent_strategy == {"name": "function_calling", "icon": None}

    async def test_it_reasons_in_words_where_its_strategy_says_so(self, tools: FakeTools, files: FakeFiles) -> None:
        calling = 'Thought: ask\nAction: {"action": "echo", "action_input": {"text": "x"}}'
        model = FakeModel([calling, 'Action: {"action": "Final Answer", "action_input": "the end"}'])
        shape = node(
            "g",
            "agent",
            agent_strategy_name="ReAct",
            agent_parameters={
                "model": {"type": "constant", "value": {"provider": "fake", "model": "fake"}},
                "tools": {"type": "constant", "value": [{"provider_name": "p", "tool_name": "echo"}]},
                "query": {"type": "variable", "value": ["start", "q"]},
            },
        )
        value = graph([start("q"), shape, answer("a", "{{#g.text#}}")], ["start > g > a"])
        told = await run(value, {"q": "Go"}, serving=services(models=FakeModels(model), tools=tools, files=files))
        assert (told.text.strip(), told.result.error) == ("the end", None)
        assert told.finished("g").outputs["json"][0]["observations"] == [{"name": "echo", "text": "said x"}]
        assert not model.tools

    async def test_without_a_model_it_fails(self) -> None:
        told = await alone(node("g", "agent", agent_parameters={"query": {"value": "x"}}))
        assert told.finished("g").error_type == "AgentError"
