"""One raw subscription connection for all live tasks of a process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import redis.exceptions

from workers.event_log.raw_connection import RawConnection

log = logging.getLogger(__name__)


class Subscription(RawConnection):
    """Keeps a set of channels subscribed, through restarts of Redis.

    `on_message(channel, payload)` is called for each message, and with None as payload when a channel's
    subscription has been acknowledged: only what is read from the log after that leaves no hole before the
    live messages.
    """

    def __init__(self, redis_url: str, on_message: Callable[[bytes, bytes | None], None]) -> None:
        """Prepare the subscription; `connect` opens it."""
        super().__init__(redis_url)
        self._on_message = on_message
        self._channels: set[bytes] = set()
        self._closing = False
        self._connecting: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Open the connection; tried until Redis answers."""
        pause = 0.05
        while not self._closing:
            try:
                await self.open()
                return
            except OSError as error:
                log.warning("redis is away for the subscription: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 1.0)

    def subscribe(self, channel: bytes) -> None:
        """Begin to listen to a channel."""
        self._channels.add(channel)
        self.send([("SUBSCRIBE", channel)])

    def unsubscribe(self, channel: bytes) -> None:
        """Stop listening to a channel; a server slows down with every one that is forgotten."""
        self._channels.discard(channel)
        self.send([("UNSUBSCRIBE", channel)])

    def ping(self) -> None:
        """Ask for a sign of life, so that a connection which died silently is noticed."""
        self.send([("PING",)])

    def close(self) -> None:
        """Close for good."""
        self._closing = True
        if self._connecting:
            self._connecting.cancel()
        super().close()

    def made(self) -> None:
        """Subscribe anew; each acknowledgement makes followers read what they missed."""
        if self._channels:
            self.send([("SUBSCRIBE", *self._channels)])

    def lost(self) -> None:
        """Connect again."""
        if not self._closing:
            self._connecting = asyncio.get_running_loop().create_task(self.connect())

    def replied(self, replies: list[Any]) -> None:
        """Hand out messages, and tell which channels are listened to."""
        for reply in replies:
            if isinstance(reply, list):
                if reply[0] == b"message":
                    self._on_message(reply[1], reply[2])
                elif reply[0] == b"subscribe":
                    self._on_message(reply[1], None)
            elif isinstance(reply, redis.exceptions.ResponseError):
                log.error("redis refused the subscription: %s", reply)
