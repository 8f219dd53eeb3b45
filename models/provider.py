"""Model providers of a workspace: sealed credentials, models of its own, and its default models."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, UniqueConstraint, bindparam, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from foundation.ids import new_id
from models.scope import Scope
from models.table import Created, Id, Identified, Owned, Table, Updated, Words, now, one_of

ModelType = Literal["llm", "text-embedding", "rerank", "speech2text", "moderation", "tts"]


class ProviderCredential(Identified, Created, Updated, Owned, Table):
    """The credentials of a provider, sealed."""

    __tablename__ = "provider_credential"
    __table_args__ = (UniqueConstraint("workspace_id", "provider"),)

    provider: Mapped[str]
    sealed: Mapped[str]
    quota_exceeded_at: Mapped[datetime | None]
    created_by: Mapped[str | None] = mapped_column(Id)


class ProviderModel(Identified, Created, Updated, Owned, Table):
    """A model with credentials of its own."""

    __tablename__ = "provider_model"
    __table_args__ = (
        UniqueConstraint("workspace_id", "provider", "model_type", "model"),
        one_of("model_type", get_args(ModelType)),
    )

    provider: Mapped[str]
    model_type: Mapped[ModelType] = mapped_column(Words)
    model: Mapped[str]
    sealed: Mapped[str | None]
    enabled: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[str | None] = mapped_column(Id)


class DefaultModel(Identified, Created, Updated, Owned, Table):
    """The model that a workspace uses for a task unless something else is said."""

    __tablename__ = "default_model"
    __table_args__ = (
        UniqueConstraint("workspace_id", "model_type"),
        one_of("model_type", get_args(ModelType)),
    )

    model_type: Mapped[ModelType] = mapped_column(Words)
    provider: Mapped[str]
    model: Mapped[str]


SETTINGS = """
    SELECT 'credential' AS kind, provider, '' AS model_type, '' AS model, sealed,
        quota_exceeded_at IS NOT NULL AS exceeded, created_at
    FROM provider_credential WHERE workspace_id = {workspace_id}
    UNION ALL SELECT 'model', provider, model_type, model, sealed, false, created_at
    FROM provider_model WHERE workspace_id = {workspace_id} AND enabled
    UNION ALL SELECT 'default', provider, model_type, model, NULL, false, created_at
    FROM default_model WHERE workspace_id = {workspace_id}
"""
"""Credentials, enabled models of a workspace's own and its default models; see `Setting`. `workspace_id` is a place for
the query's parameter."""

_SETTINGS = text(SETTINGS.format(workspace_id=":workspace_id") + " ORDER BY created_at").bindparams(
    bindparam("workspace_id", type_=Id)
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of what a workspace may use.

    Attributes:
        kind: `credential`, `model` or `default`.
        provider: the provider's name.
        model_type: for what the model is; empty for credentials.
        model: the model's name; empty for credentials.
        sealed: credentials, sealed.
        exceeded: whether the provider's last call was refused for its quota.
    """

    kind: str
    provider: str
    model_type: str
    model: str
    sealed: str | None
    exceeded: bool

    @classmethod
    def read(cls, row: Mapping[Any, Any]) -> "Setting":
        """Return a row of `SETTINGS`."""
        return cls(row["kind"], row["provider"], row["model_type"], row["model"], row["sealed"], bool(row["exceeded"]))


async def settings(scope: Scope) -> list[Setting]:
    """Return credentials, enabled models of the workspace's own and default models in one round trip, oldest first."""
    rows = await scope.session.execute(_SETTINGS, {"workspace_id": scope.workspace_id})
    return [Setting.read(row) for row in rows.mappings()]


async def credentials(scope: Scope) -> list[ProviderCredential]:
    """Return the workspace's credentials, oldest first."""
    query = select(ProviderCredential).where(ProviderCredential.workspace_id == scope.workspace_id)
    query = query.order_by(ProviderCredential.created_at, ProviderCredential.id)
    return list(await scope.session.scalars(query))


async def find_credential(scope: Scope, provider: str) -> ProviderCredential | None:
    """Return the workspace's credentials for a provider."""
    query = select(ProviderCredential).where(
        ProviderCredential.workspace_id == scope.workspace_id, ProviderCredential.provider == provider
    )
    return await scope.session.scalar(query)


async def save_credential(scope: Scope, provider: str, sealed: str, created_by: str | None) -> None:
    """Store credentials for a provider in the place of the earlier ones."""
    at = now()
    changed = {"sealed": sealed, "quota_exceeded_at": None, "updated_at": at}
    statement = insert(ProviderCredential).values(
        id=new_id(),
        workspace_id=scope.workspace_id,
        provider=provider,
        created_by=created_by,
        created_at=at,
        **changed,
    )
    await scope.session.execute(
        statement.on_conflict_do_update(index_elements=["workspace_id", "provider"], set_=changed)
    )


async def remove_credential(scope: Scope, provider: str) -> bool:
    """Forget the credentials for a provider.

    Returns:
        Whether there were any.
    """
    statement = delete(ProviderCredential).where(
        ProviderCredential.workspace_id == scope.workspace_id, ProviderCredential.provider == provider
    )
    return await scope.session.scalar(statement.returning(ProviderCredential.id)) is not None


async def note_quota(scope: Scope, provider: str, *, exceeded: bool) -> None:
    """Keep whether a provider's last call was refused for its quota."""
    at = now()
    await scope.session.execute(
        update(ProviderCredential)
        .where(
            ProviderCredential.workspace_id == scope.workspace_id,
            ProviderCredential.provider == provider,
            ProviderCredential.quota_exceeded_at.is_(None)
            if exceeded
            else ProviderCredential.quota_exceeded_at.is_not(None),
        )
        .values(quota_exceeded_at=at if exceeded else None, updated_at=at)
    )


async def models(scope: Scope, provider: str | None = None) -> list[ProviderModel]:
    """Return the models that the workspace added, of one provider or of all."""
    query = select(ProviderModel).where(ProviderModel.workspace_id == scope.workspace_id)
    if provider is not None:
        query = query.where(ProviderModel.provider == provider)
    return list(await scope.session.scalars(query.order_by(ProviderModel.created_at, ProviderModel.id)))


async def save_model(
    scope: Scope, provider: str, model_type: ModelType, model: str, sealed: str | None, created_by: str | None
) -> None:
    """Store a model with its credentials in the place of the earlier ones."""
    at = now()
    changed = {"sealed": sealed, "updated_at": at}
    statement = insert(ProviderModel).values(
        id=new_id(),
        workspace_id=scope.workspace_id,
        provider=provider,
        model_type=model_type,
        model=model,
        enabled=True,
        created_by=created_by,
        created_at=at,
        **changed,
    )
    keys = ["workspace_id", "provider", "model_type", "model"]
    await scope.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


async def find_model(scope: Scope, provider: str, model_type: ModelType, model: str) -> ProviderModel | None:
    """Return a model that the workspace added."""
    return await scope.session.scalar(select(ProviderModel).where(*_is_model(scope, provider, model_type, model)))


async def remove_model(scope: Scope, provider: str, model_type: ModelType, model: str) -> bool:
    """Forget a model that the workspace added; it serves by default no more.

    Returns:
        Whether there was one.
    """
    statement = delete(ProviderModel).where(*_is_model(scope, provider, model_type, model))
    if await scope.session.scalar(statement.returning(ProviderModel.id)) is None:
        return False
    await scope.session.execute(
        delete(DefaultModel).where(
            DefaultModel.workspace_id == scope.workspace_id,
            DefaultModel.provider == provider,
            DefaultModel.model_type == model_type,
            DefaultModel.model == model,
        )
    )
    return True


def _is_model(scope: Scope, provider: str, model_type: ModelType, model: str) -> tuple[ColumnElement[bool], ...]:
    return (
        ProviderModel.workspace_id == scope.workspace_id,
        ProviderModel.provider == provider,
        ProviderModel.model_type == model_type,
        ProviderModel.model == model,
    )


async def set_default_model(scope: Scope, model_type: ModelType, provider: str, model: str) -> None:
    """Choose the model that serves a type by default."""
    at = now()
    changed = {"provider": provider, "model": model, "updated_at": at}
    statement = insert(DefaultModel).values(
        id=new_id(), workspace_id=scope.workspace_id, model_type=model_type, created_at=at, **changed
    )
    keys = ["workspace_id", "model_type"]
    await scope.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


async def remove_default_model(scope: Scope, model_type: ModelType) -> None:
    """Leave the choice of a type's default model to the server's settings again."""
    await scope.session.execute(
        delete(DefaultModel).where(
            DefaultModel.workspace_id == scope.workspace_id, DefaultModel.model_type == model_type
        )
    )
