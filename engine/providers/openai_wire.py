"""Our messages as an OpenAI-compatible endpoint reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.providers.events import ToolCall, Usage
from engine.providers.messages import (
    AssistantMessage,
    ChatMessage,
    SystemMessage,
    TextPart,
    Tool,
    ToolMessage,
    UserMessage,
)

_OURS = frozenset({"model", "messages", "stream", "stream_options", "tools", "n"})


def request_body(
    model: str, messages: Sequence[ChatMessage], parameters: Mapping[str, Any], tools: Sequence[Tool]
) -> dict[str, Any]:
    """Returns the body of a streaming chat completion.

    `parameters` are an app's `completion_params`; blank ones, and those that would change the protocol, are left out.
    """
    body: dict[str, Any] = {
        "model": model,
        "messages": [_message(message) for message in messages],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    for name, value in parameters.items():
        if name in _OURS or value is None or value == "" or value == []:
            continue
        if name == "response_format" and isinstance(value, str):
            if value in ("text", "JSON", ""):
                continue
            value = {"type": value}
        body[name] = value
    if tools:
        body["tools"] = [{"type": "function", "function": _function(tool)} for tool in tools]
    return body


def read_usage(usage: Mapping[str, Any]) -> Usage:
    """Returns a `usage` object of the wire; missing numbers are zero."""
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return Usage(
        prompt_tokens=int(usage.get("prompt_tokens") or 0),
        completion_tokens=int(usage.get("completion_tokens") or 0),
        cached_tokens=int(cached or 0),
    )


def _function(tool: Tool) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}


def _message(message: ChatMessage) -> dict[str, Any]:
    match message:
        case SystemMessage(text):
            return {"role": "system", "content": text}
        case UserMessage(content):
            if isinstance(content, str):
                return {"role": "user", "content": content}
            return {"role": "user", "content": [_part(part) for part in content]}
        case ToolMessage(call_id, text):
            return {"role": "tool", "tool_call_id": call_id, "content": text}
        case AssistantMessage(text, calls):
            sent: dict[str, Any] = {"role": "assistant", "content": text or (None if calls else "")}
            if calls:
                sent["tool_calls"] = [_call(call) for call in calls]
            return sent


def _part(part: Any) -> dict[str, Any]:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text}
    return {"type": "image_url", "image_url": {"url": part.url, "detail": part.detail}}


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments or "{}"}
    return {**call.extra, "id": call.id, "type": "function", "function": function}
