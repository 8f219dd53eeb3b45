"""What a variable can hold: JSON values, and files as marked objects; their types, their text, their size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import orjson

Value: TypeAlias = Any
Selector: TypeAlias = tuple[str, ...]

FILE_IDENTITY = "__dify__file__"
FILE_IDENTITY_KEY = "dify_model_identity"

_PASSAGE_TEXT = "content"


def is_file(value: object) -> bool:
    """Tells whether a value is a file: an object with the identity that the real system's files carry."""
    return isinstance(value, Mapping) and value.get(FILE_IDENTITY_KEY) == FILE_IDENTITY


def make_file(**fields: Value) -> dict[str, Value]:
    """Returns a file value.

    Args:
        fields: `id`, `type` (image, document, audio, video, custom), `transfer_method`, `filename`, `extension`,
            `mime_type`, `size` in bytes, `url`, `remote_url`, `related_id`.
    """
    known = ("id", "type", "transfer_method", "filename", "extension", "mime_type", "size", "url", "remote_url")
    return {FILE_IDENTITY_KEY: FILE_IDENTITY, **dict.fromkeys((*known, "related_id")), **fields}


def files_in(value: Value) -> list[Mapping[str, Any]]:
    """Returns the files that a value is or holds, at any depth, in order."""
    if is_file(value):
        return [value]
    if isinstance(value, Mapping):
        return [file for inner in value.values() for file in files_in(inner)]
    if isinstance(value, list):
        return [file for inner in value for file in files_in(inner)]
    return []


def type_of(value: Value) -> str:
    """Returns the type of a value, in the words of `value_type`: string, number, array[object], none…"""
    if isinstance(value, list):
        inner = {type_of(entry) for entry in value}
        if len(inner) == 1:
            kind = inner.pop()
            return f"array[{kind}]" if kind in ("string", "number", "object", "file", "boolean") else "array[any]"
        return "array[any]"
    for kind, fits in _FITS.items():
        if fits(value):
            return kind
    return "none" if value is None else "object"


def fits_type(value: Value, kind: str) -> bool:
    """Tells whether a value is of a declared type; an empty list is of every array type."""
    if kind in ("any", ""):
        return True
    if kind in ("array", "array[any]"):
        return isinstance(value, list)
    if kind.startswith("array["):
        return isinstance(value, list) and all(fits_type(entry, kind[6:-1]) for entry in value)
    if kind in ("integer", "float"):
        return _FITS["number"](value) and (kind == "float" or isinstance(value, int))
    return _FITS[_SAME.get(kind, kind)](value) if _SAME.get(kind, kind) in _FITS else True


def types_agree(given: str, wanted: Sequence[str]) -> bool:
    """Tells whether a value of declared type `given` can go where one of `wanted` is taken."""
    if not wanted or given in ("any", "") or "any" in wanted:
        return True
    given = _SAME.get(given, given)
    for kind in wanted:
        kind = _SAME.get(kind, kind)
        if kind == given:
            return True
        if given.startswith("array") and kind.startswith("array") and "array[any]" in (given, kind):
            return True
    return False


def as_text(value: Value) -> str:
    """Returns a value as it stands in a prompt or an answer: nothing for null, JSON for objects."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if is_file(value):
        return _file_text(value)
    if isinstance(value, list) and value and all(is_file(entry) for entry in value):
        return "\n".join(map(_file_text, value))
    return to_json(value)


def to_json(value: Value, *, indent: bool = False) -> str:
    """Returns a value as JSON text."""
    option = orjson.OPT_NON_STR_KEYS | (orjson.OPT_INDENT_2 if indent else 0)
    try:
        return orjson.dumps(value, option=option).decode()
    except TypeError:
        return str(value)


def size_of(value: Value) -> int:
    """Returns how many bytes a value takes as JSON."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass"))
    if value is None or isinstance(value, bool | int | float):
        return 8
    return len(to_json(value))


def passages_text(value: Value) -> str:
    """Returns what retrieval found as it stands in a prompt; any other value as its text."""
    if isinstance(value, list) and all(isinstance(entry, Mapping) and _PASSAGE_TEXT in entry for entry in value):
        return "\n\n".join(str(entry[_PASSAGE_TEXT]) for entry in value)
    return as_text(value)


def _file_text(file: Mapping[str, Any]) -> str:
    address = file.get("url") or file.get("remote_url") or ""
    name = file.get("filename") or file.get("id") or "file"
    return f"![{name}]({address})" if file.get("type") == "image" else f"[{name}]({address})"


_SAME = {
    "integer": "number",
    "float": "number",
    "secret": "string",
    "text-input": "string",
    "paragraph": "string",
    "select": "string",
    "checkbox": "boolean",
    "bool": "boolean",
    "file-list": "array[file]",
    "json_object": "object",
    "array": "array[any]",
}
_FITS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "file": is_file,
    "object": lambda value: isinstance(value, Mapping),
}
