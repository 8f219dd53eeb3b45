"""Defaults of a request body, filled in after it was validated."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from handlers.pipeline.schemas import COMPONENTS, Schema, Schemas

Fill = Callable[[Any], None]
_NONE = object()


class _Shape:
    """What may be filled in at one place of a body."""

    __slots__ = ("alternatives", "fields", "items", "tag")

    def __init__(self) -> None:
        self.fields: list[tuple[str, Any, _Shape | None]] = []
        self.items: _Shape | None = None
        self.tag = ""
        self.alternatives: dict[str, _Shape] = {}

    def fill(self, value: Any) -> None:
        if isinstance(value, dict):
            for name, default, shape in self.fields:
                if name in value:
                    if shape is not None:
                        shape.fill(value[name])
                elif default is not _NONE:
                    value[name] = copy.deepcopy(default)
            if self.alternatives:
                chosen = self.alternatives.get(value.get(self.tag, ""))
                if chosen is not None:
                    chosen.fill(value)
        elif self.items is not None and isinstance(value, list):
            for item in value:
                self.items.fill(item)

    def reaches_default(self, seen: set[int]) -> bool:
        if id(self) in seen:
            return False
        seen.add(id(self))
        if any(default is not _NONE for _, default, _ in self.fields):
            return True
        below = [shape for _, _, shape in self.fields if shape] + list(self.alternatives.values())
        if self.items is not None:
            below.append(self.items)
        return any(shape.reaches_default(seen) for shape in below)


def default_filler(schemas: Schemas, schema: Schema) -> Fill | None:
    """Compile the defaults of a schema.

    Args:
        schemas: the document's schemas.
        schema: the schema of a body.

    Returns:
        A function that adds the defaults a valid body lacks, in place; None where the schema has no default.
        Of alternatives, only the one that a discriminator chooses is filled in.
    """
    shape = _shape(schemas, schema, {})
    return shape.fill if shape.reaches_default(set()) else None


def _shape(schemas: Schemas, schema: Schema, known: dict[int, _Shape]) -> _Shape:
    schema = schemas.follow(schema)
    if id(schema) in known:
        return known[id(schema)]
    shape = known[id(schema)] = _Shape()
    for part in schema.get("allOf", ()):
        merged = _shape(schemas, part, known)
        shape.fields += merged.fields
        shape.items = shape.items or merged.items
    for name, declared in schema.get("properties", {}).items():
        declared_at = schemas.follow(declared)
        if declared_at.get("readOnly"):
            continue
        shape.fields.append((name, declared_at.get("default", _NONE), _shape(schemas, declared, known)))
    if isinstance(items := schema.get("items"), dict):
        shape.items = _shape(schemas, items, known)
    if tag := schema.get("discriminator", {}).get("propertyName"):
        shape.tag = tag
        for value, target in schema["discriminator"].get("mapping", {}).items():
            reference = target if target.startswith("#/") else COMPONENTS + target
            shape.alternatives[value] = _shape(schemas, {"$ref": reference}, known)
    return shape
