"""Commands to Redis in batches, one batch at a time: the writing side's own connection."""

from __future__ import annotations

import asyncio
from typing import Any

import redis.exceptions

from workers.event_log.raw_connection import RawConnection
from workers.rq.connection import CONNECT_SECONDS, SOCKET_SECONDS


class Commands(RawConnection):
    """Connects when it is first used, and again after Redis was away."""

    def __init__(self, redis_url: str) -> None:
        """Prepare a connection; nothing is connected yet."""
        super().__init__(redis_url)
        self._replies: list[Any] = []
        self._expected = 0
        self._answered: asyncio.Future[list[Any]] | None = None

    async def execute(self, commands: bytes, replies: int) -> list[Any]:
        """Send a batch and wait for its replies. Nothing is tried again: an append could take effect twice.

        Args:
            commands: the batch as Redis reads it; the one before it has been answered.
            replies: how many commands that are.

        Returns:
            A reply for each command; one that was refused is a `redis.exceptions.ResponseError`.

        Raises:
            redis.exceptions.RedisError: Redis cannot be reached, or does not answer in time; what was sent may have
                taken effect.
        """
        if not replies:
            return []
        try:
            if not self.connected:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await self.open()
            self._replies, self._expected = [], replies
            answered: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
            self._answered = answered
            self.write(commands)
            async with asyncio.timeout(SOCKET_SECONDS):
                return await answered
        except TimeoutError as error:
            self.close()
            raise redis.exceptions.TimeoutError("Redis does not answer in time") from error
        except OSError as error:
            raise redis.exceptions.ConnectionError(str(error)) from error
        finally:
            self._answered = None

    def replied(self, replies: list[Any]) -> None:
        """Count the replies of the batch."""
        self._replies += replies
        if len(self._replies) == self._expected and self._answered is not None and not self._answered.done():
            self._answered.set_result(self._replies)

    def lost(self) -> None:
        """End the batch that waits."""
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(redis.exceptions.ConnectionError("Redis closed the connection"))
