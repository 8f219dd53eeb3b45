"""Conditions: comparisons of a value with what is expected, joined by `and` or `or`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from engine.workflow.values import Value, as_text, is_file

OPERATORS = (
    "contains",
    "not contains",
    "start with",
    "end with",
    "is",
    "is not",
    "empty",
    "not empty",
    "in",
    "not in",
    "all of",
    "=",
    "≠",
    ">",
    "<",
    "≥",
    "≤",
    "null",
    "not null",
    "exists",
    "not exists",
    "before",
    "after",
)
"""Every comparison operator."""
WITHOUT_EXPECTATION = frozenset({"empty", "not empty", "null", "not null", "exists", "not exists"})
"""The operators that look at the value alone."""


class ConditionError(ValueError):
    """A comparison makes no sense for its values; the message says why."""


def holds(operator: str, actual: Value, expected: Value, *, known: bool = True) -> bool:
    """Tells whether a comparison holds.

    Comparisons of texts mind the case. A number is compared as a whole number where the value is one, so that
    "1.5" is refused there, and truth values are read as JSON.

    Args:
        operator: one of OPERATORS.
        actual: the variable's value.
        expected: what it is compared with.
        known: whether the variable exists.

    Raises:
        ConditionError: the operator is unknown, or does not fit the values.
    """
    match operator:
        case "exists":
            return known
        case "not exists":
            return not known
        case "null":
            return actual is None
        case "not null":
            return actual is not None
        case "empty":
            return _empty(actual)
        case "not empty":
            return not _empty(actual)
    check = _CHECKS.get(operator)
    if check is None:
        raise ConditionError(f'"{operator}" is not a comparison; use one of: {", ".join(OPERATORS)}.')
    return check(actual, expected)


def join(logical_operator: str, results: Iterable[bool]) -> bool:
    """Joins results with `and` or `or`, and looks at no more of them than it has to."""
    return any(results) if logical_operator == "or" else all(results)


def holds_for_entries(actual: Value, each: Callable[[Mapping[str, Any]], bool], operator: str) -> bool:
    """Tells whether entries of a list meet conditions of their own.

    Args:
        actual: a list of files or objects.
        each: whether one entry meets them.
        operator: `contains` (one does), `not contains` (none does) or `all of` (all do).

    Raises:
        ConditionError: the value is not such a list, or the operator is another one.
    """
    if not isinstance(actual, list) or not all(isinstance(entry, Mapping) for entry in actual):
        raise ConditionError("Conditions on entries need a list of files or objects.")
    match operator:
        case "contains":
            return any(map(each, actual))
        case "not contains":
            return not any(map(each, actual))
        case "all of":
            return bool(actual) and all(map(each, actual))
    raise ConditionError(f'"{operator}" cannot be asked of entries; use contains, not contains or all of.')


def _empty(value: Value) -> bool:
    return not value and value is not False and not (isinstance(value, int | float) and not isinstance(value, bool))


def _contains(actual: Value, expected: Value) -> bool:
    if not actual:
        return False
    if isinstance(actual, str):
        return as_text(expected) in actual
    if isinstance(actual, list):
        return any(_same(entry, expected) for entry in actual)
    raise ConditionError(f"contains looks into a text or a list, not into {_kind(actual)}.")


def _start(actual: Value, expected: Value) -> bool:
    return bool(actual) and _text(actual, "start with").startswith(as_text(expected))


def _end(actual: Value, expected: Value) -> bool:
    return bool(actual) and _text(actual, "end with").endswith(as_text(expected))


def _is(actual: Value, expected: Value) -> bool:
    return actual is not None and _same(actual, expected)


def _is_not(actual: Value, expected: Value) -> bool:
    return actual is None or not _same(actual, expected)


def _in(actual: Value, expected: Value) -> bool:
    if not actual and actual is not False and actual != 0:
        return False
    if isinstance(expected, str):
        parsed = _json(expected)
        if not isinstance(parsed, list):
            return as_text(actual) in expected
        expected = parsed
    if not isinstance(expected, list):
        raise ConditionError("in needs a list or a text to look into.")
    return any(_same(actual, entry) for entry in expected)


def _not_in(actual: Value, expected: Value) -> bool:
    return not _in(actual, expected)


def _all_of(actual: Value, expected: Value) -> bool:
    if isinstance(expected, str):
        expected = _json(expected)
    if not isinstance(expected, list):
        raise ConditionError("all of needs a list of what has to be contained.")
    return bool(actual) and all(_contains(actual, entry) for entry in expected)


def _equal(actual: Value, expected: Value) -> bool:
    if actual is None:
        return False
    if isinstance(actual, bool):
        return _same(actual, expected)
    left, right = _numbers(actual, expected)
    return left == right


def _compare(how: Callable[[float, float], bool]) -> Callable[[Value, Value], bool]:
    def check(actual: Value, expected: Value) -> bool:
        if actual is None:
            return False
        return how(*_numbers(actual, expected))

    return check


def _dates(how: Callable[[float, float], bool]) -> Callable[[Value, Value], bool]:
    def check(actual: Value, expected: Value) -> bool:
        if actual is None or expected in (None, ""):
            return False
        return how(*_numbers(actual, expected))

    return check


def _numbers(actual: Value, expected: Value) -> tuple[float, float]:
    if isinstance(actual, bool) or not isinstance(actual, int | float):
        raise ConditionError(f"Only numbers are compared by size, not {_kind(actual)}.")
    if isinstance(expected, bool) or not isinstance(expected, int | float | str):
        raise ConditionError(f"A number is compared with a number, not with {_kind(expected)}.")
    try:
        wanted = int(expected) if isinstance(actual, int) and isinstance(expected, str) else float(expected)
    except ValueError:
        kind = "a whole number" if isinstance(actual, int) else "a number"
        raise ConditionError(f'"{expected}" is not {kind}.') from None
    return actual, wanted


def _same(actual: Value, expected: Value) -> bool:
    if isinstance(actual, bool):
        parsed = _json(expected) if isinstance(expected, str) else expected
        return isinstance(parsed, bool | int) and bool(parsed) == actual
    if isinstance(actual, int | float):
        try:
            left, right = _numbers(actual, expected)
        except ConditionError:
            return False
        return left == right
    if isinstance(actual, str):
        return actual == as_text(expected)
    if is_file(actual) and is_file(expected):
        return bool(actual.get("id") == expected.get("id"))
    return bool(actual == expected)


def _text(value: Value, operator: str) -> str:
    if not isinstance(value, str):
        raise ConditionError(f"{operator} looks at a text, not at {_kind(value)}.")
    return value


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return orjson.loads(text.lower()) if text.lower() in ("true", "false") else None


def _kind(value: Value) -> str:
    return {str: "a text", list: "a list", bool: "a truth value", type(None): "nothing"}.get(
        type(value), "a number" if isinstance(value, int | float) else "an object"
    )


_CHECKS: dict[str, Callable[[Value, Value], bool]] = {
    "contains": _contains,
    "not contains": lambda actual, expected: not _contains(actual, expected),
    "start with": _start,
    "end with": _end,
    "is": _is,
    "is not": _is_not,
    "in": _in,
    "not in": _not_in,
    "all of": _all_of,
    "=": _equal,
    "≠": lambda actual, expected: not _equal(actual, expected),
    ">": _compare(lambda left, right: left > right),
    "<": _compare(lambda left, right: left < right),
    "≥": _compare(lambda left, right: left >= right),
    "≤": _compare(lambda left, right: left <= right),
    "before": _dates(lambda left, right: left < right),
    "after": _dates(lambda left, right: left > right),
}
