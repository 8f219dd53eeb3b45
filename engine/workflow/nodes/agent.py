"""agent: a model that uses tools by itself until it can answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, cast, get_args

from pydantic import Field

from engine.agents import AgentOptions, ThoughtBegun, ThoughtObserved, ThoughtSaid, Toolbox, read_options
from engine.agents import run as run_agent
from engine.chat.events import Delta, Finished, Retrieved
from engine.chat.turn import Exchange, Turn
from engine.tools.references import ToolReference
from engine.tools.tool import ProviderType, ToolContext
from engine.workflow.context import NodeContext
from engine.workflow.events import Spent
from engine.workflow.failure import NodeFailure
from engine.workflow.node import ModelChoice, NodeData, NodeResult, NodeType, Part, Problem, Read
from engine.workflow.nodes.model_call import language_model
from engine.workflow.nodes.prompting import Memory
from engine.workflow.nodes.tool import kept_files
from engine.workflow.references import references
from engine.workflow.values import Value, as_text
from foundation.egress import EgressGuard


class AgentParameter(Part):
    """A parameter of the strategy: a constant, a variable, or a text with references."""

    type: str = "constant"
    value: Any = None


class AgentData(NodeData):
    """The data of an agent node. Parameters: model, tools, instruction, query, maximum_iterations, context."""

    agent_strategy_provider_name: str = ""
    agent_strategy_name: str = "function_calling"
    agent_strategy_label: str = ""
    agent_parameters: dict[str, AgentParameter] = Field(default_factory=dict)
    memory: Memory | None = None


async def run(context: NodeContext, data: AgentData) -> NodeResult:
    """Runs the agent, streams its answer, and tells each of its thoughts."""
    values = {name: _given(context, entry) for name, entry in data.agent_parameters.items()}
    choice = _model(values.get("model"))
    context.inputs.update({name: value for name, value in values.items() if name not in ("model", "tools")})
    model = await language_model(context, choice)
    toolbox = await _toolbox(context, values.get("tools"))
    instruction = "\n\n".join(filter(None, (as_text(values.get("instruction")), as_text(values.get("context")))))
    config = {"pre_prompt": instruction, "model": {"completion_params": choice.completion_params}}
    turn = Turn("chat", config, as_text(values.get("query")), history=_history(context, data))
    text: list[str] = []
    thoughts: list[dict[str, Value]] = []
    files: list[dict[str, Any]] = []
    finished: Finished | None = None
    steps: dict[int, str] = {}
    async with aclosing(cast("Any", run_agent(turn, model, toolbox, _options(data, values)))) as events:
        async for event in events:
            match event:
                case Delta(piece):
                    text.append(piece)
                    context.chunk("text", piece)
                case ThoughtBegun(position):
                    steps[position] = context.log(f"ROUND {position}", {})
                case ThoughtSaid():
                    calls = [{"name": call.name, "arguments": call.arguments} for call in event.requests]
                    thoughts.append({"thought": event.thought, "calls": calls})
                    if not event.requests:
                        _end(context, steps, event.position, thoughts[-1])
                case ThoughtObserved():
                    answers = [{"name": outcome.name, "text": outcome.text} for outcome in event.outcomes]
                    thoughts[-1]["observations"] = answers
                    for outcome in event.outcomes:
                        files += [*map(dict, outcome.kept), *await kept_files(context, outcome.files)]
                    _end(context, steps, event.position, thoughts[-1])
                case Retrieved(resources):
                    context.retrieved(resources)
                case Finished():
                    finished = event
    if finished is None:
        raise NodeFailure("The agent came to no end.", "AgentError")
    usage = finished.usage.as_dict()
    outputs = {"text": "".join(text), "usage": usage, "files": files, "json": thoughts}
    spent = Spent(finished.usage.total_tokens, finished.usage.total_price)
    metadata = {
        "total_tokens": spent.tokens,
        "total_price": usage["total_price"],
        "currency": usage["currency"],
        "agent_log": thoughts,
    }
    return NodeResult(outputs, spent=spent, metadata=metadata)


def _end(context: NodeContext, steps: Mapping[int, str], position: int, thought: Mapping[str, Value]) -> None:
    context.log(f"ROUND {position}", thought, status="success", id=steps.get(position))


def _given(context: NodeContext, entry: AgentParameter) -> Value:
    if entry.type == "variable":
        return context.value(tuple(map(str, entry.value or ())))
    return context.render(entry.value) if isinstance(entry.value, str) else entry.value


def _model(value: Value) -> ModelChoice:
    if not isinstance(value, Mapping):
        raise NodeFailure("The agent has no model.", "AgentError")
    name = value.get("name") or value.get("model")
    if not name or not value.get("provider"):
        raise NodeFailure("The agent's model has no provider or no name.", "AgentError")
    return ModelChoice(
        provider=str(value["provider"]),
        name=str(name),
        mode=str(value.get("mode") or "chat"),
        completion_params=dict(value.get("completion_params") or {}),
    )


def _options(data: AgentData, values: Mapping[str, Value]) -> AgentOptions:
    wanted = values.get("maximum_iterations")
    if isinstance(wanted, str) and wanted.isdecimal():
        wanted = int(wanted)
    name = data.agent_strategy_name.lower().replace("function_calling", "function_call")
    return read_options({"strategy": "react" if name == "react" else "function_call", "max_iteration": wanted})


def _history(context: NodeContext, data: AgentData) -> Sequence[Exchange]:
    if data.memory is None:
        return ()
    history = context.services.history
    return history[-data.memory.window.size :] if data.memory.window.enabled else history


async def _toolbox(context: NodeContext, listed: Value) -> Toolbox:
    found = [_reference(entry) for entry in listed or () if isinstance(entry, Mapping)]
    wanted = [reference for reference in found if reference is not None]
    if not wanted:
        return Toolbox([], ToolContext(cast(EgressGuard, None)))
    tools = context.need(context.services.tools, "tools")
    return Toolbox(await tools.find(wanted, context.call_depth), tools.context)


def _reference(entry: Mapping[str, Any]) -> ToolReference | None:
    """Returns the tool that an entry of `tools` names, as agent nodes write it; None where it is switched off."""
    if entry.get("enabled") is False:
        return None
    kind = str(entry.get("type") or entry.get("provider_type") or "builtin")
    if kind not in get_args(ProviderType):
        raise NodeFailure(f'There is no tool provider type "{kind}".', "AgentError")
    provider = str(entry.get("provider_id") or entry.get("provider_name") or "")
    settings = {
        name: value.get("value") if isinstance(value, Mapping) and "value" in value else value
        for name, value in (entry.get("settings") or {}).items()
    }
    return ToolReference(cast(ProviderType, kind), provider, str(entry.get("tool_name") or ""), settings)


def _reads(data: AgentData) -> Iterator[Read]:
    for name, entry in data.agent_parameters.items():
        field = f"agent_parameters.{name}.value"
        if entry.type == "variable" and isinstance(entry.value, list) and len(entry.value) > 1:
            yield Read(field, tuple(map(str, entry.value)))
        elif isinstance(entry.value, str):
            for selector in references(entry.value):
                yield Read(field, selector)


def _check(data: AgentData) -> Iterator[Problem]:
    for name in ("model", "query"):
        entry = data.agent_parameters.get(name)
        if entry is None or entry.value in (None, "", {}, []):
            yield Problem(f"agent_parameters.{name}.value", f"The agent has no {name}.", "required")


TYPE = NodeType(
    "agent",
    AgentData,
    run,
    outputs=lambda data: {"text": "string", "files": "array[file]", "json": "array[object]", "usage": "object"},
    reads=_reads,
    check=_check,
)
