"""Calls one operation of an API through the egress guard."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from engine.tools.builtin.web_page import decoded
from engine.tools.openapi.authorisation import Authorisation
from engine.tools.openapi.operation import ApiArgument, ApiOperation
from engine.tools.tool import ToolContext, ToolFailure, ToolFile, ToolResult, Words, words
from foundation.egress import Fetched

_MOST_BYTES = 10 * 1024 * 1024
_LONGEST_REFUSAL = 2_000
_JSON = ("application/json", "text/json", "application/problem+json")
_TEXT = ("application/xml", "application/yaml", "application/x-yaml", "application/javascript")


@dataclass(frozen=True, slots=True)
class ApiTool:
    """An operation with the credentials to call it."""

    operation: ApiOperation
    authorisation: Authorisation = field(default_factory=Authorisation)

    @property
    def name(self) -> str:
        """The operation's id."""
        return self.operation.name

    @property
    def label(self) -> Words:
        """The operation's id."""
        return words(self.operation.name)

    @property
    def description(self) -> str:
        """What the document says of it."""
        return self.operation.summary

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The JSON Schema of its arguments."""
        return self.operation.parameters

    async def invoke(self, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        """Sends the request and returns the answer as text, with JSON as a value and media as a file."""
        request = _Request(self.operation, arguments, self.authorisation)
        answer = await context.egress.fetch(
            request.url,
            _MOST_BYTES,
            context.timeout,
            method=self.operation.method,
            headers=request.headers,
            content=request.content,
            secrets=self.authorisation.headers,
        )
        if answer.status >= 400:
            said = decoded(answer.body[: _LONGEST_REFUSAL * 4], answer.headers.get("content-type", "")).strip()
            said = self._without_secret(said[:_LONGEST_REFUSAL])
            raise ToolFailure(f"The API answered with status {answer.status}" + (f": {said}" if said else "."))
        return self._result(answer)

    def _result(self, answer: Fetched) -> ToolResult:
        kind = answer.content_type
        if not answer.body:
            return ToolResult(f"The API answered with status {answer.status} and no content.")
        if kind in _JSON or kind.endswith("+json"):
            try:
                value = orjson.loads(answer.body)
            except orjson.JSONDecodeError as error:
                raise ToolFailure("The API announced JSON and sent something else.") from error
            return ToolResult(self._without_secret(orjson.dumps(value).decode()), (value,))
        if not kind or kind.startswith("text/") or kind in _TEXT or kind.endswith("+xml"):
            return ToolResult(self._without_secret(decoded(answer.body, answer.headers.get("content-type", ""))))
        name = f"{self.name}{mimetypes.guess_extension(kind) or ''}"
        return ToolResult(f"The API sent a file of {kind}, which the user can see.", (), (_file(answer, name),))

    def _without_secret(self, text: str) -> str:
        secret = self.authorisation.secret
        return text.replace(secret, "[hidden]") if len(secret) >= 4 else text


class _Request:
    """One request, put together from arguments."""

    def __init__(self, operation: ApiOperation, arguments: Mapping[str, Any], authorisation: Authorisation) -> None:
        path = operation.path
        query: list[tuple[str, str]] = []
        headers: dict[str, str] = {"accept": "application/json, text/*;q=0.8, */*;q=0.5"}
        cookies: list[str] = []
        fields: dict[str, Any] = {}
        whole: Any = None
        for argument in operation.arguments:
            value = arguments.get(argument.name)
            if value is None:
                continue
            match argument.place:
                case "path":
                    path = path.replace(f"{{{argument.wire}}}", _segment(argument, value))
                case "query":
                    query += _pairs(argument, value)
                case "header":
                    headers[argument.wire] = _header(argument, value)
                case "cookie":
                    cookies.append(f"{argument.wire}={quote(_text(value), safe='')}")
                case "body":
                    fields[argument.wire] = value
                case "whole_body":
                    whole = value
        if "{" in path:
            raise ToolFailure(f"A part of the path {operation.path} is missing.")
        if cookies:
            headers["cookie"] = "; ".join(cookies)
        query += authorisation.query.items()
        self.content: bytes | None = None
        if fields or whole is not None:
            media, self.content = _encoded(operation.media_type, fields if whole is None else whole)
            headers["content-type"] = media
        self.headers = {**headers, **authorisation.headers}
        self.url = operation.server_url + path + (f"?{urlencode(query)}" if query else "")


def _segment(argument: ApiArgument, value: Any) -> str:
    text = ",".join(map(_text, value)) if isinstance(value, list) else _text(value)
    if text in ("", ".", ".."):
        raise ToolFailure(f"{argument.name} must not be {text!r}: it is part of a path.")
    return quote(text, safe="")


def _header(argument: ApiArgument, value: Any) -> str:
    text = ",".join(map(_text, value)) if isinstance(value, list) else _text(value)
    if not text.isascii() or not text.isprintable():
        raise ToolFailure(f"{argument.name} must be printable ASCII text: it is sent as a header.")
    return text


def _pairs(argument: ApiArgument, value: Any) -> Iterable[tuple[str, str]]:
    if isinstance(value, list):
        texts = [_text(entry) for entry in value]
        return [(argument.wire, text) for text in texts] if argument.explode else [(argument.wire, ",".join(texts))]
    if isinstance(value, Mapping):
        if argument.deep:
            return [(f"{argument.wire}[{key}]", _text(entry)) for key, entry in value.items()]
        if argument.explode:
            return [(str(key), _text(entry)) for key, entry in value.items()]
    return [(argument.wire, _text(value))]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


def _encoded(media: str, value: Any) -> tuple[str, bytes]:
    if media == "application/x-www-form-urlencoded" and isinstance(value, Mapping):
        pairs = [
            (str(key), _text(part))
            for key, entry in value.items()
            for part in (entry if isinstance(entry, list) else [entry])
        ]
        return media, urlencode(pairs).encode()
    if media == "multipart/form-data" and isinstance(value, Mapping):
        return _multipart(value)
    if media.startswith("text/") or (isinstance(value, str) and "json" not in media and media):
        return f"{media}; charset=utf-8", _text(value).encode()
    return media if "json" in media else "application/json", orjson.dumps(value)


def _multipart(value: Mapping[str, Any]) -> tuple[str, bytes]:
    boundary = token_hex(16)
    parts: list[bytes] = []
    for key, entry in value.items():
        name = quote(str(key), safe=" -_.[]()")
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{_text(entry)}\r\n'.encode()
        )
    parts.append(f"--{boundary}--\r\n".encode())
    return f"multipart/form-data; boundary={boundary}", b"".join(parts)


def _file(answer: Fetched, name: str) -> ToolFile:
    return ToolFile(answer.body, answer.content_type or "application/octet-stream", name)
