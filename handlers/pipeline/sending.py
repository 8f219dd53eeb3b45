"""The last step: bytes, headers and chunks onto the ASGI channel."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from urllib.parse import quote

from starlette.types import Send

from handlers.replies import FileReply, HeaderItems

Header = tuple[bytes, bytes]

CONTENT_JSON: Header = (b"content-type", b"application/json")
NO_CONTENT = frozenset({204, 304})


def encode_headers(items: HeaderItems) -> list[Header]:
    """Return headers as ASGI wants them; a character outside Latin-1 becomes a question mark."""
    pairs: Iterable[tuple[str, str]] = items.items() if isinstance(items, Mapping) else items
    return [(name.lower().encode("latin-1"), str(value).encode("latin-1", "replace")) for name, value in pairs]


async def send_bytes(
    send: Send,
    status: int,
    body: bytes,
    headers: list[Header],
    content_type: Header = CONTENT_JSON,
    *,
    head: bool = False,
) -> None:
    """Send a complete answer.

    Args:
        send: the ASGI channel.
        status: the status; 204 and 304 go without content.
        body: the content.
        headers: all headers but Content-Type and Content-Length; the list is extended.
        content_type: the Content-Type header.
        head: whether the request was a HEAD, which gets the headers only.
    """
    if status in NO_CONTENT:
        body = b""
    else:
        headers.append(content_type)
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})


async def send_file(send: Send, reply: FileReply, headers: list[Header], *, head: bool = False) -> None:
    """Send a file chunk by chunk; the iterator is closed whatever happens."""
    headers += encode_headers(reply.headers)
    headers.append((b"content-type", reply.media_type.encode("latin-1", "replace")))
    if reply.filename is not None or reply.disposition != "inline":
        headers.append((b"content-disposition", disposition(reply.disposition, reply.filename)))
    if reply.size is not None:
        headers.append((b"content-length", b"%d" % reply.size))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if not head:
        try:
            async for chunk in reply.chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            await close_iterator(reply.chunks)
    await send({"type": "http.response.body", "body": b""})


def disposition(kind: str, filename: str | None) -> bytes:
    """Return a Content-Disposition whose file name survives any character."""
    if filename is None:
        return kind.encode("ascii")
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in filename)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}".encode("ascii")


async def close_iterator(source: AsyncIterator[object]) -> None:
    """Close an asynchronous generator; other iterators need nothing."""
    if isinstance(source, AsyncGenerator):
        await source.aclose()
