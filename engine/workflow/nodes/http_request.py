"""http-request: asks an address on the public network, through the egress guard."""

from __future__ import annotations

import asyncio
import base64
import mimetypes
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import orjson
from pydantic import BeforeValidator, Field

from engine.workflow.context import NodeContext
from engine.workflow.failure import NodeFailure
from engine.workflow.node import NodeData, NodeResult, NodeType, Part, Problem, Read, SelectorList
from engine.workflow.references import only_reference, references
from engine.workflow.values import Value, as_text, files_in
from foundation.egress import Fetched

MOST_BINARY, MOST_TEXT = 10 * 1024 * 1024, 1024 * 1024
_LONGEST = 600.0
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_TEXTUAL = (
    "text/",
    "application/json",
    "application/xml",
    "application/javascript",
    "application/x-www-form-urlencoded",
)
_MASK = "******"


class AuthorizationConfig(Part):
    """An API key and how it is sent."""

    type: Literal["basic", "bearer", "custom"] = "bearer"
    api_key: str = ""
    header: str = ""


class Authorization(Part):
    """Whether an API key is sent."""

    type: Literal["no-auth", "api-key"] = "no-auth"
    config: AuthorizationConfig = AuthorizationConfig()


class BodyEntry(Part):
    """A part of the body."""

    key: str = ""
    type: Literal["text", "file"] = "text"
    value: Any = ""
    file: SelectorList = Field(default_factory=list)


def _parts(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return [{"key": "", "type": "text", "value": value}] if value else []


class Body(Part):
    """What is sent. Old graphs write a text instead of a list of parts."""

    type: Literal["none", "form-data", "x-www-form-urlencoded", "raw-text", "json", "binary"] = "none"
    data: Annotated[list[BodyEntry], BeforeValidator(_parts, json_schema_input_type=list[BodyEntry] | str)] = Field(
        default_factory=list
    )


class Timeout(Part):
    """Seconds to connect, to read and to write; what is 0 is not limited below the most allowed."""

    connect: float = Field(default=0, ge=0)
    read: float = Field(default=0, ge=0)
    write: float = Field(default=0, ge=0)

    @property
    def total(self) -> float:
        """Seconds for the whole exchange."""
        parts = [self.connect or 10.0, self.read or _LONGEST, self.write or 0.0]
        return min(_LONGEST, sum(parts))


class HttpData(NodeData):
    """The data of an http-request node. Headers and params are lines of `key:value`."""

    method: str = "GET"
    url: str = Field(min_length=1)
    authorization: Authorization = Authorization()
    headers: str = ""
    params: str = ""
    body: Body = Body()
    timeout: Timeout = Timeout()
    ssl_verify: bool = True


@dataclass(frozen=True, slots=True)
class _Payload:
    content: bytes | None = None
    content_type: str | None = None


async def run(context: NodeContext, data: HttpData) -> NodeResult:
    """Sends the request and reads the whole answer. A status outside 2xx fails only where somebody handles it."""
    guard = context.need(context.services.http, "way out to the network")
    method = data.method.upper()
    url = _address(context, data)
    payload = await _payload(context, data.body)
    headers = dict(_lines(context, data.headers))
    if payload.content_type and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = payload.content_type
    secret = _authorize(context, data.authorization, headers)
    context.inputs.update({"method": method, "url": url})
    context.process_data["request"] = _shown(method, url, headers, payload, secret)
    answer = await guard.fetch(
        url,
        MOST_BINARY,
        data.timeout.total,
        method=method,
        headers=headers,
        content=payload.content,
        secrets=[secret] if secret else [],
    )
    if not 200 <= answer.status < 300 and (data.recovery.strategy is not None or data.recovery.retries):
        message = f"The server answered with the status {answer.status}: {_text(answer)[:500]}"
        raise NodeFailure(message, "HTTPResponseCodeError")
    outputs: dict[str, Value] = {"status_code": answer.status, "headers": dict(answer.headers), "files": []}
    if _is_text(answer):
        if len(answer.body) > MOST_TEXT:
            message = f"The answer has {len(answer.body)} bytes of text; at most {MOST_TEXT} are allowed."
            raise NodeFailure(message, "ResponseSizeError")
        return NodeResult({**outputs, "body": _text(answer)})
    files = context.need(context.services.files, "file storage")
    kept = await files.keep(answer.body, _file_name(answer), answer.content_type or "application/octet-stream")
    return NodeResult({**outputs, "body": "", "files": [kept]})


def _address(context: NodeContext, data: HttpData) -> str:
    url = context.render(data.url).strip()
    if not url.startswith(("http://", "https://")):
        raise NodeFailure("The address must begin with http:// or https://.", "InvalidURLError")
    params = list(_lines(context, data.params))
    if not params:
        return url
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(params))))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))


def _lines(context: NodeContext, text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, _, value = line.partition(":")
        name = context.render(name).strip()
        if name:
            value = context.render(value).strip()
            yield name, value.replace("\r", " ").replace("\n", " ")


def _authorize(context: NodeContext, authorization: Authorization, headers: dict[str, str]) -> str | None:
    """Adds the API key, and returns the name of the header that holds it."""
    if authorization.type == "no-auth":
        return None
    config = authorization.config
    key = context.render(config.api_key).strip()
    if not key:
        raise NodeFailure("The API key is empty: the variable that it stands in has no value.", "InvalidKeyError")
    match config.type:
        case "bearer":
            headers["Authorization"] = f"Bearer {key}"
        case "basic":
            encoded = base64.b64encode(key.encode()).decode() if ":" in key else key
            headers["Authorization"] = f"Basic {encoded}"
        case "custom":
            headers[config.header or "Authorization"] = key
    return config.header or "Authorization" if config.type == "custom" else "Authorization"


async def _payload(context: NodeContext, body: Body) -> _Payload:
    match body.type:
        case "none":
            return _Payload()
        case "json":
            text = context.render(_only(body), _json_text)
            if text.strip():
                try:
                    orjson.loads(text)
                except orjson.JSONDecodeError as error:
                    raise NodeFailure(f"The body is no JSON: {error}.", "InvalidBodyError") from error
            return _Payload(text.encode(), "application/json")
        case "raw-text":
            return _Payload(context.render(_only(body)).encode(), "text/plain; charset=utf-8")
        case "x-www-form-urlencoded":
            pairs = [(context.render(entry.key), context.render(as_text(entry.value))) for entry in body.data]
            return _Payload(urlencode(pairs).encode(), "application/x-www-form-urlencoded")
        case "binary":
            selector = body.data[0].file if body.data else []
            return _Payload(await _file_bytes(context, files_in(context.value(selector))), "application/octet-stream")
    return await _multipart(context, body)


async def _multipart(context: NodeContext, body: Body) -> _Payload:
    boundary = uuid.uuid4().hex
    pieces: list[bytes] = []
    for entry in body.data:
        name = quote(context.render(entry.key), safe=" -_.[]")
        if entry.type == "text":
            text = context.render(as_text(entry.value)).encode()
            pieces.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + text)
            continue
        for file in files_in(context.value(entry.file)):
            file_name = quote(str(file.get("filename") or "file"), safe=" -_.[]")
            kind = str(file.get("mime_type") or "application/octet-stream").splitlines()[0]
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
            pieces.append(f"{head}Content-Type: {kind}\r\n\r\n".encode() + await _file_bytes(context, [file]))
    content = b"\r\n".join([*pieces, f"--{boundary}--\r\n".encode()])
    return _Payload(content, f"multipart/form-data; boundary={boundary}")


async def _file_bytes(context: NodeContext, found: list[Mapping[str, Any]]) -> bytes:
    if not found:
        raise NodeFailure("There is no file to send.", "FileNotFound")
    files = context.need(context.services.files, "file storage")
    return await asyncio.to_thread((await files.path(found[0])).read_bytes)


def _only(body: Body) -> str:
    return as_text(body.data[0].value) if body.data else ""


def _json_text(value: Value) -> str:
    """Returns a value as it stands within JSON text: the quotes and line breaks of texts are escaped."""
    return orjson.dumps(value).decode()[1:-1] if isinstance(value, str) else as_text(value) or "null"


def _is_text(answer: Fetched) -> bool:
    kind = answer.content_type
    if "attachment" in answer.headers.get("content-disposition", ""):
        return False
    if not kind:
        return b"\0" not in answer.body
    return kind.startswith(_TEXTUAL) or kind.endswith(("+json", "+xml"))


def _text(answer: Fetched) -> str:
    charset = "utf-8"
    for part in answer.headers.get("content-type", "").split(";")[1:]:
        name, _, value = part.strip().partition("=")
        if name.lower() == "charset" and value:
            charset = value.strip('"')
    try:
        return answer.body.decode(charset, "replace")
    except LookupError:
        return answer.body.decode("utf-8", "replace")


def _file_name(answer: Fetched) -> str:
    for part in answer.headers.get("content-disposition", "").split(";")[1:]:
        name, _, value = part.strip().partition("=")
        if name.lower() == "filename" and value.strip('"'):
            return value.strip('"').replace("\\", "/").split("/")[-1]
    path = urlsplit(answer.url).path.rsplit("/", 1)[-1]
    extension = mimetypes.guess_extension(answer.content_type) or ""
    return path or f"download{extension}"


def _shown(method: str, url: str, headers: Mapping[str, str], payload: _Payload, secret: str | None) -> str:
    """Returns the request as text for the person who debugs it, without the API key."""
    parts = urlsplit(url)
    path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {_MASK if name == secret else value}" for name, value in headers.items()]
    body = payload.content or b""
    shown = body[:2000].decode("utf-8", "replace") if b"\0" not in body[:2000] else f"<{len(body)} bytes>"
    return "\r\n".join([*lines, "", shown])


def _reads(data: HttpData) -> Iterator[Read]:
    texts = [("url", data.url), ("headers", data.headers), ("params", data.params)]
    texts += [(f"body.data.{place}.value", as_text(entry.value)) for place, entry in enumerate(data.body.data)]
    texts.append(("authorization.config.api_key", data.authorization.config.api_key))
    for field, text in texts:
        for selector in references(text):
            yield Read(field, selector)
    for place, entry in enumerate(data.body.data):
        if entry.type == "file" and len(entry.file) > 1:
            yield Read(f"body.data.{place}.file", tuple(entry.file), ("file", "array[file]"))


def _check(data: HttpData) -> Iterator[Problem]:
    if data.method.upper() not in _METHODS:
        yield Problem("method", f"There is no method {data.method}; use one of: {', '.join(_METHODS)}.", "enum")
    url = data.url.strip()
    if not url.startswith(("http://", "https://", "{{#")) and only_reference(url) is None:
        yield Problem("url", "The address must begin with http:// or https://.", "format")
    if data.authorization.type == "api-key" and not data.authorization.config.api_key:
        yield Problem("authorization.config.api_key", "The API key is missing.", "required")
    if not data.ssl_verify:
        message = "Certificates are always checked here; give the server a valid one, and leave this on."
        yield Problem("ssl_verify", message, "unsupported")


TYPE = NodeType(
    "http-request",
    HttpData,
    run,
    outputs=lambda data: {"status_code": "number", "body": "string", "headers": "object", "files": "array[file]"},
    reads=_reads,
    check=_check,
)
