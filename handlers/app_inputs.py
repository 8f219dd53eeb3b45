"""The inputs of an app: what a caller sent, checked against the form that the app asks with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from foundation.errors import ApiError, ErrorDetail

FILES = frozenset({"file", "file-list"})


def read_inputs(form: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """Check the inputs of one call and put in defaults.

    Args:
        form: the app's `user_input_form`.
        given: what the caller sent; keys that the form does not know are left out.

    Returns:
        A value for each variable that was given or has a default.

    Raises:
        ApiError: `invalid_param`, with one detail for each input that is missing or wrong.
    """
    problems: list[ErrorDetail] = []
    inputs: dict[str, Any] = {}
    for field in form:
        kind, declared = next(iter(field.items()))
        name = declared["variable"]
        value = given.get(name)
        if value in (None, ""):
            value = declared.get("default")
        if value in (None, "", []):
            if declared.get("required"):
                problems.append(_problem(name, "required", "is required in input form"))
            continue
        problem = _wrong(kind, declared, value)
        if problem:
            problems.append(_problem(name, *problem))
        else:
            inputs[name] = value
    if problems:
        raise ApiError("invalid_param", problems[0]["message"], details=problems)
    return inputs


def _wrong(kind: str, declared: Mapping[str, Any], value: Any) -> tuple[str, str] | None:
    """Return the rule that a value breaks, and what would have been right; None where it breaks none."""
    if kind in FILES or kind == "json_object":
        return None
    if kind == "checkbox":
        return None if isinstance(value, bool) else ("type", "in input form must be true or false")
    if kind == "number":
        return None if _is_number(value) else ("type", "in input form must be a number")
    if not isinstance(value, str):
        return "type", "in input form must be a string"
    longest = declared.get("max_length")
    if longest and len(value) > longest:
        return "maxLength", f"in input form must be less than {longest} characters"
    options = declared.get("options") or []
    if kind == "select" and value not in options:
        return "enum", f"in input form must be one of the following: {', '.join(map(str, options))}"
    return None


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return False
        return True
    return isinstance(value, int | float) and not isinstance(value, bool)


def _problem(name: str, rule: str, message: str) -> ErrorDetail:
    return {"field": f"inputs.{name}", "type": rule, "message": f"{name} {message}"}
