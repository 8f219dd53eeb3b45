"""Texts in a JSON Lines file: each line an object with the name and the text of one document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson

from foundation.errors import ApiError, ErrorDetail

MOST_LINES = 1_000
LONGEST_NAME = 255
LONGEST_TEXT = 20_000_000


@dataclass(frozen=True, slots=True)
class NamedText:
    """The text of one document, and what it is called."""

    name: str
    text: str


def read_text_lines(file: BinaryIO, field: str) -> list[NamedText]:
    """Returns the texts in the order of their lines; empty lines are passed over.

    Args:
        file: the content, UTF-8 with or without a byte order mark.
        field: what the file is called in the messages.

    Raises:
        ApiError: `unreadable_document`, which names the line that is not as it should be; `too_many_files` where
            there are more than 1 000 lines; `no_file_uploaded` where there are none.
    """
    found: list[NamedText] = []
    for number, line in enumerate(file, start=1):
        raw = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if not raw.strip():
            continue
        if len(found) == MOST_LINES:
            raise ApiError("too_many_files", f"`{field}` has more than {MOST_LINES} lines; send the rest separately.")
        found.append(_read(raw, f"{field}[{number}]"))
    if not found:
        raise ApiError("no_file_uploaded", f"`{field}` holds no line.")
    return found


def _read(raw: bytes, place: str) -> NamedText:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _wrong(place, f"the line is not JSON ({error})") from None
    if not isinstance(value, dict):
        raise _wrong(place, "the line must be an object with `name` and `text`")
    return NamedText(_text(value, "name", LONGEST_NAME, place), _text(value, "text", LONGEST_TEXT, place))


def _text(value: dict[str, Any], name: str, longest: int, place: str) -> str:
    found = value.get(name)
    if not isinstance(found, str) or not found.strip():
        raise _wrong(f"{place}.{name}", f"`{name}` must be a text that is not blank")
    if len(found) > longest:
        raise _wrong(f"{place}.{name}", f"`{name}` has {len(found)} characters; {longest} are the most")
    return found


def _wrong(field: str, what: str) -> ApiError:
    message = f"{field}: {what}."
    return ApiError(
        "unreadable_document", message, details=[ErrorDetail(field=field, type="json_line", message=message)]
    )
