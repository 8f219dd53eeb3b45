"""PostgreSQL's binary COPY: the quickest way in for rows whose bytes are known."""

import struct
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from models.driver import driver_of
from models.scope import Scope

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_FIELDS = struct.Struct(">h")
_SIZE = struct.Struct(">i")
_LONG = struct.Struct(">q")
_NULL = _SIZE.pack(-1)
_HALFVEC_HEADER = struct.Struct(">HH")


async def copy_in(scope: Scope, statement: str, rows: Iterable[bytes]) -> None:
    """Write rows within the scope's transaction.

    Args:
        scope: the transaction.
        statement: `COPY table (columns) FROM STDIN (FORMAT BINARY)`.
        rows: whole rows, one or many in each piece.

    Raises:
        sqlalchemy.exc.IntegrityError: a row refers to one that does not exist, or is there already.
        sqlalchemy.exc.DBAPIError: the server refused the rows otherwise, or is gone.
    """
    async with driver_of(scope, statement) as driver, driver.cursor() as cursor, cursor.copy(statement) as copy:
        await copy.write(_HEADER)
        for piece in rows:
            await copy.write(piece)
        await copy.write(_END)


def row(values: Sequence[bytes | None]) -> bytes:
    """Return one row of the format; None is a null."""
    parts = [_FIELDS.pack(len(values))]
    for value in values:
        parts += (_NULL,) if value is None else (_SIZE.pack(len(value)), value)
    return b"".join(parts)


def integer(value: int) -> bytes:
    """Return the bytes of an `integer`."""
    return _SIZE.pack(value)


def long_integer(value: int) -> bytes:
    """Return the bytes of a `bigint`."""
    return _LONG.pack(value)


def halfvec(vector: Any) -> bytes:
    """Return the bytes of pgvector's `halfvec`: how many numbers, an unused word, then 16-bit floats.

    Args:
        vector: a sequence or an array of numbers.
    """
    numbers = np.asarray(vector, dtype=">f2")
    return _HALFVEC_HEADER.pack(len(numbers), 0) + numbers.tobytes()
