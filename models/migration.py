"""Brings a database to the current schema: one process at a time, as often as one likes."""

from pathlib import Path

from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from alembic import command
from models.database import driver_url

_SCRIPTS = Path(__file__).resolve().parent.parent / "alembic"
_LOCK = 5001_0001
_OLDEST_SERVER = 150000
_OLDEST_PGVECTOR = (0, 8)


class MigrationError(Exception):
    """The database cannot be brought to the current schema; the message says what it lacks."""


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate a database. It blocks: call it before the event loop starts, or in a thread.

    Args:
        url: the PostgreSQL URL.
        revision: how far to go.

    Raises:
        MigrationError: the server is too old, or has no pgvector and may not be given it.
    """
    engine = create_engine(driver_url(url), poolclass=NullPool)
    try:
        _upgrade(engine, revision)
    finally:
        engine.dispose()


def configuration(connection: Connection) -> Config:
    """Return alembic's configuration for one connection."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(engine: Engine, revision: str) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
        try:
            _require_server(connection)
            _require_pgvector(connection)
            command.upgrade(configuration(connection), revision)
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()


def _require_server(connection: Connection) -> None:
    version = int(connection.scalar(text("SHOW server_version_num")) or 0)
    if version < _OLDEST_SERVER:
        message = f"PostgreSQL {version // 10000} is too old: DATABASE_URL must name version 15 or later."
        raise MigrationError(message)


def _require_pgvector(connection: Connection) -> None:
    if found := connection.scalar(text("SELECT extversion FROM pg_extension WHERE extname = 'vector'")):
        if tuple(int(part) for part in found.split(".")[:2]) < _OLDEST_PGVECTOR:
            raise MigrationError(
                f"The database has pgvector {found}, which is too old. Install pgvector 0.8 or later on its server and"
                " let an administrator run ALTER EXTENSION vector UPDATE in this database."
            )
        return
    try:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
        connection.commit()
    except DBAPIError as error:
        connection.rollback()
        message = (
            "The database has no pgvector. Install pgvector 0.8 or later on its server and let an "
            "administrator run CREATE EXTENSION vector in this database."
        )
        raise MigrationError(f"{message} ({error.orig})") from error
