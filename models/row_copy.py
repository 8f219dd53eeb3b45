"""New rows of the models by a binary COPY: for those that come by the thousand, where an ORM flush takes several times
as long, and the database's own INSERT twice.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB

from models import binary_copy
from models.database import to_json
from models.scope import Scope
from models.table import Id, Table, Words, filled_in, without_nul

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_Encode = Callable[[Any], bytes]


async def insert(scope: Scope, rows: Sequence[Table]) -> None:
    """Insert new rows of one table, their defaults filled in; they belong to no session afterwards.

    Args:
        scope: the transaction.
        rows: the rows. What they refer to has been flushed.

    Raises:
        sqlalchemy.exc.IntegrityError: a row refers to one that does not exist.
    """
    if not rows:
        return
    table, columns = type(rows[0]), _columns(type(rows[0]))
    names = ", ".join(f'"{column.name}"' for _, column, _ in columns)
    statement = f"COPY {table.__tablename__} ({names}) FROM STDIN (FORMAT BINARY)"
    await binary_copy.copy_in(scope, statement, (_encoded(row, columns) for row in rows))


def _encoded(row: Table, columns: Sequence[tuple[str, Column[Any], _Encode]]) -> bytes:
    values: list[bytes | None] = []
    for key, column, encode in columns:
        value = filled_in(row, key, column)
        values.append(None if value is None else encode(value))
    return binary_copy.row(values)


@cache
def _columns(table: type[Table]) -> list[tuple[str, Column[Any], _Encode]]:
    found = []
    for attribute in table.__mapper__.column_attrs:
        [column] = attribute.columns
        assert isinstance(column, Column)
        found.append((attribute.key, column, _encoder(column)))
    return found


def _encoder(column: Column[Any]) -> _Encode:
    """Return what gives the bytes of a column's values, which are those of PostgreSQL's `send` functions."""
    for kind, encode in _ENCODERS:
        if isinstance(column.type, kind):
            return encode
    raise TypeError(f"no bytes are known for the type {column.type} of {column}")


def _moment(value: datetime) -> bytes:
    return binary_copy.long_integer((value - _EPOCH) // _MICROSECOND)


_ENCODERS: tuple[tuple[type[Any], _Encode], ...] = (
    (Id, lambda value: UUID(value).bytes),
    (Words, lambda value: without_nul(value).encode()),
    (Text, lambda value: without_nul(value).encode()),
    (BigInteger, lambda value: binary_copy.long_integer(value)),
    (Integer, lambda value: binary_copy.integer(value)),
    (Boolean, lambda value: b"\x01" if value else b"\x00"),
    (DateTime, _moment),
    (HALFVEC, binary_copy.halfvec),
    (JSONB, lambda value: b"\x01" + to_json(value).encode()),
)
"""By type; the more special one of two stands first."""
