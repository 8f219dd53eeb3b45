"""API keys: only a hash is stored; the secret is shown once, by the handler that makes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import ColumnElement, Index, UniqueConstraint, case, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.account import Workspace
from models.app import App
from models.scope import Scope, SystemScope
from models.table import Created, Id, Identified, Owned, Table, Words, belongs_to, now, one_of

Kind = Literal["app", "dataset", "workspace"]
Access = Literal["read", "write", "admin"]
USE_NOTED_EVERY = timedelta(minutes=1)


class ApiKey(Identified, Created, Owned, Table):
    """A key for one app, for the workspace's knowledge, or for the workspace."""

    __tablename__ = "api_key"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        belongs_to("app"),
        one_of("kind", get_args(Kind)),
        one_of("access", get_args(Access)),
        Index(None, "workspace_id", "kind", "app_id", "created_at", "id"),
    )

    app_id: Mapped[str | None] = mapped_column(Id)
    kind: Mapped[Kind] = mapped_column(Words)
    name: Mapped[str] = mapped_column(default="")
    token_hash: Mapped[str]
    token_hint: Mapped[str]
    permissions: Mapped[list[str] | None]
    access: Mapped[Access | None] = mapped_column(Words)
    dataset_ids: Mapped[list[str] | None]
    max_active_requests: Mapped[int | None]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    created_by: Mapped[str | None] = mapped_column(Id)

    @property
    def use_is_old(self) -> bool:
        """Tell whether it is worth while to note that the key is used."""
        return self.last_used_at is None or self.last_used_at < now() - USE_NOTED_EVERY


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key with its workspace and, where it is bound to one, its app."""

    key: ApiKey
    workspace: Workspace
    app: App | None


async def create(
    scope: Scope,
    *,
    kind: Kind,
    token_hash: str,
    token_hint: str,
    created_by: str | None,
    app_id: str | None = None,
    name: str = "",
    permissions: Sequence[str] | None = None,
    access: Access | None = None,
    dataset_ids: list[str] | None = None,
    expires_at: datetime | None = None,
    max_active_requests: int | None = None,
) -> ApiKey:
    """Store a key.

    Args:
        scope: the workspace.
        kind: what it opens.
        token_hash: the hash of its secret.
        token_hint: what lists show in place of the secret.
        created_by: the account that makes it.
        app_id: the app that it is bound to.
        name: what it is called.
        permissions: the fields it may call; None means all of its kind.
        access: how far it may go there; None means as far as its kind.
        dataset_ids: the datasets it may see; None means all.
        expires_at: when it stops being accepted.
        max_active_requests: how many runs it may have at the same time; None or 0 means no limit.
    """
    made = ApiKey(
        workspace_id=scope.workspace_id,
        app_id=app_id,
        kind=kind,
        name=name,
        token_hash=token_hash,
        token_hint=token_hint,
        permissions=None if permissions is None else list(permissions),
        access=access,
        dataset_ids=dataset_ids,
        expires_at=expires_at,
        max_active_requests=max_active_requests,
        created_by=created_by,
    )
    scope.session.add(made)
    await scope.session.flush()
    return made


async def find_by_hash(scope: SystemScope, token_hash: str) -> KeyRecord | None:
    """Return the key with a hash, with the workspace and the app that decide whether it is accepted."""
    query = (
        select(ApiKey, Workspace, App)
        .join(Workspace, Workspace.id == ApiKey.workspace_id)
        .outerjoin(App, App.id == ApiKey.app_id)
        .where(ApiKey.token_hash == token_hash)
    )
    row = (await scope.session.execute(query)).first()
    return KeyRecord(row[0], row[1], row[2]) if row else None


async def list_all(
    scope: Scope, kind: Kind | None = None, app_id: str | None = None, dataset_id: str | None = None
) -> list[ApiKey]:
    """Return the workspace's keys of one kind, those of one app, or those of one dataset alone, newest first."""
    query = select(ApiKey).where(ApiKey.workspace_id == scope.workspace_id)
    if kind is not None:
        query = query.where(ApiKey.kind == kind)
    if app_id is not None:
        query = query.where(ApiKey.app_id == app_id)
    if dataset_id is not None:
        query = query.where(_only(dataset_id))
    return list(await scope.session.scalars(query.order_by(ApiKey.created_at.desc(), ApiKey.id.desc())))


async def count(scope: Scope, kind: Kind, app_id: str | None = None, dataset_id: str | None = None) -> int:
    """Return how many keys of a kind one app has, one dataset has alone, or the workspace has beside those."""
    query = select(func.count()).where(ApiKey.workspace_id == scope.workspace_id, ApiKey.kind == kind)
    if app_id is not None:
        query = query.where(ApiKey.app_id == app_id)
    elif dataset_id is not None:
        query = query.where(_only(dataset_id))
    elif kind == "dataset":
        query = query.where(_limit() != 1)
    return await scope.session.scalar(query) or 0


async def remove(
    scope: Scope, key_id: str, kind: Kind | None = None, app_id: str | None = None, dataset_id: str | None = None
) -> str:
    """Delete a key.

    Returns:
        The hash under which it may still be cached.

    Raises:
        ApiError: `not_found`, also where the key is of another kind or app, or reaches other datasets.
    """
    statement = delete(ApiKey).where(ApiKey.workspace_id == scope.workspace_id, ApiKey.id == key_id)
    if kind is not None:
        statement = statement.where(ApiKey.kind == kind)
    if app_id is not None:
        statement = statement.where(ApiKey.app_id == app_id)
    if dataset_id is not None:
        statement = statement.where(_only(dataset_id))
    token_hash: str | None = await scope.session.scalar(statement.returning(ApiKey.token_hash))
    if token_hash is None:
        raise ApiError("not_found", "API key not found")
    return token_hash


async def note_use(scope: SystemScope, key_id: str) -> None:
    """Keep when a key was used last, to the minute."""
    at = now()
    await scope.session.execute(
        update(ApiKey)
        .where(
            ApiKey.id == key_id,
            or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < at - USE_NOTED_EVERY),
        )
        .values(last_used_at=at)
    )


def _only(dataset_id: str) -> ColumnElement[bool]:
    return ApiKey.dataset_ids == [dataset_id.lower()]


def _limit() -> ColumnElement[int]:
    """Return to how many datasets a key is limited; 0 where it reaches all."""
    listed = func.jsonb_typeof(ApiKey.dataset_ids) == "array"
    return case((listed, func.jsonb_array_length(ApiKey.dataset_ids)), else_=0)
