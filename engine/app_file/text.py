"""YAML as app files use it: JSON values only, written in one way, and read without trusting who wrote it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import yaml

from foundation.errors import ApiError

MAX_BYTES = 10 * 1024 * 1024
MAX_DEPTH = 64
MAX_VALUES = 200_000

_MAX_INTEGER = 2**63 - 1
# A key is an event too, and a collection has two.
_MAX_EVENTS = 3 * MAX_VALUES
# Dates are texts to JSON, and merged keys can make a small file a huge value.
_NOT_RESOLVED = frozenset({"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value", "tag:yaml.org,2002:merge"})


class _Loader(yaml.CSafeLoader):
    """The safe loader without what has no place in JSON."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _NOT_RESOLVED]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


class _Dumper(yaml.CSafeDumper):
    """The safe dumper, which writes a value in full wherever it stands, and quotes what other readers take for more."""

    def ignore_aliases(self, data: Any) -> bool:
        """Tell that no anchors are written."""
        return True


def read_yaml(text: str) -> dict[str, Any]:
    """Returns the object that a YAML text is. It takes seconds for megabytes: call it in a thread.

    Raises:
        ApiError: `invalid_app_file`: the text is no YAML, no object, too deep, too large, or holds what JSON cannot.
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise refused(f"An app file has at most {MAX_BYTES // 1024 // 1024} MB.")
    try:
        _check_shape(text)
        value = yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader with fewer types)
    except yaml.YAMLError as error:
        raise refused(f"The file is not YAML: {_told(error)}.") from error
    except (ValueError, RecursionError, UnicodeError) as error:
        raise refused(f"The file cannot be read: {error}.") from error
    if not isinstance(value, dict):
        raise refused("The file is no YAML object with the keys app, kind, version.")
    plain: dict[str, Any] = _Plain().of(value, 0)
    return plain


def write_app_file(value: Mapping[str, Any]) -> str:
    """Returns the YAML text of a value: keys sorted, no anchors, every character as it is."""
    written = yaml.dump(dict(value), Dumper=_Dumper, allow_unicode=True, sort_keys=True, width=2**31 - 1)
    return str(written)


def refused(message: str) -> ApiError:
    """Returns the error for a file that cannot be used."""
    return ApiError("invalid_app_file", message)


def _check_shape(text: str) -> None:
    """Refuse what is too deep or too much, before the loader, which follows it on the machine's stack."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
        if count > _MAX_EVENTS:
            raise refused(f"The file holds more than {MAX_VALUES} values.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise refused(f"The file is nested more than {MAX_DEPTH} levels deep.")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _told(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = re.sub(r"\s+", " ", str(getattr(error, "problem", None) or error)).rstrip(".")
    return f"{problem}, in line {mark.line + 1}, column {mark.column + 1}" if mark is not None else problem


class _Plain:
    """Makes JSON of what YAML gave, and counts what aliases repeat."""

    def __init__(self) -> None:
        self._left = MAX_VALUES

    def of(self, value: Any, depth: int) -> Any:
        """Returns the JSON value; keys that are numbers or words of YAML become text."""
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            raise refused(f"The file holds more than {MAX_VALUES} values, or values within themselves.")
        if isinstance(value, dict):
            return {_key(key): self.of(inner, depth + 1) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.of(inner, depth + 1) for inner in value]
        if value is None or isinstance(value, str | bool):
            return value
        if isinstance(value, int) and abs(value) <= _MAX_INTEGER:
            return value
        if isinstance(value, float) and math.isfinite(value):
            return value
        raise refused(
            f"The file holds a value that JSON cannot: a {type(value).__name__} that is out of range or no JSON."
        )


def _key(key: Any) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    if key is None or isinstance(key, int | float):
        return "null" if key is None else str(key)
    raise refused("A key of the file is no text.")
