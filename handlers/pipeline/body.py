"""Request bodies: size limits before reading, media types, JSON, raw bytes; forms are read in forms.py."""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import jsonschema_rs
import orjson
from starlette.types import Receive

from foundation.errors import ApiError, ErrorDetail
from handlers.pipeline.defaults import Fill, default_filler
from handlers.pipeline.document import Document
from handlers.pipeline.forms import FormSchema, FormValues, read_form
from handlers.pipeline.messages import body_details, detail
from handlers.pipeline.multipart import FileGate
from handlers.pipeline.outcome import ClientGone
from handlers.pipeline.schemas import Schema, Schemas

MEBIBYTE = 1024 * 1024
JSON = "application/json"
SLOW_CHARSETS = frozenset({"punycode", "idna"})
"""Encodings of names, not of texts: reading them takes the square of their length."""
REFUSED_FILES = frozenset({"file_too_large", "unsupported_file_type"})
EMPTY_JSON = "Invalid JSON payload received or JSON payload is empty."

Kind = Literal["json", "multipart", "urlencoded", "raw"]


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """The largest bodies that are read, in bytes; an operation's `x-max-body-bytes` comes before them."""

    json: int = 16 * MEBIBYTE
    form: int = 116 * MEBIBYTE
    file: FileGate | None = None
    """Refuses files while they arrive, for operations that declare the errors `REFUSED_FILES`."""


@dataclass(slots=True)
class Media:
    """How one media type of an operation's body is read."""

    kind: Kind
    limit: int
    validator: jsonschema_rs.Draft202012Validator | None
    fill: Fill | None
    form: FormSchema | None


@dataclass(slots=True)
class ReadBody:
    """A body that was read: a value for `body`, or a form's parts; `present` is false where none was sent."""

    present: bool
    value: Any = None
    form: FormValues | None = None

    def close(self) -> None:
        """Remove the form's temporary files."""
        if self.form is not None:
            self.form.close()


ABSENT = ReadBody(present=False)


class Body:
    """The request body of one operation."""

    def __init__(
        self,
        document: Document,
        schemas: Schemas,
        declared: Mapping[str, Any],
        limits: BodyLimits,
        limit: int | None,
        codes: Iterable[str] = (),
    ) -> None:
        declared = document.follow(declared)
        self.required = bool(declared.get("required"))
        self.media: dict[str, Media] = {}
        for media_type, content in declared["content"].items():
            low = media_type.lower().partition(";")[0].strip()
            self.media[low] = _media(schemas, low, content, limits, limit)
        self._default = self.media.get(JSON) or next(iter(self.media.values()))
        self._json = self.media.get(JSON)
        self._gate = limits.file if REFUSED_FILES.issubset(codes) else None

    async def read(self, headers: Mapping[bytes, bytes], receive: Receive, errors: list[ErrorDetail]) -> ReadBody:
        """Read, parse, validate and complete the body.

        Args:
            headers: the request's headers by lower-case name.
            receive: the ASGI channel.
            errors: where everything that is wrong with the body's fields goes.

        Returns:
            What was read; the caller closes it.

        Raises:
            ApiError: where the body cannot be read at all: too large, of another media type, malformed.
            ClientGone: when the client leaves while it sends.
        """
        content_type = headers.get(b"content-type")
        if content_type is None or (content_type == b"application/json" and self._json is not None):
            media: Media | None = self._default
        else:
            low = content_type.decode("latin-1").partition(";")[0].strip().lower()
            media = self.media.get(low) or self.media.get(low.partition("/")[0] + "/*") or self.media.get("*/*")
        if media is None:
            return await self._refuse_type(content_type or b"", headers, receive)
        _check_length(headers, media.limit)
        if headers.get(b"content-encoding", b"identity").lower() not in (b"identity", b""):
            raise ApiError("unsupported_media_type", "A compressed body is not read here; send it as it is.")
        if media.form is not None and content_type is not None:
            return await self._read_form(media, content_type.decode("latin-1"), receive, errors)
        raw = await read_whole(receive, media.limit)
        if not raw or (media.kind == "json" and raw.isspace()):
            return self._absent(errors)
        if media.kind != "json":
            if media.form is not None:
                raise ApiError("unsupported_media_type", f"The Content-Type must be {', '.join(self.media)}.")
            return ReadBody(present=True, value=raw)
        value = parse_json(raw, content_type)
        _check_value(media, value, errors)
        return ReadBody(present=True, value=value)

    def _absent(self, errors: list[ErrorDetail]) -> ReadBody:
        if self.required:
            errors.append(
                detail("body", "required", f"The request body is missing; it must be {' or '.join(self.media)}.")
            )
        return ABSENT

    async def _refuse_type(self, content_type: bytes, headers: Mapping[bytes, bytes], receive: Receive) -> ReadBody:
        may_be_empty = not self.required and headers.get(b"content-length", b"0") == b"0"
        if may_be_empty and not await read_whole(receive, MEBIBYTE):
            return ABSENT
        sent = content_type.decode("latin-1")[:100]
        raise ApiError(
            "unsupported_media_type",
            f"The Content-Type `{sent}` is not read here; it must be {' or '.join(self.media)}.",
        )

    async def _read_form(
        self, media: Media, content_type: str, receive: Receive, errors: list[ErrorDetail]
    ) -> ReadBody:
        assert media.form is not None
        if media.kind == "multipart":
            chunks = body_chunks(receive, media.limit)
            form = await read_form(media.form, content_type, chunks, errors, self._gate)
        else:
            raw = await read_whole(receive, media.limit)
            form = media.form.read_urlencoded(raw, errors)
        if form.is_empty and not self.required and not errors:
            return ABSENT
        _check_value(media, form.checked, errors)
        if media.fill is not None and not errors:
            media.fill(form.values)
        return ReadBody(present=True, form=form)


def parse_json(raw: bytes, content_type: bytes | None = None) -> Any:
    """Parse a JSON body.

    Raises:
        ApiError: `invalid_json` with the place of the fault, or `invalid_param` for a NUL character, which no
            text that is stored may hold.
    """
    if content_type is not None and b"charset" in content_type:
        raw = _utf8(raw, content_type.decode("latin-1"))
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        if raw.startswith(codecs.BOM_UTF8):
            return parse_json(raw[3:])
        fault = [detail("body", "json", f"The body is not JSON: {error}.")]
        raise ApiError("invalid_json", f"{EMPTY_JSON} {error}.", details=fault) from None
    if b"\\u0000" in raw and _holds_nul(value):
        fault = [detail("body", "nul", "A text in the body holds a NUL character (\\u0000); it must not.")]
        raise ApiError("invalid_param", fault[0]["message"], details=fault)
    return value


async def read_whole(receive: Receive, limit: int) -> bytes:
    """Read a body into memory.

    Raises:
        ApiError: `request_entity_too_large` as soon as more than `limit` bytes have come.
        ClientGone: when the client leaves while it sends.
    """
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message.get("body", b"")
        if len(body) > limit:
            raise too_large(limit)
        return body
    received, size = [], 0
    while message["type"] == "http.request":
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise too_large(limit)
        received.append(chunk)
        if not message.get("more_body"):
            return b"".join(received)
        message = await receive()
    raise ClientGone


async def body_chunks(receive: Receive, limit: int) -> AsyncIterator[bytes]:
    """Yield a body as it arrives; raises like `read_whole`."""
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise too_large(limit)
        if chunk:
            yield chunk
        if not message.get("more_body"):
            return


def too_large(limit: int) -> ApiError:
    """The error for a body beyond its limit."""
    return ApiError("request_entity_too_large", f"The request body is larger than {limit} bytes, which is the most.")


def _check_length(headers: Mapping[bytes, bytes], limit: int) -> None:
    length = headers.get(b"content-length")
    if length is None:
        return
    if not length.isdigit():
        raise ApiError("bad_request", "The Content-Length is not a number.")
    if int(length) > limit:
        raise too_large(limit)


def _check_value(media: Media, value: Any, errors: list[ErrorDetail]) -> None:
    if media.validator is None:
        return
    try:
        valid = media.validator.is_valid(value)
    except UnicodeEncodeError:
        errors.append(detail("body", "encoding", "A text in the body is not valid Unicode."))
        return
    if not valid:
        errors += body_details(media.validator, value)
    elif media.fill is not None and media.form is None:
        media.fill(value)


def _media(
    schemas: Schemas, media_type: str, content: Mapping[str, Any], limits: BodyLimits, limit: int | None
) -> Media:
    schema: Schema = content.get("schema", {})
    kind = _kind(media_type, schemas.follow(schema))
    most = limit or (limits.json if kind in ("json", "urlencoded") else limits.form)
    if kind == "raw":
        return Media(kind, most, None, None, None)
    form = None if kind == "json" else FormSchema(schemas, schema, content.get("encoding", {}))
    validator = schemas.validator(schema, "request") if schema else None
    return Media(kind, most, validator, default_filler(schemas, schema) if schema else None, form)


def _kind(media_type: str, schema: Schema) -> Kind:
    if media_type == "multipart/form-data":
        return "multipart"
    if media_type == "application/x-www-form-urlencoded":
        return "urlencoded"
    if media_type == JSON or media_type.endswith("+json"):
        return "json"
    holds_object = schema.get("type") == "object" or "properties" in schema or "allOf" in schema
    return "json" if media_type == "text/plain" and holds_object else "raw"


def _utf8(raw: bytes, content_type: str) -> bytes:
    charset = content_type.lower().partition("charset=")[2].partition(";")[0].strip().strip('"')
    if charset in ("utf-8", "utf8", ""):
        return raw
    try:
        if codecs.lookup(charset).name in SLOW_CHARSETS:
            raise LookupError
        return raw.decode(charset).encode()
    except LookupError:
        raise ApiError("unsupported_media_type", f"The charset `{charset[:40]}` is unknown; send UTF-8.") from None
    except UnicodeError:
        raise ApiError("invalid_json", f"{EMPTY_JSON} The body is not valid {charset[:40]}.") from None


def _holds_nul(value: Any) -> bool:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            if "\0" in item:
                return True
        elif isinstance(item, dict):
            pending += item.keys()
            pending += item.values()
        elif isinstance(item, list):
            pending += item
    return False
