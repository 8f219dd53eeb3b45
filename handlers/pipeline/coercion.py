"""Texts of parameters and form fields as the values their schemas speak of.

A text that is not exactly the written form of a value stays a text, and validation refuses it: `1_0`, ` 1`, `+1`,
`0x1` and `nan` are not numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson

from handlers.pipeline.schemas import Schema, Schemas

Coerce = Callable[[str], Any]

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})").fullmatch
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?").fullmatch
_BOOLEANS = {"true": True, "True": True, "false": False, "False": False}


def integer(text: str) -> Any:
    """Return the integer a text writes out, or the text."""
    return int(text) if _INTEGER(text) else text


def number(text: str) -> Any:
    """Return the number a text writes out, or the text."""
    if _INTEGER(text):
        return int(text)
    return float(text) if _NUMBER(text) else text


def boolean(text: str) -> Any:
    """Return the boolean that `true` or `false` names, or the text."""
    return _BOOLEANS.get(text, text)


def json_value(text: str) -> Any:
    """Return the JSON value a text holds, or the text."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def types_of(schemas: Schemas, schema: Schema, depth: int = 0) -> set[str]:
    """Return every type that a schema's value may have, alternatives included."""
    schema = schemas.follow(schema)
    types = {schema["type"]} if "type" in schema else set()
    if depth < 8:
        for keyword in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(keyword, ()):
                types |= types_of(schemas, part, depth + 1)
    return types


def is_nullable(schemas: Schemas, schema: Schema, depth: int = 0) -> bool:
    """Tell whether a schema allows null, itself or in one of its alternatives."""
    schema = schemas.follow(schema)
    if schema.get("nullable"):
        return True
    parts = [part for keyword in ("anyOf", "oneOf", "allOf") for part in schema.get(keyword, ())]
    return depth < 8 and any(is_nullable(schemas, part, depth + 1) for part in parts)


def coercer(schemas: Schemas, schema: Schema) -> Coerce | None:
    """Compile how a single text becomes a value.

    Args:
        schemas: the document's schemas.
        schema: the schema of the value.

    Returns:
        A function, or None where every text is taken as it is.
    """
    types = types_of(schemas, schema)
    steps: list[Coerce] = []
    if "number" in types:
        steps.append(number)
    elif "integer" in types:
        steps.append(integer)
    if "boolean" in types:
        steps.append(boolean)
    if "object" in types or "array" in types:
        steps.append(json_value)
    blank_is_null = is_nullable(schemas, schema)
    if not blank_is_null:
        return _chain(steps)
    inner = _chain(steps)
    nulls = {""} if "string" in types else {"", "null"}

    def coerce(text: str) -> Any:
        if text in nulls:
            return None
        return inner(text) if inner else text

    return coerce


def _chain(steps: list[Coerce]) -> Coerce | None:
    if len(steps) < 2:
        return steps[0] if steps else None

    def coerce(text: str) -> Any:
        for step in steps:
            value = step(text)
            if value is not text:
                return value
        return text

    return coerce
