"""A connection to Redis that is bytes out and replies in, packed and parsed by hiredis alone.

Every token of every answer passes two of these. redis-py's asynchronous pipeline and its PubSub cost several times as
much for each command and message.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

import hiredis
import redis.exceptions

log = logging.getLogger(__name__)

Command = tuple[Any, ...]


def pack(commands: Iterable[Command]) -> bytes:
    """Return commands as Redis reads them."""
    return b"".join(map(hiredis.pack_command, commands))


class RawConnection(asyncio.Protocol, ABC):
    """Signs in when it is connected, and hands each further reply to `replied`."""

    def __init__(self, redis_url: str) -> None:
        """Prepare a connection to `redis://`, `rediss://` or `unix://`; `open` connects it."""
        self._url = urlsplit(redis_url)
        self._transport: asyncio.Transport | None = None
        self._reader: Any = None
        self._greetings = 0

    @property
    def connected(self) -> bool:
        """Whether the connection stands."""
        return self._transport is not None

    async def open(self) -> None:
        """Connect.

        Raises:
            OSError: Redis cannot be reached.
        """
        loop = asyncio.get_running_loop()
        if self._url.scheme == "unix":
            await loop.create_unix_connection(lambda: self, unquote(self._url.path))
            return
        tls = ssl.create_default_context() if self._url.scheme == "rediss" else None
        await loop.create_connection(lambda: self, self._url.hostname or "127.0.0.1", self._url.port or 6379, ssl=tls)

    def close(self) -> None:
        """Disconnect."""
        if self._transport:
            self._transport.close()

    def send(self, commands: Iterable[Command]) -> None:
        """Write commands in one go; without a connection they are lost."""
        self.write(pack(commands))

    def write(self, packed: bytes) -> None:
        """Write commands that are packed already; without a connection they are lost."""
        if self._transport is not None:
            self._transport.write(packed)

    def made(self) -> None:
        """Do what is to be done when the connection stands."""

    def lost(self) -> None:
        """Do what is to be done when the connection has ended."""

    @abstractmethod
    def replied(self, replies: list[Any]) -> None:
        """Take replies; one that refuses a command is a `redis.exceptions.ResponseError`."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Sign in and choose the database, as the URL says."""
        self._transport = cast(asyncio.Transport, transport)
        self._reader = hiredis.Reader(replyError=redis.exceptions.ResponseError)
        greetings = list(self._sign_in())
        self._greetings = len(greetings)
        self.send(greetings)
        self.made()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection has ended."""
        self._transport = None
        self.lost()

    def data_received(self, data: bytes) -> None:
        """Hand out the replies that have arrived whole."""
        self._reader.feed(data)
        replies: list[Any] = []
        while (reply := self._reader.gets()) is not False:
            if not self._greetings:
                replies.append(reply)
                continue
            self._greetings -= 1
            if isinstance(reply, redis.exceptions.ResponseError):
                log.error("redis refused to sign us in, and will refuse what follows: %s", reply)
        if replies:
            self.replied(replies)

    def _sign_in(self) -> Iterable[Command]:
        url = self._url
        if url.password is not None:
            user = (unquote(url.username),) if url.username else ()
            yield ("AUTH", *user, unquote(url.password))
        named = parse_qs(url.query).get("db", [""])[0] or ("" if url.scheme == "unix" else url.path.strip("/"))
        if named not in ("", "0"):
            yield ("SELECT", named)
