"""Services that the settings name instead of our own: do they answer, and can Parley use them."""

from __future__ import annotations

import psycopg
import redis
from sqlalchemy import make_url

from foundation.settings import Settings
from parley.embedded.process import ServiceError

_ANSWER_SECONDS = 3
_OLDEST_POSTGRESQL = 150_000
_OLDEST_REDIS = (6, 2)


def require_given(settings: Settings) -> None:
    """Refuse a named service that does not answer or is too old.

    Raises:
        ServiceError: one line that names the setting and what is wrong.
    """
    if settings.redis_url:
        examine_redis(settings.redis_url)
    if settings.database_url:
        examine_postgresql(settings.database_url)


def examine_redis(url: str) -> str:
    """Return what is known of a Redis.

    Args:
        url: `REDIS_URL`.

    Raises:
        ServiceError: it does not answer, or is older than 6.2.
    """
    try:
        with redis.Redis.from_url(
            url, socket_timeout=_ANSWER_SECONDS, socket_connect_timeout=_ANSWER_SECONDS
        ) as client:
            version = str(client.info("server")["redis_version"])
    except (redis.RedisError, OSError) as error:
        raise ServiceError(f"REDIS_URL names a Redis that does not answer: {_one_line(error)}") from error
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST_REDIS:
        raise ServiceError(f"REDIS_URL names a Redis {version}; Parley needs 6.2 or newer.")
    return f"REDIS_URL answers, version {version}"


def examine_postgresql(url: str) -> str:
    """Return what is known of a PostgreSQL.

    Args:
        url: `DATABASE_URL`.

    Raises:
        ServiceError: it does not answer, is older than 15, or has no pgvector.
    """
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(address, connect_timeout=_ANSWER_SECONDS) as connection:
            version = connection.info.server_version
            vector = connection.execute(
                "SELECT default_version FROM pg_available_extensions WHERE name = 'vector'"
            ).fetchone()
    except psycopg.Error as error:
        raise ServiceError(f"DATABASE_URL names a PostgreSQL that does not answer: {_one_line(error)}") from error
    if version < _OLDEST_POSTGRESQL:
        raise ServiceError(f"DATABASE_URL names a PostgreSQL {version // 10_000}; Parley needs 15 or newer.")
    if vector is None:
        raise ServiceError("The server that DATABASE_URL names has no pgvector; install 0.8 or newer there.")
    return f"DATABASE_URL answers, version {version // 10_000} with pgvector {vector[0]}"


def _one_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
