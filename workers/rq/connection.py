"""Connections to Redis with every default stated, since the library's own do not fit queues and logs.

Automatic retries are off: a retried append or pop could take effect twice. Whoever needs a second try says so. RESP2
keeps replies the same on every server from Redis 6.2 to Valkey 9.
"""

from __future__ import annotations

import redis.exceptions
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

REDIS_AWAY = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError)
"""What is raised where Redis cannot be reached, is still loading, or does not answer in time."""

SOCKET_SECONDS = 5.0
CONNECT_SECONDS = 5.0


def connect(url: str, *, pool_size: int = 32, socket_seconds: float = SOCKET_SECONDS) -> Redis:
    """Make a blocking client; nothing is connected yet.

    Args:
        url: `redis://`, `rediss://` or `unix://`.
        pool_size: how many connections may be open at once.
        socket_seconds: how long one reply may take; above the longest blocking read.
    """
    return Redis.from_url(
        url,
        max_connections=pool_size,
        socket_timeout=socket_seconds,
        socket_connect_timeout=CONNECT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )


def connect_async(url: str, *, pool_size: int = 32, socket_seconds: float = SOCKET_SECONDS) -> AsyncRedis:
    """Make a client for the running event loop; the arguments are those of `connect`."""
    return AsyncRedis.from_url(
        url,
        max_connections=pool_size,
        socket_timeout=socket_seconds,
        socket_connect_timeout=CONNECT_SECONDS,
        retry=AsyncRetry(NoBackoff(), 0),
        protocol=2,
    )
