"""The driver's own connection, for what it does quicker than SQLAlchemy; its errors become those of SQLAlchemy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import psycopg
from sqlalchemy.exc import DBAPIError

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
    connection = await scope.session.connection()
    driver: Any = (await connection.get_raw_connection()).driver_connection
    try:
        yield driver
    except psycopg.Error as error:
        gone = bool(driver.closed)
        if gone:
            await connection.invalidate()
        known = DBAPIError.instance(statement, None, error, psycopg.Error, connection_invalidated=gone)
        raise cast("BaseException", known) from error
