"""Who asks under load: connections that count the tokens of an answer and how late each is, and do nothing else.

The clients share the machine with what is measured; a general HTTP client would take as much of it as the program.
"""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import cast

import orjson
from yarl import URL

STAMP = re.compile(rb" (\d{19})")
LONGEST_STAMP = 20
LAST_CHUNK = b"0\r\n\r\n"
ANSWER_SECONDS = 120.0


@dataclass
class Measured:
    """What the clients saw, in seconds."""

    first: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    seconds: float = 0.0
    failed: int = 0

    def at(self, share: float) -> tuple[float, float]:
        """Return a percentile of the first token's time and of the tokens' latency, in milliseconds."""
        return _at(sorted(self.first), share), _at(sorted(self.late), share)

    def row(self, name: str) -> str:
        """Return one line of the report."""
        first, late = sorted(self.first), sorted(self.late)
        return (
            f"{name:>8}  first token {_at(first, 0.5):7.1f} / {_at(first, 0.95):7.1f} ms"
            f"   token latency {_at(late, 0.5):6.1f} / {_at(late, 0.95):6.1f} ms"
            f"   {len(late) / self.seconds:7.0f} tokens/s   failed {self.failed}"
        )


def _at(ordered: list[float], share: float) -> float:
    """Return a percentile in milliseconds."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else float("nan")


class Target:
    """Where a question goes: one request, byte for byte."""

    def __init__(self, url: str, body: dict[str, object], key: str = "") -> None:
        parts, content = URL(url), orjson.dumps(body)
        self.host, self.port = parts.host or "", parts.port or 80
        lines = [f"POST {parts.raw_path} HTTP/1.1", f"Host: {parts.host}:{parts.port}"]
        lines += [f"Authorization: Bearer {key}"] if key else []
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        self.request = "\r\n".join([*lines, "\r\n"]).encode() + content


class Connection(asyncio.Protocol):
    """A connection on which one question at a time is asked."""

    def __init__(self) -> None:
        self._measured = Measured()
        self._began = self._seen = 0
        self._rest = b""
        self._ended: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Give up an answer that has not ended."""
        self._end(-1)

    async def ask(self, target: Target, measured: Measured) -> int:
        """Return how many tokens the answer has, -1 where it does not come whole; adds to what is measured."""
        self._measured, self._seen, self._rest = measured, 0, b""
        self._ended = asyncio.get_running_loop().create_future()
        self._began = time.time_ns()
        self._transport.write(target.request)
        async with asyncio.timeout(ANSWER_SECONDS):
            return await self._ended

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Look for stamps; a chunk of the transfer holds whole events, so no stamp is broken by one."""
        now = time.time_ns()
        if not self._seen and not self._rest and not data.startswith(b"HTTP/1.1 200"):
            self._end(-1)
            return
        data = self._rest + data
        end = 0
        for stamp in STAMP.finditer(data):
            if not self._seen:
                self._measured.first.append((now - self._began) / 1e9)
            self._seen += 1
            self._measured.late.append((now - int(stamp[1])) / 1e9)
            end = stamp.end()
        self._rest = data[max(end, len(data) - LONGEST_STAMP) :]
        if data.endswith(LAST_CHUNK):
            self._end(self._seen)

    def _end(self, seen: int) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(seen)


class Clients:
    """Connections to servers, kept open for the next question."""

    def __init__(self) -> None:
        self._idle: dict[Target, list[Connection]] = {}

    async def ask(self, target: Target, tokens: int, measured: Measured) -> None:
        """Ask once; an answer that has not so many tokens counts as failed."""
        idle = self._idle.setdefault(target, [])
        seen = -1
        with suppress(OSError, TimeoutError):
            connection = idle.pop() if idle else await self._connected(target)
            try:
                seen = await connection.ask(target, measured)
            finally:
                if seen < 0:
                    connection.close()
                else:
                    idle.append(connection)
        measured.failed += seen != tokens

    async def _connected(self, target: Target) -> Connection:
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(Connection, target.host, target.port))[1]

    def close(self) -> None:
        """Close what is open."""
        for connection in chain.from_iterable(self._idle.values()):
            connection.close()
