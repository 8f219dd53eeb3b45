"""An OpenAI-compatible model that streams the time: each token's text is the moment it left.

The model's name is `fake-<tokens>-<milliseconds between two>`. It shares the machine with what is measured, so it is a
bare protocol that spends next to nothing. Run it as `python -m bench.fake_model PORT`.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from typing import cast

import orjson
import uvloop

BACKLOG = 1024
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
STREAMED = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
NO_MODELS = (
    b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n{"object":"list","data":[]}'
)


def _event(delta: dict[str, str], finish: str | None = None, **more: object) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "fake", "choices": [choice]}
    return b"data: " + orjson.dumps({**chunk, **more}) + b"\n\n"


def _sent(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


NOW = "1" * 19
BEFORE, _, AFTER = _sent(_event({"content": f" {NOW}"})).partition(NOW.encode())


class Answering(asyncio.Protocol):
    """One connection: an answer after the other, each at the pace that its question names."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._received = b""
        self._tokens = 0
        self._left = 0
        self._pause = 0.0
        self._due = 0.0
        self._next: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fall silent."""
        if self._next is not None:
            self._next.cancel()

    def data_received(self, data: bytes) -> None:
        """Begin to answer as soon as a question is whole."""
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        size = int(length[1]) if length else 0
        if not found or len(rest) < size:
            return
        self._received = rest[size:]
        if head.startswith(b"GET"):
            self._transport.write(NO_MODELS)
            return
        _, tokens, pause = orjson.loads(rest[:size])["model"].split("-")
        self._tokens = self._left = int(tokens)
        self._pause = float(pause) / 1000
        self._due = self._loop.time()
        self._transport.write(STREAMED)
        self._tell()

    def _tell(self) -> None:
        """Send a token, or the end where there are no more."""
        if not self._left:
            self._next = None
            self._transport.write(self._end())
            return
        self._left -= 1
        self._transport.write(b"%s%d%s" % (BEFORE, time.time_ns(), AFTER))
        self._due += self._pause
        self._next = self._loop.call_at(self._due, self._tell)

    def _end(self) -> bytes:
        usage = {"prompt_tokens": 10, "completion_tokens": self._tokens, "total_tokens": 10 + self._tokens}
        return _sent(_event({}, "stop", usage=usage)) + _sent(b"data: [DONE]\n\n") + _sent(b"")


async def serve(port: int) -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", port, backlog=BACKLOG)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
