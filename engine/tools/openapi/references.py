"""Puts what a `$ref` names in its place, within one document and within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foundation.errors import ApiError

_MOST_NODES = 100_000
_DEEPEST = 40
_SCHEMA_WORDS_DROPPED = frozenset({"xml", "externalDocs", "discriminator", "example", "examples"})


class References:
    """Resolves the references of one document. References to elsewhere are refused: nothing is fetched."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._nodes = 0

    def follow(self, value: Any) -> Any:
        """Returns what a value stands for, if it is a reference; its parts are not looked into."""
        for _ in range(_DEEPEST):
            if not isinstance(value, Mapping) or not isinstance(value.get("$ref"), str):
                return value
            value = self._find(value["$ref"])
        raise ApiError("invalid_tool_schema", "A reference of the document leads to itself.")

    def schema(self, value: Any) -> dict[str, Any]:
        """Returns a schema that needs no other part of the document; a recursive part accepts anything."""
        whole = self._whole(value, (), 0)
        return whole if isinstance(whole, dict) else {}

    def _whole(self, value: Any, seen: tuple[str, ...], depth: int) -> Any:
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise ApiError("invalid_tool_schema", "The schemas of the document are too large.")
        if depth > _DEEPEST:
            return {}
        if isinstance(value, list):
            return [self._whole(entry, seen, depth + 1) for entry in value]
        if not isinstance(value, Mapping):
            return value
        reference = value.get("$ref")
        if isinstance(reference, str):
            return {} if reference in seen else self._whole(self._find(reference), (*seen, reference), depth + 1)
        made = {
            str(key): self._whole(entry, seen, depth + 1)
            for key, entry in value.items()
            if key not in _SCHEMA_WORDS_DROPPED and not str(key).startswith("x-")
        }
        return _modern(made)

    def _find(self, reference: str) -> Any:
        if not reference.startswith("#/"):
            text = f"The reference {reference!r} leads out of the document; put the schema into it."
            raise ApiError("invalid_tool_schema", text)
        found: Any = self._document
        for part in reference[2:].split("/"):
            part = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, Mapping) or part not in found:
                raise ApiError("invalid_tool_schema", f"The reference {reference!r} names nothing in the document.")
            found = found[part]
        return found


def _modern(schema: dict[str, Any]) -> dict[str, Any]:
    """Returns a schema of OpenAPI 3.0 in the words of JSON Schema: `nullable`, and limits that exclude."""
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
    if isinstance(schema.get("nullable"), bool):
        del schema["nullable"]
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and limit in schema:
            schema[exclusive] = schema.pop(limit)
    return schema
