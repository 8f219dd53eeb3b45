"""What a chat model says while it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one model call.

    `cached_tokens` and `cache_write_tokens` are parts of `prompt_tokens`. `estimated` is true where the provider told
    nothing and we counted characters.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    estimated: bool = False

    @property
    def total_tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(slots=True)
class Text:
    """A piece of the answer. There is one for each token, and a frozen one takes three times as long to make."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A piece of what the model thought before it answered."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A complete call that the model asks for.

    `arguments` is JSON text exactly as the model wrote it (it can be malformed: tell the model so).
    `extra` holds what the provider wants to see again when the call is echoed, such as thought signatures.
    """

    id: str
    name: str
    arguments: str
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class End:
    """The last event of a complete answer.

    `finish_reason` is one of stop, length, tool_calls, content_filter, or the provider's own word.
    `echo` holds provider blocks that must go back with the assistant message when tools are used.
    """

    usage: Usage
    finish_reason: str
    echo: tuple[Mapping[str, Any], ...] = ()


ModelEvent: TypeAlias = Text | Reasoning | ToolCall | End
