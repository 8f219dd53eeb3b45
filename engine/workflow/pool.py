"""The variables of a run: what each node gave, and `sys`, `env` and `conversation`.

A pool is a stack of layers: an iteration's item or a loop's round reads through to the pool around it and keeps
what its own nodes give to itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.workflow.values import Selector, Value

SYSTEM, ENVIRONMENT, CONVERSATION = "sys", "env", "conversation"
SPECIAL = frozenset({SYSTEM, ENVIRONMENT, CONVERSATION, "rag"})

_FILE_WORDS = {"name": "filename", "extension": "extension", "mime_type": "mime_type"}


class VariablePool:
    """Variables by node and name. Values are JSON and never changed in place; a write replaces."""

    __slots__ = ("around", "values")

    def __init__(self, values: Mapping[str, Mapping[str, Value]] | None = None, around: VariablePool | None = None):
        """Makes a pool, or a layer above another.

        Args:
            values: what is known at the start, by node id (or `sys`, `env`, `conversation`) and name.
            around: the pool that is read where this one knows nothing.
        """
        self.values: dict[str, dict[str, Value]] = {node: dict(named) for node, named in (values or {}).items()}
        self.around = around

    def inner(self) -> VariablePool:
        """Returns a layer above this pool."""
        return VariablePool(around=self)

    def node(self, node_id: str) -> Mapping[str, Value]:
        """Returns everything that a node gave; empty where it gave nothing."""
        pool: VariablePool | None = self
        while pool is not None:
            found = pool.values.get(node_id)
            if found is not None:
                return found
            pool = pool.around
        return {}

    def get(self, selector: Selector) -> Value:
        """Returns the value that a selector names, or None: see `find`."""
        return self.find(selector)[1]

    def find(self, selector: Selector) -> tuple[bool, Value]:
        """Returns whether a selector names something, and its value.

        The first part is a node, the second a variable; further parts go into objects, attributes of files, and
        places of lists.
        """
        if len(selector) < 2:
            return False, None
        named = self.node(selector[0])
        if selector[1] not in named:
            return False, None
        value = named[selector[1]]
        for part in selector[2:]:
            found, value = _within(value, part)
            if not found:
                return False, None
        return True, value

    def put(self, node_id: str, values: Mapping[str, Value]) -> None:
        """Writes what a node gave into this layer."""
        self.values.setdefault(node_id, {}).update(values)

    def replace(self, selector: Selector, value: Value) -> None:
        """Writes one variable where it lives: the nearest layer that knows its owner, else the outermost."""
        pool = self
        while selector[0] not in pool.values and pool.around is not None:
            pool = pool.around
        pool.values.setdefault(selector[0], {})[selector[1]] = value

    def set_apart(self, node_id: str) -> None:
        """Copies an outer node's variables into this layer, so that writes to them stay here."""
        self.values[node_id] = dict(self.node(node_id))


def _within(value: Any, part: str) -> tuple[bool, Any]:
    if isinstance(value, Mapping):
        if part in value:
            return True, value[part]
        word = _FILE_WORDS.get(part)
        return (True, value[word]) if word in value else (False, None)
    if isinstance(value, list) and part.isascii() and part.isdigit() and int(part) < len(value):
        return True, value[int(part)]
    return False, None
