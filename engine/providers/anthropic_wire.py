"""Our messages as Anthropic's Messages API reads them: roles alternate, the system text stands apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from engine.providers.messages import (
    AssistantMessage,
    ChatMessage,
    Content,
    SystemMessage,
    TextPart,
    Tool,
    ToolMessage,
    UserMessage,
)

_DEFAULT_MAX_TOKENS = 4096
_PASSED_ON = ("temperature", "top_p", "top_k", "thinking")


def request(
    model: str, messages: Sequence[ChatMessage], parameters: Mapping[str, Any], tools: Sequence[Tool]
) -> dict[str, Any]:
    """Returns the arguments of a streaming call."""
    limit = parameters.get("max_tokens") or parameters.get("max_completion_tokens") or _DEFAULT_MAX_TOKENS
    asked: dict[str, Any] = {
        "model": model,
        "messages": _turns(messages),
        "max_tokens": int(limit),
        "stream": True,
    }
    system = "\n\n".join(message.text for message in messages if isinstance(message, SystemMessage))
    if system.strip():
        asked["system"] = system
    for name in _PASSED_ON:
        if parameters.get(name) not in (None, ""):
            asked[name] = parameters[name]
    stop = parameters.get("stop")
    if stop:
        asked["stop_sequences"] = [stop] if isinstance(stop, str) else list(stop)
    if tools:
        asked["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": dict(tool.parameters)}
            for tool in tools
        ]
    elif used := [
        call.name for message in messages if isinstance(message, AssistantMessage) for call in message.tool_calls
    ]:
        # A conversation that holds tool calls is refused unless it declares tools, even where none may be used.
        anything = {"type": "object", "additionalProperties": True}
        asked["tools"] = [{"name": name, "input_schema": anything} for name in dict.fromkeys(used)]
        asked["tool_choice"] = {"type": "none"}
    return asked


def _turns(messages: Sequence[ChatMessage]) -> list[dict[str, Any]]:
    """Returns the conversation with neighbours of one role joined; it begins with the user."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        if isinstance(message, SystemMessage):
            continue
        role = "assistant" if isinstance(message, AssistantMessage) else "user"
        blocks = _blocks(message)
        if not blocks:
            continue
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        else:
            turns.append({"role": role, "content": blocks})
    if not turns or turns[0]["role"] != "user":
        turns.insert(0, {"role": "user", "content": [{"type": "text", "text": "…"}]})
    return turns


def _blocks(message: ChatMessage) -> list[dict[str, Any]]:
    match message:
        case UserMessage(content):
            return _content(content)
        case ToolMessage(call_id, text):
            return [{"type": "tool_result", "tool_use_id": call_id, "content": text}]
        case AssistantMessage(text, calls, echo):
            blocks = [dict(block) for block in echo]
            if text.strip():
                blocks.append({"type": "text", "text": text})
            for call in calls:
                given = _arguments(call.arguments)
                blocks.append({"type": "tool_use", "id": call.id, "name": call.name, "input": given})
            return blocks
        case _:
            return []


def _content(content: Content) -> list[dict[str, Any]]:
    parts = (TextPart(content),) if isinstance(content, str) else content
    blocks: list[dict[str, Any]] = []
    for part in parts:
        if isinstance(part, TextPart):
            if part.text.strip():
                blocks.append({"type": "text", "text": part.text})
        else:
            blocks.append({"type": "image", "source": _picture(part.url)})
    return blocks


def _picture(url: str) -> dict[str, str]:
    if not url.startswith("data:"):
        return {"type": "url", "url": url}
    head, _, data = url.partition(",")
    return {"type": "base64", "media_type": head[5:].split(";")[0], "data": data}


def _arguments(text: str) -> dict[str, Any]:
    try:
        value = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
