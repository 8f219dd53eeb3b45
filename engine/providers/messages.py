"""What is said to a chat model: messages, tools, and the passages an answer should rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from engine.providers.events import ToolCall


@dataclass(frozen=True, slots=True)
class TextPart:
    """Text within a message of several parts."""

    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture: an https URL or a `data:` URL. `detail` is low, high or auto."""

    url: str
    detail: str = "auto"


Content: TypeAlias = str | tuple[TextPart | ImagePart, ...]


@dataclass(frozen=True, slots=True)
class SystemMessage:
    """How the model should behave."""

    text: str


@dataclass(frozen=True, slots=True)
class UserMessage:
    """What a person asked."""

    content: Content


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    """What the model answered earlier. `echo` is the `End.echo` of that answer."""

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    echo: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class ToolMessage:
    """What a tool answered to the call with this id."""

    call_id: str
    text: str


ChatMessage: TypeAlias = SystemMessage | UserMessage | AssistantMessage | ToolMessage


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call; `parameters` is a JSON Schema of type object."""

    name: str
    description: str
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that retrieval found. `score` lies between 0 and 1."""

    source: str
    text: str
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Grounding:
    """The question as it was asked, with the passages found for it (none: nothing was found).

    A model that reads prompts ignores it, since the prompt holds the passages already. The built-in model reads nothing
    else. No grounding at all means that the app has no knowledge base.
    """

    query: str
    passages: tuple[Passage, ...] = ()


def plain_text(message: ChatMessage) -> str:
    """Returns the text of `message` without its pictures."""
    if isinstance(message, UserMessage):
        if isinstance(message.content, str):
            return message.content
        return "\n".join(part.text for part in message.content if isinstance(part, TextPart))
    return message.text
