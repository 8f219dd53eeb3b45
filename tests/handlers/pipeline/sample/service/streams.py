"""Handlers of the tag Streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from foundation.errors import ApiError
from handlers.call import Call
from handlers.replies import EventStream

closed: list[bool] = []


async def stream_events(call: Call, *, fail: str | None = None) -> EventStream:
    async def events() -> AsyncIterator[bytes | tuple[str, bytes] | None]:
        try:
            yield "1-0", b'{"event":"message","n":1}'
            yield None
            if fail == "error":
                raise ApiError("not_found", "The run is gone.")
            if fail == "crash":
                raise RuntimeError("inside")
            if fail == "breach":
                yield b'{"n":"two"}'
            if fail == "endless":
                await asyncio.sleep(60)
            yield "2-0", b'{"event":"end"}'
        finally:
            closed.append(True)

    return EventStream(events(), ids="last-event-id" in call.headers)
