"""How agents came to their answers, as the Console shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from engine.agents.options import read_options
from handlers.contract import schemas
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from models.agent_thought import AgentThought
from models.message import Message


def render_agent_log(
    message: Message, thoughts: Sequence[AgentThought], executor: str | None, icons: Mapping[str, Any]
) -> schemas.AgentLog:
    """Render an `AgentLog`.

    Args:
        message: the answer.
        thoughts: of the agent, in their order.
        executor: who asked.
        icons: the pictures of the app's tools, by their names.
    """
    strategy = read_options((message.model_config or {}).get("agent_mode")).strategy
    return {
        "meta": {
            "status": trusted(message.status),
            "executor": executor,
            "start_time": unix(message.started_at or message.created_at),
            "elapsed_time": message.provider_response_latency,
            "total_tokens": message.message_tokens + message.answer_tokens,
            "agent_mode": strategy or "auto",
            "iterations": len(thoughts),
        },
        "iterations": [_iteration(thought, icons) for thought in thoughts],
        "files": [name for thought in thoughts for name in thought.files],
    }


def _iteration(thought: AgentThought, icons: Mapping[str, Any]) -> schemas.AgentIteration:
    return {
        "position": thought.position,
        "thought": thought.thought,
        "tool_calls": _calls(thought, icons),
        "tool_raw": {"inputs": thought.tool_input, "outputs": thought.observation},
        "created_at": unix(thought.created_at),
        "files": thought.files,
    }


def _calls(thought: AgentThought, icons: Mapping[str, Any]) -> list[schemas.AgentToolCall]:
    """Render the calls of a thought; the values of a tool that it asked for again are kept as `name#2`."""
    asked, answered = _by_name(thought.tool_input), _by_name(thought.observation)
    calls: list[schemas.AgentToolCall] = []
    for key in asked:
        name = key if key in thought.tool.split(";") else key.rpartition("#")[0]
        calls.append(
            {
                "status": "answered" if key in answered else "unanswered",
                "tool_name": name,
                "tool_label": thought.tool_labels.get(name, {}),
                "tool_input": asked[key],
                "tool_output": str(answered.get(key, "")),
                "tool_icon": icons.get(name),
            }
        )
    return calls


def _by_name(text: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(text) if text else {}
    return found
