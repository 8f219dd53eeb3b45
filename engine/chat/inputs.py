"""Checks what a person filled in against the form of the app, all fields at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from foundation.errors import ApiError, ErrorDetail

_Field = Mapping[str, Any]


class _Wrong(ValueError):
    """A value is not what its field asks for."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def check_inputs(form: Sequence[Mapping[str, Any]] | None, inputs: Mapping[str, Any] | None) -> dict[str, Any]:
    """Returns the inputs with defaults filled in and numbers and truth values as such.

    Optional fields that were left out become empty; inputs that the form does not know are kept as they are.

    Args:
        form: `user_input_form` of an app: one `{kind: field}` object for each input.
        inputs: what was sent.

    Raises:
        ApiError: `invalid_param`, with one detail for each field that is missing or wrong.
    """
    given = dict(inputs or {})
    wrong: list[ErrorDetail] = []
    for entry in form or ():
        for kind, field in entry.items():
            if not isinstance(field, Mapping) or not field.get("variable") or kind == "external_data_tool":
                continue
            name = str(field["variable"])
            try:
                given[name] = _value(kind, field, given.get(name))
            except _Wrong as problem:
                wrong.append({"field": f"inputs.{name}", "type": problem.kind, "message": str(problem)})
    if wrong:
        raise ApiError("invalid_param", " ".join(detail["message"] for detail in wrong), details=wrong)
    return given


def _value(kind: str, field: _Field, value: Any) -> Any:
    name = field["variable"]
    if value is None or value == "":
        value = field.get("default")
    if value is None or value == "" or value == []:
        if field.get("required"):
            raise _Wrong("required", f"{name} is required.")
        return _EMPTY.get(kind)
    check = _CHECKS.get(kind)
    return check(field, value) if check else value


def _text(field: _Field, value: Any) -> str:
    name = field["variable"]
    if not isinstance(value, str):
        raise _Wrong("type", f"{name} must be text.")
    longest = field.get("max_length")
    if isinstance(longest, int) and longest > 0 and len(value) > longest:
        raise _Wrong("max_length", f"{name} must have at most {longest} characters; it has {len(value)}.")
    return value


def _option(field: _Field, value: Any) -> str:
    options = [str(option) for option in field.get("options") or ()]
    if not isinstance(value, str) or value not in options:
        raise _Wrong("enum", f"{field['variable']} must be one of: {', '.join(options)}.")
    return value


def _number(field: _Field, value: Any) -> int | float:
    problem = _Wrong("type", f"{field['variable']} must be a number.")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise problem
    if not isinstance(value, str):
        return value
    try:
        number = float(value)
    except ValueError:
        raise problem from None
    if number != number or number in (float("inf"), float("-inf")):
        raise problem
    return int(number) if number.is_integer() and "." not in value and "e" not in value.lower() else number


def _truth(field: _Field, value: Any) -> bool:
    spoken = {"true": True, "false": False, "1": True, "0": False}
    found = spoken.get(str(value).strip().lower())
    if found is None or not isinstance(value, bool | int | str):
        raise _Wrong("type", f"{field['variable']} must be true or false.")
    return found


def _json_object(field: _Field, value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, Mapping):
        raise _Wrong("type", f"{field['variable']} must be a JSON object.")
    return value


def _file(field: _Field, value: Any) -> Mapping[str, Any]:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, Mapping):
        raise _Wrong("type", f"{field['variable']} must be a file.")
    return value


def _files(field: _Field, value: Any) -> list[Any]:
    name = field["variable"]
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        raise _Wrong("type", f"{name} must be a list of files.")
    most = field.get("max_length")
    if isinstance(most, int) and 0 < most < len(value):
        raise _Wrong("max_length", f"{name} must have at most {most} files; it has {len(value)}.")
    return value


_EMPTY: dict[str, Any] = {
    "text-input": "",
    "paragraph": "",
    "select": "",
    "checkbox": False,
    "file-list": [],
}
_CHECKS: dict[str, Callable[[_Field, Any], Any]] = {
    "text-input": _text,
    "paragraph": _text,
    "select": _option,
    "number": _number,
    "checkbox": _truth,
    "json_object": _json_object,
    "file": _file,
    "file-list": _files,
}
