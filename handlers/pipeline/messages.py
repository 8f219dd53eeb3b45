"""What was wrong with a value, where, and what would have been right: the words for each rule of a schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import jsonschema_rs

from foundation.errors import ErrorDetail

MOST_DETAILS = 50
MOST_FIELD, MOST_MESSAGE = 512, 2_000
TYPES = {
    "array": "an array",
    "boolean": "a boolean",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}
FORMATS = {
    "date": "a date such as 2026-01-31",
    "date-time": "an RFC 3339 date and time such as 2026-01-31T12:00:00Z",
    "email": "an email address such as name@example.com",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "uri": "an absolute URI such as https://example.com/page",
    "uuid": "a UUID such as 0193f0a2-6d1c-7c5e-9a57-2f0d6c6f0c01",
}
PLACES = {
    "path": "Path parameter",
    "query": "Query parameter",
    "header": "Header",
    "cookie": "Cookie",
}
KNOWN_WORDS = {"user": "Arg user must be provided."}
"""What existing clients know the absence of a required field by."""
Place = Callable[[Sequence[str | int]], tuple[str, str]]


def detail(field: str, rule: str, message: str) -> ErrorDetail:
    """Make one entry of an error's details, cut to the lengths that the contract allows."""
    return {"field": field[:MOST_FIELD], "type": rule, "message": message[:MOST_MESSAGE]}


def body_details(validator: jsonschema_rs.Draft202012Validator, body: Any) -> list[ErrorDetail]:
    """Tell everything that is wrong with a body.

    Args:
        validator: the compiled schema of the body.
        body: the parsed body.

    Returns:
        One entry for each broken rule, at most 50.
    """
    return _details(validator.iter_errors(body), _body_place)


def parameter_details(validator: jsonschema_rs.Draft202012Validator, values: Any) -> list[ErrorDetail]:
    """Tell everything that is wrong with parameters.

    Args:
        validator: the compiled schema of all parameters, by their place.
        values: the coerced values, by their place.

    Returns:
        One entry for each broken rule, at most 50.
    """
    return _details(validator.iter_errors(values), _parameter_place)


def summary(details: Sequence[ErrorDetail]) -> str:
    """Return one sentence for a list of details: the first one, and how many more there are."""
    first = details[0]["message"]
    return first if len(details) == 1 else f"{first} ({len(details) - 1} more in `details`.)"


def path_text(path: Iterable[str | int]) -> str:
    """Write the path to a value as `inputs.files[0].url`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else str(part)
    return text


def _body_place(path: Sequence[str | int]) -> tuple[str, str]:
    text = path_text(path)
    return (text, f"`{text}`") if text else ("body", "The request body")


def _parameter_place(path: Sequence[str | int]) -> tuple[str, str]:
    text = path_text(path[1:])
    return text, f"{PLACES[str(path[0])]} `{text}`"


def _details(errors: Iterable[jsonschema_rs.ValidationError], place: Place) -> list[ErrorDetail]:
    found: list[ErrorDetail] = []
    seen: set[tuple[str, str]] = set()
    for error in errors:
        for item in _explain(error, place):
            key = (item["field"], item["message"])
            if key not in seen:
                seen.add(key)
                found.append(item)
            if len(found) >= MOST_DETAILS:
                return found
    return found


def _explain(error: jsonschema_rs.ValidationError, place: Place) -> list[ErrorDetail]:
    rule = error.kind.name
    path = list(error.instance_path)
    facts: dict[str, Any] = {} if rule in ("anyOf", "oneOf", "oneOfNotValid") else error.kind.as_dict()
    if rule == "required":
        field, name = place([*path, facts["property"]])
        return [detail(field, rule, KNOWN_WORDS.get(field) or f"{name} is missing; it is required.")]
    if rule == "additionalProperties":
        return [
            detail(field, rule, f"{name} is not a field that is known here.")
            for field, name in (place([*path, key]) for key in facts["unexpected"])
        ]
    field, name = place(path)
    if rule in ("anyOf", "oneOf"):
        return _alternatives(error, rule, field, name, place)
    return [detail(field, rule, f"{name} {_sentence(rule, facts, error.instance)}")]


def _alternatives(
    error: jsonschema_rs.ValidationError, rule: str, field: str, name: str, place: Place
) -> list[ErrorDetail]:
    branches: list[list[jsonschema_rs.ValidationError]] = getattr(error.kind, "context", None) or []
    depth = len(list(error.instance_path))
    meant = [branch for branch in branches if not _refused_at_root(branch, depth)]
    if len(meant) == 1:
        return [item for inner in meant[0] for item in _explain(inner, place)]
    if not branches:
        return [detail(field, rule, f"{name} fits more than one of the forms it may have; it must fit exactly one.")]
    wanted: list[str] = []
    for branch in branches:
        words = " and ".join(dict.fromkeys(_wish(item, field) for e in branch for item in _explain(e, place)))
        if words and words not in wanted:
            wanted.append(words)
    return [detail(field, rule, f"{name} has none of the forms it may have; it must {', or '.join(wanted)}.")]


def _wish(item: ErrorDetail, field: str) -> str:
    """Return what one entry asks for, in words that follow "it must"; `field` is where the alternatives stand."""
    if item["type"] == "required":
        return f"have `{item['field']}`"
    wanted = item["message"].partition("it must ")[2].rstrip(".")
    return wanted if item["field"] == field or not wanted else f"have a `{item['field']}` that must {wanted}"


def _refused_at_root(branch: list[jsonschema_rs.ValidationError], depth: int) -> bool:
    return any(e.kind.name in ("type", "const", "enum") and len(list(e.instance_path)) == depth for e in branch)


def _sentence(rule: str, facts: dict[str, Any], value: Any) -> str:
    match rule:
        case "type":
            wanted = " or ".join(TYPES.get(t, t) for t in facts["types"])
            return f"is {_kind(value)}; it must be {wanted}."
        case "enum":
            return f"is {_show(value)}; it must be one of {', '.join(_show(o) for o in facts['options'])}."
        case "const":
            return f"is {_show(value)}; it must be {_show(facts['expected_value'])}."
        case "minimum":
            return f"is {_show(value)}; it must be at least {facts['limit']}."
        case "maximum":
            return f"is {_show(value)}; it must be at most {facts['limit']}."
        case "exclusiveMinimum":
            return f"is {_show(value)}; it must be greater than {facts['limit']}."
        case "exclusiveMaximum":
            return f"is {_show(value)}; it must be less than {facts['limit']}."
        case "multipleOf":
            return f"is {_show(value)}; it must be a multiple of {facts['multiple_of']}."
        case "minLength":
            return f"has {_count(len(value), 'character')}; it must have at least {facts['limit']}."
        case "maxLength":
            return f"has {_count(len(value), 'character')}; it must have at most {facts['limit']}."
        case "minItems":
            return f"has {_count(len(value), 'item')}; it must have at least {facts['limit']}."
        case "maxItems":
            return f"has {_count(len(value), 'item')}; it must have at most {facts['limit']}."
        case "minProperties":
            return f"has {_count(len(value), 'field')}; it must have at least {facts['limit']}."
        case "maxProperties":
            return f"has {_count(len(value), 'field')}; it must have at most {facts['limit']}."
        case "uniqueItems":
            return "holds an item twice; it must hold each item once."
        case "pattern":
            return f"has the wrong form; it must match {facts['pattern']}"
        case "format":
            wanted = FORMATS.get(facts["format"], f"of the format {facts['format']}")
            return f"is {_show(value)}; it must be {wanted}."
        case "falseSchema":
            return "must not be sent here."
        case _:
            return f"breaks the rule `{rule}` of its schema."


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return "a string" if len(value) > 40 else f"the text {_show(value)}"
    for kind, word in ((bool, "boolean"), (int, "integer"), (float, "number"), (list, "array"), (dict, "object")):
        if isinstance(value, kind):
            return TYPES[word]
    return f"of the type {type(value).__name__}"


def _show(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 60 else f'"{value[:60]}…"'
    text = str(value)
    return text if len(text) <= 60 else text[:60] + "…"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
