"""Queries that go to the driver itself, for the few that every search or every run waits for.

What SQLAlchemy does for a query and its rows costs more time than some of these queries do in the server.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

from models import binary_copy
from models.driver import driver_of
from models.scope import Scope


class HalfVector:
    """A vector as a parameter: `%(name)b::halfvec`. In binary it is a tenth as long as in text."""

    __slots__ = ("data",)

    def __init__(self, vector: Any) -> None:
        """Take a sequence or an array of numbers."""
        self.data = binary_copy.halfvec(vector)


class _HalfVectorDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: HalfVector) -> Buffer:
        return obj.data


psycopg.adapters.register_dumper(HalfVector, _HalfVectorDumper)


async def fetch(scope: Scope, query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a query, which is prepared once it has come some times over a connection.

    Args:
        scope: whose connection is used.
        query: in the driver's manner: `%(name)s`, each with a cast where the server cannot tell its type.
        parameters: their values by name.

    Raises:
        sqlalchemy.exc.DBAPIError: the server refused it or is gone; the kinds are those of SQLAlchemy's own queries.
    """
    async with driver_of(scope, query) as driver:
        cursor = await driver.execute(query, parameters)
        rows: list[tuple[Any, ...]] = await cursor.fetchall()
    return rows


async def run(scope: Scope, statement: str, parameters: Mapping[str, Any]) -> None:
    """Run a statement that returns no rows; see `fetch`."""
    async with driver_of(scope, statement) as driver:
        await driver.execute(statement, parameters)
