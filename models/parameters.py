"""Values as the driver takes them: what the types of columns do in SQLAlchemy's own statements."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement
from sqlalchemy.dialects.postgresql import JSONB

from models.database import to_json
from models.table import Id, Words, known_id, without_nul


def sender(place: ColumnElement[Any]) -> Callable[[Any], Any]:
    """Return what turns a column's values into parameters; none of them is None."""
    if isinstance(place.type, Id):
        return known_id
    if isinstance(place.type, Words):
        return without_nul
    if isinstance(place.type, BigInteger):
        return str  # else the statement is another one for numbers of another size
    return to_json if isinstance(place.type, JSONB) else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
