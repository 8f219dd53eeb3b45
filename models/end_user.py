"""End users: whoever talks to an app, known by the session id that the app's client gives."""

from collections.abc import Sequence
from typing import Literal, get_args

from sqlalchemy import UniqueConstraint, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from foundation.ids import new_id
from models.app import AskedApp
from models.direct import fetch
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
    known_id,
    now,
    one_of,
    without_nul,
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


_FIND_WITH_APP = """
    SELECT app.id::text, app.mode, app.max_active_requests, app.model_config, end_user.id::text
    FROM app LEFT JOIN end_user ON end_user.workspace_id = app.workspace_id AND end_user.app_id = app.id
        AND end_user.kind = %(kind)s AND end_user.session_id = %(session_id)s
    WHERE app.workspace_id = %(workspace_id)s AND app.id = %(app_id)s AND app.deleted_at IS NULL
"""


async def find_with_app(scope: Scope, app_id: str, kind: Kind, session_id: str) -> tuple[AskedApp, str | None]:
    """Return an app, and the id of its end user with a session id; None where nobody came by that name.

    Raises:
        ApiError: `app_not_found`.
    """
    person = {"workspace_id": scope.workspace_id, "app_id": known_id(app_id), "kind": kind}
    rows = await fetch(scope, _FIND_WITH_APP, {**person, "session_id": without_nul(session_id)})
    if not rows:
        raise ApiError("app_not_found", "App not found.")
    *asked, found = rows[0]
    return AskedApp(*asked), found


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
