"""Form bodies: parts by name, as the values and files that the schema of the form speaks of."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson

from foundation.errors import ApiError, ErrorDetail
from handlers.pipeline.coercion import Coerce, coercer, types_of
from handlers.pipeline.messages import detail
from handlers.pipeline.multipart import MOST_PARTS, FileGate, Part, read_multipart
from handlers.pipeline.schemas import Schema, Schemas
from handlers.replies import UploadedFile

MOST_TEXT_IN_FILE = 1024 * 1024
TEXTUAL = re.compile(r"(?:text/.*|application/(?:.*\+)?json|application/octet-stream)").fullmatch


@dataclass(slots=True)
class FormField:
    """One field that a form may have."""

    name: str
    is_array: bool
    is_file: bool
    is_json: bool
    coerce: Coerce | None


@dataclass(slots=True)
class FormValues:
    """What a form held: `values` for the handler, `checked` for the validator (files as empty texts)."""

    values: dict[str, Any] = field(default_factory=dict)
    checked: dict[str, Any] = field(default_factory=dict)
    files: list[UploadedFile] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether no part was sent."""
        return not self.checked

    def close(self) -> None:
        """Remove the temporary files."""
        for file in self.files:
            file.close()


class FormSchema:
    """The fields of one form."""

    def __init__(self, schemas: Schemas, schema: Schema, encoding: Mapping[str, Any]) -> None:
        self.fields: dict[str, FormField] = {}
        for name, declared in _properties(schemas, schema).items():
            self.fields[name] = _field(schemas, name, declared, encoding.get(name, {}).get("contentType", ""))
        self.files = frozenset(name for name, each in self.fields.items() if each.is_file)

    def read_urlencoded(self, raw: bytes, errors: list[ErrorDetail]) -> FormValues:
        """Read an urlencoded body.

        Raises:
            ApiError: `bad_request` where it is not one.
        """
        try:
            pairs: list[Part] = list(
                parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARTS)
            )
        except (ValueError, UnicodeDecodeError):
            raise ApiError("bad_request", "The form is not valid UTF-8 in percent encoding.") from None
        form = FormValues()
        for name, value in pairs:
            self._add(form, name, value, errors)
        return form

    async def read_parts(self, parts: list[Part], errors: list[ErrorDetail]) -> FormValues:
        """Sort the parts of a multipart body into values and files."""
        form = FormValues(files=[value for _, value in parts if isinstance(value, UploadedFile)])
        for name, part in parts:
            declared = self.fields.get(name)
            value: str | UploadedFile = part
            if isinstance(value, UploadedFile) and declared is not None and not declared.is_file:
                value = await _text_of(value)
            self._add(form, name, value, errors)
        return form

    def _add(self, form: FormValues, name: str, sent: str | UploadedFile, errors: list[ErrorDetail]) -> None:
        declared = self.fields.get(name)
        if declared is None:
            form.checked[name] = form.values[name] = sent if isinstance(sent, str) else ""
            return
        checked: Any
        if declared.is_file:
            if isinstance(sent, str):
                message = f"`{name}` is a text; it must be a file part, with a filename in its Content-Disposition."
                errors.append(detail(name, "file", message))
            elif not sent.filename:
                errors.append(detail(name, "file", f"`{name}` has no filename; a file part must have one."))
            value: Any = sent
            checked = ""
        elif isinstance(sent, UploadedFile):
            errors.append(detail(name, "file", f"`{name}` is a file; it must be a text part."))
            value = checked = ""
        elif "\0" in sent:
            errors.append(detail(name, "nul", f"`{name}` holds a NUL character; it must not."))
            value = checked = ""
        else:
            value = checked = self._value(declared, sent, errors)
        self._store(form, declared, value, checked, errors)

    @staticmethod
    def _value(declared: FormField, sent: str, errors: list[ErrorDetail]) -> Any:
        if not declared.is_json:
            return declared.coerce(sent) if declared.coerce else sent
        try:
            return orjson.loads(sent)
        except orjson.JSONDecodeError as error:
            message = f"`{declared.name}` is not JSON ({error}); it must be a JSON text."
            errors.append(detail(declared.name, "json", message))
            return sent

    @staticmethod
    def _store(form: FormValues, declared: FormField, value: Any, checked: Any, errors: list[ErrorDetail]) -> None:
        name = declared.name
        if declared.is_array:
            several = value if isinstance(value, list) else [value]
            form.values.setdefault(name, []).extend(several)
            form.checked.setdefault(name, []).extend(checked if isinstance(checked, list) else [checked])
        elif name in form.checked:
            errors.append(detail(name, "duplicate", f"`{name}` is given more than once; give it once."))
        else:
            form.values[name], form.checked[name] = value, checked


async def read_form(
    schema: FormSchema,
    content_type: str,
    chunks: AsyncIterator[bytes],
    errors: list[ErrorDetail],
    gate: FileGate | None = None,
) -> FormValues:
    """Read a multipart body into a form, its large files past `gate`; raises like `read_multipart`."""
    parts = await read_multipart(content_type, chunks, gate, schema.files)
    return await schema.read_parts(parts, errors)


async def _text_of(file: UploadedFile) -> str | UploadedFile:
    """Return the text of a part that a browser sent as a Blob, or the file where it is none."""
    media_type = file.content_type.partition(";")[0].strip().lower()
    if file.size > MOST_TEXT_IN_FILE or not TEXTUAL(media_type):
        return file
    try:
        return (await file.read()).decode("utf-8")
    except UnicodeDecodeError:
        return file


def _properties(schemas: Schemas, schema: Schema) -> dict[str, Schema]:
    schema = schemas.follow(schema)
    found: dict[str, Schema] = {}
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            found |= _properties(schemas, part)
    found |= schema.get("properties", {})
    return found


def _field(schemas: Schemas, name: str, declared: Schema, content_type: str) -> FormField:
    schema = schemas.follow(declared)
    is_array = schema.get("type") == "array"
    item = schemas.follow(schema.get("items", {})) if is_array else schema
    types = types_of(schemas, item)
    is_json = content_type.startswith("application/json") or types == {"object"}
    is_file = item.get("format") == "binary"
    return FormField(name, is_array, is_file, is_json, None if is_json else coercer(schemas, item))
