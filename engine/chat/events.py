"""What a run tells while it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.providers.pricing import Receipt


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What the answer will rest on, best first, in the shape of `retriever_resources`."""

    resources: tuple[Mapping[str, Any], ...]


@dataclass(slots=True)
class Delta:
    """The next piece of the answer; not frozen for the same reason as `Text`."""

    text: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """The answer so far is withdrawn in favour of this text; `reason` says why, such as output_moderation."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is complete. `usage` tells tokens, price and times; `metadata` is what clients are told."""

    usage: Receipt
    metadata: Mapping[str, Any]


ChatEvent: TypeAlias = Retrieved | Delta | Replaced | Finished
