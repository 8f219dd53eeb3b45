"""References in texts: `{{#node.variable#}}` and deeper. They are replaced once; what is put in is never read again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from engine.workflow.pool import VariablePool
from engine.workflow.values import Selector, Value, as_text

_REFERENCE = re.compile(r"\{\{#([a-zA-Z0-9_-]{1,50}(?:\.[a-zA-Z_][a-zA-Z0-9_]{0,29}){1,10})#\}\}")


@dataclass(frozen=True, slots=True)
class Reference:
    """A variable's place in a text."""

    selector: Selector
    written: str


Segment: TypeAlias = str | Reference


def segments(text: str) -> list[Segment]:
    """Returns a text as literal pieces and references, in order; empty pieces are left out."""
    pieces: list[Segment] = []
    end = 0
    for match in _REFERENCE.finditer(text):
        if match.start() > end:
            pieces.append(text[end : match.start()])
        pieces.append(Reference(tuple(match.group(1).split(".")), match.group(0)))
        end = match.end()
    if end < len(text):
        pieces.append(text[end:])
    return pieces


def references(text: str) -> Iterator[Selector]:
    """Yields the selectors that a text refers to."""
    for match in _REFERENCE.finditer(text):
        yield tuple(match.group(1).split("."))


def render(text: str, pool: VariablePool, show: Callable[[Value], str] = as_text) -> str:
    """Returns a text with its references replaced; a variable that nothing is known of is empty.

    Args:
        text: what was written.
        pool: where values come from.
        show: how a value becomes text.
    """
    if "{{#" not in text:
        return text
    return _REFERENCE.sub(lambda match: show(pool.get(tuple(match.group(1).split(".")))), text)


def only_reference(text: str) -> Selector | None:
    """Returns the selector of a text that is nothing but one reference."""
    match = _REFERENCE.fullmatch(text.strip())
    return tuple(match.group(1).split(".")) if match else None
