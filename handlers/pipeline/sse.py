"""Server-sent events: frames, pings, and the end of a stream whose reader has left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

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
    reading = asyncio.current_task()
    assert reading is not None
    companion = asyncio.create_task(_keep_company(writer, receive, reading, ping_seconds))
    try:
        await _pump(stream, writer, explain, check)
    except asyncio.CancelledError:
        if writer.reader_left and reading.uncancel() == 0:
            raise ClientGone from None
        raise
    finally:
        companion.cancel()
        await close_iterator(stream.events)
    with suppress(OSError):
        await send({"type": "http.response.body", "body": b""})


class _Writer:
    """Sends frames and remembers when the last one went."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._clock = asyncio.get_running_loop().time
        self.last = self._clock()
        self.reader_left = False

    async def write(self, data: bytes) -> None:
        self.last = self._clock()
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    def silence(self) -> float:
        return self._clock() - self.last


async def _pump(stream: EventStream, writer: _Writer, explain: Explain, check: Check | None) -> None:
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


async def _keep_company(writer: _Writer, receive: Receive, reading: asyncio.Task[object], ping_seconds: float) -> None:
    """Ping through silence and end the reading task when the client leaves."""
    message: asyncio.Future[object] = asyncio.ensure_future(receive())
    try:
        while True:
            pause = max(ping_seconds - writer.silence(), 0.01)
            done, _ = await asyncio.wait({message}, timeout=pause)
            if done:
                received = message.result()
                if isinstance(received, dict) and received.get("type") == "http.disconnect":
                    writer.reader_left = True
                    reading.cancel()
                    return
                message = asyncio.ensure_future(receive())
            elif writer.silence() >= ping_seconds:
                await writer.write(PING)
    finally:
        message.cancel()
