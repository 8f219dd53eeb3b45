"""The driver's own connection, for what it does quicker than SQLAlchemy; its errors become those of SQLAlchemy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from models.scope import Scope


@asynccontextmanager
async def driver_of(scope: Scope, statement: str) -> AsyncIterator[Any]:
    """Work with the driver's connection (`psycopg.AsyncConnection`) of a scope.

    Args:
        scope: whose connection is used.
        statement: what an error tells that it came of.

    Raises:
        sqlalchemy.exc.DBAPIError: the server refused the work or is gone; the kinds are those of SQLAlchemy's queries.
    """
    if (borrow := scope.borrow) is not None:
        async with borrow(statement) as driver:
            yield driver
        return
    connection = await scope.session.connection()
    raw: Any = await connection.get_raw_connection()
    driver = raw.driver_connection
    try:
        yield driver
    except psycopg.Error as error:
        gone = bool(driver.closed)
        if gone:
            await connection.invalidate()
        raise _known(error, statement, gone) from error


@asynccontextmanager
async def borrowed(engine: AsyncEngine, statement: str) -> AsyncIterator[Any]:
    """Work with a connection of an engine's pool for a statement that stands alone.

    No session and no connection of SQLAlchemy's is made for it: they cost as much as the statement itself.

    Args:
        engine: whose pool lends the connection.
        statement: what an error tells that it came of.

    Raises:
        sqlalchemy.exc.DBAPIError: as `driver_of` does.
        sqlalchemy.exc.TimeoutError: no connection came free in time.
    """
    try:
        lent: Any = await engine.raw_connection()
    except psycopg.Error as error:
        raise _known(error, statement, gone=False) from error
    driver: Any = lent.driver_connection
    try:
        await driver.set_autocommit(True)
        yield driver
        await driver.set_autocommit(False)
    except psycopg.Error as error:
        gone = bool(driver.closed)
        await _give_back(lent, driver)
        raise _known(error, statement, gone) from error
    except BaseException:
        await _give_back(lent, driver)
        raise
    else:
        await greenlet_spawn(lent.close)


async def _give_back(lent: Any, driver: Any) -> None:
    """Return a connection after a failure, though the task is cancelled; one that is not at rest is closed."""

    async def give_back() -> None:
        if driver.closed or driver.info.transaction_status != TransactionStatus.IDLE:
            await greenlet_spawn(lent.invalidate)
            return
        await driver.set_autocommit(False)
        await greenlet_spawn(lent.close)

    await asyncio.shield(asyncio.ensure_future(give_back()))


def _known(error: psycopg.Error, statement: str, gone: bool) -> BaseException:
    """Return a driver's error as SQLAlchemy's of the same kind."""
    known = DBAPIError.instance(statement, None, error, psycopg.Error, connection_invalidated=gone)
    return cast("BaseException", known)
