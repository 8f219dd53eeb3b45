"""End users: whoever talks to an app, known by the session id that the app's client gives."""

from collections.abc import Sequence
from typing import Literal, get_args

from sqlalchemy import UniqueConstraint, and_, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from foundation.ids import new_id
from models.app import App
from models.scope import Scope
from models.table import (
    Created,
    Id,
    Identified,
    Owned,
    Table,
    Updated,
    Words,
    addressable,
    belongs_to,
    now,
    one_of,
)

Kind = Literal["service_api", "browser", "account"]
DEFAULT_SESSION = "DEFAULT-USER"


class EndUser(Identified, Created, Updated, Owned, Table):
    """A user of one app, through its API or its site."""

    __tablename__ = "end_user"
    __table_args__ = (
        addressable(),
        belongs_to("app"),
        UniqueConstraint("app_id", "kind", "session_id"),
        one_of("kind", get_args(Kind)),
    )

    app_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[Kind] = mapped_column(Words)
    session_id: Mapped[str]
    is_anonymous: Mapped[bool]
    name: Mapped[str | None]
    account_id: Mapped[str | None] = mapped_column(Id)


_FIND = select(EndUser).where(
    EndUser.workspace_id == bindparam("workspace_id"),
    EndUser.app_id == bindparam("app_id"),
    EndUser.kind == bindparam("kind"),
    EndUser.session_id == bindparam("session_id"),
)
"""Built once: every request of an app's program asks it."""


_FIND_WITH_APP = (
    select(App, EndUser.id)
    .outerjoin(
        EndUser,
        and_(
            EndUser.workspace_id == App.workspace_id,
            EndUser.app_id == App.id,
            EndUser.kind == bindparam("kind"),
            EndUser.session_id == bindparam("session_id"),
        ),
    )
    .where(App.workspace_id == bindparam("workspace_id"), App.id == bindparam("app_id"), App.deleted_at.is_(None))
)


async def find_with_app(scope: Scope, app_id: str, kind: Kind, session_id: str) -> tuple[App, str | None]:
    """Return an app, and the id of its end user with a session id; None where nobody came by that name.

    Raises:
        ApiError: `app_not_found`.
    """
    person = {"workspace_id": scope.workspace_id, "app_id": app_id, "kind": kind, "session_id": session_id}
    row = (await scope.session.execute(_FIND_WITH_APP, person)).one_or_none()
    if row is None:
        raise ApiError("app_not_found", "App not found.")
    return row[0], row[1]


async def get_or_create(
    scope: Scope,
    app_id: str,
    kind: Kind,
    session_id: str = DEFAULT_SESSION,
    *,
    account_id: str | None = None,
) -> EndUser:
    """Return the app's end user with a session id, made on the first call; two at once make one.

    Args:
        scope: the workspace.
        app_id: the app.
        kind: by which way the user comes.
        session_id: the client's name for the user.
        account_id: the account, for one who signed in.
    """
    person = {"workspace_id": scope.workspace_id, "app_id": app_id, "kind": kind, "session_id": session_id}
    found = await scope.session.scalar(_FIND, person)
    if found is not None:
        return found
    at = now()
    statement = (
        insert(EndUser)
        .values(
            id=new_id(),
            workspace_id=scope.workspace_id,
            app_id=app_id,
            kind=kind,
            session_id=session_id,
            is_anonymous=session_id == DEFAULT_SESSION,
            account_id=account_id,
            created_at=at,
            updated_at=at,
        )
        .on_conflict_do_nothing()
    )
    await scope.session.execute(statement)
    return (await scope.session.scalars(_FIND, person)).one()


async def get(scope: Scope, end_user_id: str) -> EndUser:
    """Return an end user.

    Raises:
        ApiError: `not_found`.
    """
    query = select(EndUser).where(EndUser.workspace_id == scope.workspace_id, EndUser.id == end_user_id)
    found = await scope.session.scalar(query)
    if found is None:
        raise ApiError("not_found", "End user not found.")
    return found


async def get_many(scope: Scope, end_user_ids: Sequence[str]) -> list[EndUser]:
    """Return those of the end users that exist."""
    query = select(EndUser).where(EndUser.workspace_id == scope.workspace_id, EndUser.id.in_(end_user_ids))
    return list(await scope.session.scalars(query))
