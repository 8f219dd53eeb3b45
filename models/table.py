"""What every table is made of: the declarative base, column types, constraints and the clock."""

import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, cast

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    MetaData,
    Numeric,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    insert,
    or_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from foundation.ids import new_id

Json = dict[str, Any]
NO_ROW = "00000000-0000-0000-0000-000000000000"
CLOCKS_DIFFER = timedelta(seconds=20)
_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch


def now() -> datetime:
    """Return the current time with its zone, as it is stored."""
    return datetime.now(UTC)


def is_past(column: Any, moment: datetime) -> ColumnElement[bool]:
    """Return the condition that a time lies before a moment.

    A time far ahead of the moment counts, too: another machine's clock wrote it, and nobody should wait until ours has
    caught up.
    """
    return or_(column < moment, column > moment + CLOCKS_DIFFER)


class Id(TypeDecorator[str]):
    """A UUID that Python sees as text. Text that is no UUID names no row."""

    impl = Uuid(as_uuid=False)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else known_id(value)


def known_id(text: str) -> str:
    """Return an id as it is stored; text that is no UUID becomes an id that no row has."""
    if _CANONICAL(text):
        return text
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return NO_ROW


class Words(TypeDecorator[str]):
    """Text without NUL characters, which PostgreSQL cannot hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return without_nul(value) if value else value


def without_nul(text: str) -> str:
    """Return a text as it is stored: PostgreSQL cannot hold NUL characters."""
    return text.replace("\x00", "")


class Table(DeclarativeBase):
    """The declarative base of all tables."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Words(),
        int: BigInteger(),
        float: Double(),
        Decimal: Numeric(),
        datetime: DateTime(timezone=True),
        Json: JSONB(),
        list[str]: JSONB(),
        list[Json]: JSONB(),
    }


async def store(session: AsyncSession, row: Table) -> None:
    """Insert a new row by a statement of its own, its defaults filled in; the row belongs to no session afterwards.

    It is for rows that every request writes: to find out what has changed costs an ORM flush several times as much.
    """
    await session.execute(insert(cast("Any", type(row).__table__)), _values_of(row))


def filled_in(row: Table, key: str, place: Any) -> Any:
    """Return what a new row's column will hold: its default is filled in where the row says nothing.

    Args:
        row: the row.
        key: the row's attribute.
        place: the column.
    """
    value = getattr(row, key)
    if value is None and place.default is not None:
        value = place.default.arg(None) if place.default.is_callable else place.default.arg
        setattr(row, key, value)
    return value


def _values_of(row: Table) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for attribute in type(row).__mapper__.column_attrs:
        place = attribute.columns[0]
        values[place.key] = filled_in(row, attribute.key, place)
    return values


class Identified:
    """Mixin: a time-ordered id."""

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)


class Created:
    """Mixin: when the row was made."""

    created_at: Mapped[datetime] = mapped_column(default=now)


class Updated:
    """Mixin: when the row was changed last, kept by every ORM update."""

    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class Owned:
    """Mixin: the workspace that the row belongs to."""

    workspace_id: Mapped[str] = mapped_column(Id, ForeignKey("workspace.id", ondelete="CASCADE"))


def addressable() -> UniqueConstraint:
    """Return the key that children in the same workspace refer to."""
    return UniqueConstraint("workspace_id", "id")


def belongs_to(parent: str, column: str | None = None) -> ForeignKeyConstraint:
    """Return a foreign key that also demands the same workspace.

    Args:
        parent: the parent's table, which is `addressable`.
        column: the referring column; `<parent>_id` when it is not given.
    """
    return ForeignKeyConstraint(
        ["workspace_id", column or f"{parent}_id"],
        [f"{parent}.workspace_id", f"{parent}.id"],
        ondelete="CASCADE",
    )


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Return the constraint that a column holds one of some words."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=column)
