"""One operation of an API, as a tool: its address and where each argument goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

Place: TypeAlias = Literal["path", "query", "header", "cookie", "body", "whole_body"]


@dataclass(frozen=True, slots=True)
class ApiArgument:
    """An argument: `name` is what the model calls it, `wire` what the API calls it.

    `whole_body` is a body that is no object. `explode` and `deep` say how lists and objects stand in a query.
    """

    name: str
    wire: str
    place: Place
    required: bool
    schema: Mapping[str, Any]
    explode: bool = True
    deep: bool = False


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """An operation that can be called."""

    name: str
    method: str
    server_url: str
    path: str
    summary: str
    arguments: tuple[ApiArgument, ...] = ()
    media_type: str = ""

    @property
    def parameters(self) -> dict[str, Any]:
        """The JSON Schema of its arguments."""
        return {
            "type": "object",
            "properties": {argument.name: dict(argument.schema) for argument in self.arguments},
            "required": [argument.name for argument in self.arguments if argument.required],
        }

    def as_dict(self) -> dict[str, Any]:
        """Returns it as JSON that `from_dict` reads."""
        return {**asdict(self), "arguments": [asdict(argument) for argument in self.arguments]}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> ApiOperation:
        """Returns what `as_dict` wrote."""
        arguments = tuple(ApiArgument(**argument) for argument in kept["arguments"])
        return cls(**{**kept, "arguments": arguments})


@dataclass(frozen=True, slots=True)
class ApiDocument:
    """What a document offers: its title, its operations, and what could not be read."""

    title: str
    description: str
    operations: tuple[ApiOperation, ...]
    warnings: Mapping[str, str] = field(default_factory=dict)
