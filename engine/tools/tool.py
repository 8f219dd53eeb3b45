"""What every tool is, whoever provides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol, TypeAlias

from foundation.egress import EgressGuard

Words: TypeAlias = Mapping[str, str]
"""A text for people in each language that it was written in, such as `en_US` and `zh_Hans`."""
ProviderType: TypeAlias = Literal["builtin", "api", "mcp", "workflow", "dataset"]

NO_PARAMETERS: Mapping[str, Any] = {"type": "object", "properties": {}}


class ToolFailure(Exception):
    """A tool could not do what it was asked; the message says why, in words that a model can act on."""


@dataclass(frozen=True, slots=True)
class ToolFile:
    """A file that a tool made."""

    content: bytes = field(repr=False)
    mime_type: str
    name: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a call: text for the model, values for a workflow, files for the reader.

    `resources` are passages of knowledge bases that the text rests on, in the shape of `retriever_resources`. `kept`
    are values of files that are stored already; `tokens` and `price` are what models took on the way.
    """

    text: str = ""
    json: tuple[Any, ...] = ()
    files: tuple[ToolFile, ...] = ()
    resources: tuple[Mapping[str, Any], ...] = ()
    kept: tuple[Mapping[str, Any], ...] = ()
    tokens: int = 0
    price: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a call may use: the way out, and who asks."""

    egress: EgressGuard
    user: str = ""
    timeout: float = 60.0


class Tool(Protocol):
    """One thing that can be done."""

    @property
    def name(self) -> str:
        """The name within its provider."""

    @property
    def label(self) -> Words:
        """The name for people."""

    @property
    def description(self) -> str:
        """What it does, for the model."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """A JSON Schema of type object."""

    async def invoke(self, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        """Does it.

        Raises:
            ToolFailure: it cannot be done with these arguments, or a peer failed.
            ApiError: the egress guard refused the address.
        """


@dataclass(frozen=True, slots=True)
class Provided:
    """A tool with its provider, and what the app's author set for it beforehand.

    `for_authors` are parameters that a model is never asked for; `seconds` is how long a call may take, where that is
    not what `ToolContext` says.
    """

    provider_type: ProviderType
    provider_id: str
    tool: Tool
    settings: Mapping[str, Any] = field(default_factory=dict)
    for_authors: frozenset[str] = frozenset()
    seconds: float | None = None


def words(english: str, chinese: str = "") -> Words:
    """Returns a text in the languages of the interface."""
    return {"en_US": english, "zh_Hans": chinese or english}
