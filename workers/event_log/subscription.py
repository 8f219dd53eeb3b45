"""One raw subscription connection for all live tasks of a process.

redis-py's PubSub costs more than twice as much for each message; this parses replies with hiredis alone.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import hiredis

log = logging.getLogger(__name__)


class Subscription(asyncio.Protocol):
    """Keeps a set of channels subscribed, through restarts of Redis.

    `on_message(channel, payload)` is called for each message, and with None as payload when a channel's
    subscription has been acknowledged: only what is read from the log after that leaves no hole before the
    live messages.
    """

    def __init__(self, redis_url: str, on_message: Callable[[bytes, bytes | None], None]) -> None:
        """Prepare the subscription; `connect` opens it."""
        self._url = urlsplit(redis_url)
        self._on_message = on_message
        self._transport: asyncio.Transport | None = None
        self._reader: Any = None
        self._channels: set[bytes] = set()
        self._closing = False
        self._connecting: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether the connection stands."""
        return self._transport is not None

    async def connect(self) -> None:
        """Open the connection; tried until Redis answers."""
        pause = 0.05
        while not self._closing:
            try:
                await self._open()
                return
            except OSError as error:
                log.warning("redis is away for the subscription: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 1.0)

    def subscribe(self, channel: bytes) -> None:
        """Begin to listen to a channel."""
        self._channels.add(channel)
        self._send(b"SUBSCRIBE", channel)

    def unsubscribe(self, channel: bytes) -> None:
        """Stop listening to a channel; a server slows down with every one that is forgotten."""
        self._channels.discard(channel)
        self._send(b"UNSUBSCRIBE", channel)

    def ping(self) -> None:
        """Ask for a sign of life, so that a connection which died silently is noticed."""
        self._send(b"PING")

    def close(self) -> None:
        """Close for good."""
        self._closing = True
        if self._connecting:
            self._connecting.cancel()
        if self._transport:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Sign in and subscribe anew; each acknowledgement makes followers read what they missed."""
        self._transport = cast(asyncio.Transport, transport)
        self._reader = hiredis.Reader()
        if self._url.password is not None:
            user = [unquote(self._url.username).encode()] if self._url.username else []
            self._send(b"AUTH", *user, unquote(self._url.password).encode())
        if self._channels:
            self._send(b"SUBSCRIBE", *self._channels)

    def connection_lost(self, exc: Exception | None) -> None:
        """Connect again."""
        self._transport = None
        if not self._closing:
            self._connecting = asyncio.get_running_loop().create_task(self.connect())

    def data_received(self, data: bytes) -> None:
        """Hand out the messages that have arrived whole."""
        self._reader.feed(data)
        while (reply := self._reader.gets()) is not False:
            if isinstance(reply, hiredis.ReplyError):
                log.error("redis refused the subscription: %s", reply)
            elif isinstance(reply, list) and reply[0] == b"message":
                self._on_message(reply[1], reply[2])
            elif isinstance(reply, list) and reply[0] == b"subscribe":
                self._on_message(reply[1], None)

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        if self._url.scheme == "unix":
            await loop.create_unix_connection(lambda: self, unquote(self._url.path))
            return
        tls = ssl.create_default_context() if self._url.scheme == "rediss" else None
        await loop.create_connection(lambda: self, self._url.hostname or "127.0.0.1", self._url.port or 6379, ssl=tls)

    def _send(self, *words: bytes) -> None:
        if self._transport is None:
            return
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            parts.append(b"$%d\r\n%s\r\n" % (len(word), word))
        self._transport.write(b"".join(parts))
