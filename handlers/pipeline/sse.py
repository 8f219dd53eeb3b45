"""Server-sent events: frames, pings, and the end of a stream whose reader has left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

from starlette.types import Receive, Send

from handlers.pipeline.outcome import ClientGone, ContractBreach
from handlers.pipeline.sending import Header, close_iterator
from handlers.replies import EventStream

PING = b"event: ping\n\n"
PING_SECONDS = 10.0
STREAM_HEADERS: list[Header] = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]

Check = Callable[[bytes], str | None]
Explain = Callable[[Exception], bytes]

log = logging.getLogger("parley.stream")


def frame(payload: bytes, event_id: str | None = None) -> bytes:
    """Return one frame: an optional `id:` line, the `data:` line, a blank line.

    Raises:
        ValueError: when the payload holds a line break, which would end the `data:` line.
    """
    if b"\n" in payload or b"\r" in payload:
        raise ValueError("an event's JSON must be one line")
    if event_id is None:
        return b"data: " + payload + b"\n\n"
    return b"id: " + event_id.encode() + b"\ndata: " + payload + b"\n\n"


async def send_stream(
    stream: EventStream,
    headers: list[Header],
    receive: Receive,
    send: Send,
    *,
    explain: Explain,
    check: Check | None = None,
    ping_seconds: float = PING_SECONDS,
) -> None:
    """Send a stream to its end.

    Args:
        stream: what the handler returned; its iterator is closed whatever happens.
        headers: headers beside the stream's own.
        receive: the ASGI channel, watched for the reader's leaving.
        send: the ASGI channel.
        explain: makes the last event's JSON out of a failure in mid-stream.
        check: tells what is wrong with an event; used where a breach must show.
        ping_seconds: the silence after which a ping is sent.

    Raises:
        ClientGone: when the reader left before the end.
        ContractBreach: when `check` found an event that the document does not allow.
    """
    await send({"type": "http.response.start", "status": stream.status, "headers": STREAM_HEADERS + headers})
    await send({"type": "http.response.body", "body": b"", "more_body": True})
    writer = _Writer(send)
    pumping = asyncio.create_task(_pump(stream, writer, explain, check))
    try:
        if await _reader_leaves(writer, receive, pumping, ping_seconds):
            raise ClientGone
    finally:
        pumping.cancel()
        await asyncio.gather(pumping, return_exceptions=True)
        await close_iterator(stream.events)
    pumping.result()
    with suppress(OSError):
        await send({"type": "http.response.body", "body": b""})


class _Writer:
    """Sends frames and remembers when the last one went."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._clock = asyncio.get_running_loop().time
        self.last = self._clock()

    def write(self, data: bytes) -> Awaitable[None]:
        self.last = self._clock()
        return self._send({"type": "http.response.body", "body": data, "more_body": True})

    def silence(self) -> float:
        return self._clock() - self.last


async def _pump(stream: EventStream, writer: _Writer, explain: Explain, check: Check | None) -> None:
    """Send the events. This is a task of its own, so that an event wakes no more than it must."""
    events: AsyncIterator[bytes | tuple[str, bytes] | None] = stream.events
    breach: str | None = None
    try:
        async for item in events:
            if item is None:
                await writer.write(PING)
                continue
            event_id, payload = item if isinstance(item, tuple) else (None, item)
            if check is not None and (breach := check(payload)) is not None:
                raise ContractBreach(breach)
            await writer.write(frame(payload, event_id if stream.ids else None))
    except Exception as error:
        await writer.write(frame(explain(error)))
        if breach is not None:
            raise


async def _reader_leaves(writer: _Writer, receive: Receive, pumping: asyncio.Task[None], ping_seconds: float) -> bool:
    """Ping through silence until the stream has ended or its reader has left; return whether that was so."""
    message: asyncio.Future[Any] = asyncio.ensure_future(receive())
    try:
        while True:
            pause = max(ping_seconds - writer.silence(), 0.01)
            awaited: set[asyncio.Future[Any]] = {message, pumping}
            done, _ = await asyncio.wait(awaited, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            if pumping in done:
                return False
            if message in done:
                received = message.result()
                if isinstance(received, dict) and received.get("type") == "http.disconnect":
                    return True
                message = asyncio.ensure_future(receive())
            elif writer.silence() >= ping_seconds:
                try:
                    await writer.write(PING)
                except (OSError, RuntimeError):
                    return True
    finally:
        message.cancel()
