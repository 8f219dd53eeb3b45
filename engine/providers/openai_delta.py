"""What an OpenAI-compatible endpoint streams, gathered into our events."""

from __future__ import annotations

from typing import Any

import orjson

from engine.providers.events import End, ModelEvent, Reasoning, Text, ToolCall, Usage
from engine.providers.failure import ProviderFailure, broke
from engine.providers.openai_wire import read_usage

_CALL_FIELDS = frozenset({"index", "id", "type", "function"})


class _Call:
    """A tool call whose name and arguments arrive in pieces."""

    __slots__ = ("arguments", "extra", "id", "name")

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments: list[str] = []
        self.extra: dict[str, Any] = {}


class Collector:
    """Takes the JSON of each frame, gives out events, and knows how the answer ended."""

    def __init__(self, secret: str = "") -> None:
        self.finish_reason: str | None = None
        self.usage: Usage | None = None
        self.written: list[str] = []
        self._calls: dict[int, _Call] = {}
        self._moved: dict[int, int] = {}
        self._secret = secret

    def take(self, data: bytes) -> ModelEvent | None:
        """Returns the event of one frame, if it has one.

        Raises:
            ProviderFailure: the frame is an error, or is not JSON of the expected shape.
        """
        try:
            chunk = orjson.loads(data)
            choices = chunk.get("choices")
            usage = chunk.get("usage")
            if usage:
                self.usage = read_usage(usage)
            if not choices:
                if chunk.get("error") or chunk.get("object") == "error":
                    raise broke(chunk, self._secret)
                return None
            choice = choices[0]
            delta = choice.get("delta")
            finish = choice.get("finish_reason")
            if finish:
                self.finish_reason = finish
                if finish == "error" or chunk.get("error"):
                    raise broke(choice if "error" in choice else chunk, self._secret)
            return self._read(delta) if delta else None
        except (orjson.JSONDecodeError, AttributeError, TypeError, ValueError, KeyError, IndexError) as error:
            message = "the answer contains a piece that is not a valid completion chunk"
            raise ProviderFailure("malformed", message, retryable=True) from error

    def take_whole(self, payload: Any) -> list[ModelEvent]:
        """Returns the events of an answer that was sent in one piece in spite of `stream`."""
        if not isinstance(payload, dict) or not payload.get("choices"):
            raise broke(payload, self._secret)
        choice = dict(payload["choices"][0])
        choice["delta"] = choice.pop("message", None)
        choice["finish_reason"] = choice.get("finish_reason") or "stop"
        event = self.take(orjson.dumps({"choices": [choice], "usage": payload.get("usage")}))
        return [event] if event is not None else []

    def finish(self, fallback: Usage) -> list[ModelEvent]:
        """Returns the tool calls and the End. Call it only once `finish_reason` is known."""
        events: list[ModelEvent] = [
            ToolCall(call.id or f"call_{number}", call.name, "".join(call.arguments), call.extra)
            for number, call in enumerate(self._calls.values())
        ]
        reason = self.finish_reason or "stop"
        if events and reason in ("stop", "function_call"):
            reason = "tool_calls"
        usage = self.usage if self.usage is not None and self.usage.total_tokens else fallback
        events.append(End(usage, reason))
        return events

    def _read(self, delta: dict[str, Any]) -> ModelEvent | None:
        calls = delta.get("tool_calls")
        if calls:
            for piece in calls:
                self._gather(piece)
        content = delta.get("content")
        if content:
            text = content if isinstance(content, str) else _parts(content)
            if text:
                self.written.append(text)
                return Text(text)
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(thought, str) and thought:
            self.written.append(thought)
            return Reasoning(thought)
        refusal = delta.get("refusal")
        if refusal:
            self.written.append(refusal)
            return Text(refusal)
        return None

    def _gather(self, piece: dict[str, Any]) -> None:
        """Adds a piece to its call. Some servers send whole calls without an index, or all with index 0."""
        index = piece.get("index")
        function = piece.get("function") or {}
        if index is None:
            index = len(self._calls) if function.get("name") or not self._calls else max(self._calls)
        index = self._moved.get(index, index)
        call = self._calls.get(index)
        new_id = piece.get("id")
        if call is not None and new_id and call.id and new_id != call.id and function.get("name"):
            self._moved[piece.get("index", index)] = index = max(self._calls) + 1
            call = None
        if call is None:
            call = self._calls[index] = _Call()
        call.id = call.id or new_id or ""
        call.name += function.get("name") or ""
        arguments = function.get("arguments")
        if arguments:
            text = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
            call.arguments.append(text)
            self.written.append(text)
        for name, value in piece.items():
            if name not in _CALL_FIELDS and value is not None:
                call.extra[name] = value


def _parts(content: Any) -> str:
    """Returns the text of content that arrives as a list of typed parts."""
    return "".join(part.get("text") or "" for part in content if part.get("type") == "text")
