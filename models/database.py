"""The door to PostgreSQL: an engine with its pool, and transactions bound to a scope."""

import select
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

import orjson
from psycopg.errors import ForeignKeyViolation
from sqlalchemy import event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from foundation.errors import ApiError
from models.driver import borrowed
from models.schema import load_tables
from models.scope import Scope, StatementScope, SystemScope

__all__ = ["DATABASE_AWAY", "REPLICA_FAILED", "Database", "Scope", "SystemScope", "driver_url"]

DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)
"""What is raised where the server cannot be reached, ends, or has no connection left; a later try may succeed."""
REPLICA_FAILED = (DBAPIError, PoolTimeout)
"""What is raised where a replica does not answer: as above, or as it is too far behind to know a table or a column."""

_SESSION_OPTIONS = (
    "-c timezone=UTC -c statement_timeout={timeout_ms} -c idle_in_transaction_session_timeout=60000 -c jit=off"
    " -c hnsw.ef_search=400 -c hnsw.iterative_scan=relaxed_order -c random_page_cost=1.1"
)
"""`hnsw` belongs to pgvector: how far its indexes look, and that they look on where a filter leaves too little.

`random_page_cost` says that an index's pages lie in memory or on a solid-state disk. PostgreSQL's own 4 is a turning
disk's: with it, an analysed dataset of 10 000 vectors is compared one by one although it has an approximate index.
"""

RETURNED = "returned"
RESTED_SECONDS = 60.0
_REPLICA_SECONDS = 3
"""How long a search waits for a connection to a replica: then the database itself is asked."""


def driver_url(url: str) -> URL:
    """Return a PostgreSQL URL, however it names its driver, as one for psycopg 3."""
    return make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")


class Database:
    """A pool of connections. It belongs to the event loop and the process that made it."""

    def __init__(
        self,
        url: str,
        pool_size: int = 10,
        *,
        statement_seconds: float = 60.0,
        connect_seconds: int | None = None,
        replica_url: str = "",
    ) -> None:
        """Prepare the pool; nothing is connected yet.

        Args:
            url: a PostgreSQL URL; a Unix socket's folder goes into `?host=`.
            pool_size: how many connections are held at most.
            statement_seconds: how long one statement may run.
            connect_seconds: how long a server may take to accept a connection; None leaves it to the driver.
            replica_url: a copy of the database that follows it, to be searched in its place.
        """
        load_tables()
        self._replica: Database | None = None
        if replica_url:
            self._replica = Database(
                replica_url, pool_size, statement_seconds=statement_seconds, connect_seconds=_REPLICA_SECONDS
            )
        arguments: dict[str, Any] = {"options": _SESSION_OPTIONS.format(timeout_ms=int(statement_seconds * 1000))}
        if connect_seconds is not None:
            arguments["connect_timeout"] = connect_seconds
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=30,
            pool_use_lifo=True,
            connect_args=arguments,
            json_serializer=to_json,
            json_deserializer=orjson.loads,
        )
        event.listen(self.engine.sync_engine, "checkin", _note_return)
        event.listen(self.engine.sync_engine, "checkout", self._check)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        single = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._readers = async_sessionmaker(single, expire_on_commit=False)

    @asynccontextmanager
    async def workspace(self, workspace_id: str) -> AsyncIterator[Scope]:
        """Open one transaction on one workspace's rows: committed at the end, rolled back by an error.

        Raises:
            ApiError: `not_found` where a row was to belong to one that has been deleted in the meantime.
        """
        with _parents():
            async with self._sessions() as session, session.begin():
                yield Scope(session, workspace_id)

    @asynccontextmanager
    async def statements(self, workspace_id: str) -> AsyncIterator[Scope]:
        """Work on one workspace's rows by statements that stand alone: each has taken effect when it returns.

        Raises:
            ApiError: `not_found` where a row was to belong to one that has been deleted in the meantime.
        """
        with _parents():
            async with self.reading(workspace_id) as scope:
                yield scope

    @asynccontextmanager
    async def reading(self, workspace_id: str) -> AsyncIterator[Scope]:
        """Read one workspace's rows without a transaction: one round trip for each query, each sees its own moment."""
        scope = StatementScope(self._readers, self._borrow, workspace_id)
        try:
            yield scope
        finally:
            await scope.aclose()

    def _borrow(self, statement: str) -> AbstractAsyncContextManager[Any]:
        return borrowed(self.engine, statement)

    @property
    def replica(self) -> "Database | None":
        """The copy that is searched in this one's place, where there is one. It may lag behind."""
        return self._replica

    @asynccontextmanager
    async def system(self) -> AsyncIterator[SystemScope]:
        """Open one transaction for what has no workspace: sign-in, key look-up, setup, recovery."""
        async with self._sessions() as session, session.begin():
            yield SystemScope(session)

    async def ping(self) -> None:
        """Ask the server for a sign of life.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: it does not answer.
        """
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
        if self._replica is not None:
            await self._replica.close()

    def _check(self, connection: Any, record: ConnectionPoolEntry, _: object) -> None:
        """Give no connection out that its server has closed.

        An idle one has nothing to be read, so that a look at its socket tells; only after a long rest, in which a
        network may have dropped it without a word, is the server asked.
        """
        driver = connection.driver_connection
        idle = time.monotonic() - record.info.get(RETURNED, time.monotonic())
        if driver.closed or _has_news(driver.fileno()):
            raise InvalidatePoolError("the server has closed the connection")
        if idle > RESTED_SECONDS:
            try:
                self.engine.dialect.do_ping(connection)
            except Exception as error:
                raise InvalidatePoolError("the server does not answer on the connection") from error


@contextmanager
def _parents() -> Iterator[None]:
    """Tell the caller that what a row was to belong to has gone."""
    try:
        yield
    except IntegrityError as error:
        if not _lacks_parent(error):
            raise
        raise ApiError("not_found", "What this belongs to does not exist any more.") from error


def _note_return(_: object, record: ConnectionPoolEntry) -> None:
    record.info[RETURNED] = time.monotonic()


def _has_news(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))


def _lacks_parent(error: IntegrityError) -> bool:
    """Tell a row without its parent from a parent that still has rows, which is a fault of the program."""
    cause = error.orig
    return isinstance(cause, ForeignKeyViolation) and (cause.diag.message_primary or "").startswith("insert or update")


def to_json(value: Any) -> str:
    """Return a value as JSON that PostgreSQL can hold."""
    text_ = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    return orjson.dumps(_without_nul(value)).decode() if "\\u0000" in text_ else text_


def _without_nul(value: Any) -> Any:
    """Return a JSON value whose texts hold no NUL, which JSONB refuses."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {_without_nul(str(key)): _without_nul(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nul(item) for item in value]
    return value
