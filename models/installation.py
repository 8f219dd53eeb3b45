"""The installation itself: whether it has been set up."""

from datetime import datetime

from sqlalchemy import CheckConstraint, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.scope import SystemScope
from models.table import Table, Words, now


class Installation(Table):
    """The one row that says when the first owner was made."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("name = 'parley'", name="single"),)

    name: Mapped[str] = mapped_column(Words, primary_key=True, default="parley")
    setup_at: Mapped[datetime]


async def is_set_up(scope: SystemScope) -> bool:
    """Tell whether there is an owner."""
    return await setup_time(scope) is not None


async def setup_time(scope: SystemScope) -> datetime | None:
    """Return when the installation was set up, None before that."""
    return await scope.session.scalar(select(Installation.setup_at))


async def mark_set_up(scope: SystemScope) -> datetime:
    """Record that the set-up is done, once.

    Returns:
        The time of the set-up.

    Raises:
        ApiError: `already_setup`, also for the later one of two at the same time.
    """
    statement = insert(Installation).values(name="parley", setup_at=now()).on_conflict_do_nothing()
    done: datetime | None = await scope.session.scalar(statement.returning(Installation.setup_at))
    if done is None:
        raise ApiError("already_setup", "Parley has been set up already. Please sign in.")
    return done
