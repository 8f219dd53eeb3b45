"""Pages of rows: numbered ones with a total, and those that a cursor continues."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from models.scope import Scope, SystemScope

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One numbered page."""

    items: list[T]
    total: int
    page: int
    limit: int

    @property
    def has_more(self) -> bool:
        """Tell whether rows follow this page."""
        return self.page * self.limit < self.total


@dataclass(frozen=True, slots=True)
class CursorPage(Generic[T]):
    """One page of an endless list; the last item's id continues it."""

    items: list[T]
    limit: int
    has_more: bool


async def numbered(scope: Scope | SystemScope, query: Select[T], page: int, limit: int) -> Page[T]:
    """Run an ordered query for one numbered page and count all its rows."""
    counted: Select[Any] = select(func.count()).select_from(query.order_by(None).subquery())
    total = await scope.session.scalar(counted) or 0
    rows = await scope.session.scalars(query.limit(limit).offset((page - 1) * limit))
    return Page(list(rows), total, page, limit)


async def continued(scope: Scope | SystemScope, query: Select[T], limit: int) -> CursorPage[T]:
    """Run an ordered query that starts after its cursor; one row more tells whether others follow."""
    rows = list(await scope.session.scalars(query.limit(limit + 1)))
    return CursorPage(rows[:limit], limit, len(rows) > limit)


def like(text: str) -> str:
    """Return the pattern that finds a text anywhere, with its wildcards taken literally."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
