"""Datasets (knowledge bases), the apps that use them, and the questions that were put to them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ARRAY, Index, Select, UniqueConstraint, any_, bindparam, delete, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from foundation.ids import new_id
from models.app import App
from models.page import Page, like, numbered
from models.scope import Scope, SystemScope
from models.table import (
    Created,
    Id,
    Identified,
    Json,
    Owned,
    Table,
    Updated,
    Words,
    addressable,
    belongs_to,
    now,
    one_of,
)

Permission = Literal["only_me", "all_team_members", "partial_members"]
IndexingTechnique = Literal["high_quality", "economy"]
DocForm = Literal["text_model", "qa_model", "hierarchical_model"]
Vendor = Literal["vendor", "external"]
QuerySource = Literal["hit_testing", "app"]


class Dataset(Identified, Created, Updated, Owned, Table):
    """A knowledge base."""

    __tablename__ = "dataset"
    __table_args__ = (
        addressable(),
        UniqueConstraint("workspace_id", "name"),
        one_of("permission", get_args(Permission)),
        one_of("indexing_technique", get_args(IndexingTechnique)),
        one_of("doc_form", get_args(DocForm)),
        one_of("provider", get_args(Vendor)),
        Index(None, "workspace_id", "created_at", "id"),
        Index("ix_dataset_deleted", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
    )

    name: Mapped[str]
    description: Mapped[str | None]
    permission: Mapped[Permission] = mapped_column(Words, default="only_me")
    partial_members: Mapped[list[str]] = mapped_column(default=list)
    indexing_technique: Mapped[IndexingTechnique | None] = mapped_column(Words)
    embedding_model: Mapped[str | None]
    embedding_model_provider: Mapped[str | None]
    embedding_dimension: Mapped[int | None]
    vector_index: Mapped[str | None]
    retrieval_model: Mapped[Json | None]
    doc_form: Mapped[DocForm | None] = mapped_column(Words)
    data_source_type: Mapped[str | None]
    provider: Mapped[Vendor] = mapped_column(Words, default="vendor")
    enable_api: Mapped[bool] = mapped_column(default=True)
    built_in_field_enabled: Mapped[bool] = mapped_column(default=False)
    icon_info: Mapped[Json | None]
    created_by: Mapped[str | None] = mapped_column(Id)
    updated_by: Mapped[str | None] = mapped_column(Id)
    deleted_at: Mapped[datetime | None]


class AppDatasetJoin(Identified, Created, Owned, Table):
    """An app that answers from a dataset."""

    __tablename__ = "app_dataset_join"
    __table_args__ = (
        belongs_to("app"),
        belongs_to("dataset"),
        UniqueConstraint("app_id", "dataset_id"),
        Index(None, "dataset_id"),
    )

    app_id: Mapped[str] = mapped_column(Id)
    dataset_id: Mapped[str] = mapped_column(Id)


class DatasetQuery(Identified, Created, Owned, Table):
    """A question that was put to a dataset."""

    __tablename__ = "dataset_query"
    __table_args__ = (
        belongs_to("dataset"),
        one_of("source", get_args(QuerySource)),
        Index(None, "dataset_id", "created_at", "id"),
    )

    dataset_id: Mapped[str] = mapped_column(Id)
    content: Mapped[str]
    source: Mapped[QuerySource] = mapped_column(Words)
    source_app_id: Mapped[str | None] = mapped_column(Id)
    created_by_role: Mapped[str]
    created_by: Mapped[str | None] = mapped_column(Id)


async def create(scope: Scope, *, name: str, created_by: str | None, **fields: Any) -> Dataset:
    """Make a dataset.

    Args:
        scope: the workspace.
        name: what it is called, once in a workspace.
        created_by: the account that makes it.
        fields: further columns of `Dataset`.

    Raises:
        ApiError: `dataset_name_duplicate`.
    """
    made = Dataset(workspace_id=scope.workspace_id, name=name, created_by=created_by, updated_by=created_by, **fields)
    async with _names_stay_unique(scope):
        scope.session.add(made)
    return made


async def get(scope: Scope, dataset_id: str) -> Dataset:
    """Return a dataset.

    Raises:
        ApiError: `not_found`.
    """
    query = _of_workspace(scope).where(Dataset.id == dataset_id)
    found = await scope.session.scalar(query)
    if found is None:
        raise ApiError("not_found", "Dataset not found.")
    return found


async def get_many(scope: Scope, dataset_ids: Sequence[str]) -> list[Dataset]:
    """Return those of the datasets that exist."""
    parameters = {"workspace": scope.workspace_id, "datasets": list(dataset_ids)}
    return list(await scope.session.scalars(_MANY, parameters))


async def page(
    scope: Scope,
    *,
    page: int = 1,
    limit: int = 20,
    keyword: str | None = None,
    dataset_ids: Sequence[str] | None = None,
    visible_to: str | None = None,
) -> Page[Dataset]:
    """Return one page of the workspace's datasets, newest first.

    Args:
        scope: the workspace.
        page: the number of the page, from 1.
        limit: how many it holds.
        keyword: a part of the name.
        dataset_ids: the datasets to choose from; None means all.
        visible_to: the account whose permissions count; None sees every dataset.
    """
    query = _of_workspace(scope)
    if keyword:
        query = query.where(Dataset.name.ilike(like(keyword)))
    if dataset_ids is not None:
        query = query.where(Dataset.id.in_(dataset_ids))
    if visible_to is not None:
        query = query.where(
            (Dataset.permission == "all_team_members")
            | (Dataset.created_by == visible_to)
            | ((Dataset.permission == "partial_members") & Dataset.partial_members.contains([visible_to]))
        )
    query = query.order_by(Dataset.created_at.desc(), Dataset.id.desc())
    return await numbered(scope, query, page, limit)


async def free_name(scope: Scope, wanted: str) -> str:
    """Return a name that no dataset of the workspace has: the wanted one, else one with a number after it."""
    taken = set(
        await scope.session.scalars(
            select(Dataset.name).where(
                Dataset.workspace_id == scope.workspace_id, Dataset.name.startswith(wanted, autoescape=True)
            )
        )
    )
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted} ({number})"
    return name


async def change(scope: Scope, dataset_id: str, changes: dict[str, Any], updated_by: str | None) -> Dataset:
    """Set columns of a dataset.

    Raises:
        ApiError: `not_found`, `dataset_name_duplicate`.
    """
    found = await get(scope, dataset_id)
    async with _names_stay_unique(scope):
        for column, value in changes.items():
            setattr(found, column, value)
        found.updated_by = updated_by
    return found


async def lock(scope: Scope, dataset_id: str) -> Dataset:
    """Return a dataset that nobody else can lock or change before this transaction ends.

    What belongs to it may come and go: who waited for that in turn, as an indexing that adds segments to a document
    which is to be locked next, would wait for this transaction.

    Raises:
        ApiError: `not_found`.
    """
    query = _of_workspace(scope).where(Dataset.id == dataset_id).with_for_update(key_share=True)
    found = await scope.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise ApiError("not_found", "Dataset not found.")
    return found


async def mark_deleted(scope: Scope, dataset_id: str) -> None:
    """Take a dataset out of sight at once and free its name; `purge` removes it once its documents are gone.

    Raises:
        ApiError: `not_found`, `dataset_in_use`.
    """
    found = await lock(scope, dataset_id)
    if await related_apps(scope, dataset_id):
        message = "The dataset is used by apps. Remove it from them before deleting it."
        raise ApiError("dataset_in_use", message)
    found.name = f"{found.id} {found.name}"
    found.deleted_at = now()
    await scope.session.flush()


async def purge(scope: Scope, dataset_id: str) -> None:
    """Remove a deleted dataset."""
    await scope.session.execute(
        delete(Dataset).where(
            Dataset.workspace_id == scope.workspace_id, Dataset.id == dataset_id, Dataset.deleted_at.is_not(None)
        )
    )


async def list_deleted(scope: SystemScope, limit: int = 100) -> list[Dataset]:
    """Return datasets of any workspace that wait to be purged."""
    query = select(Dataset).where(Dataset.deleted_at.is_not(None)).order_by(Dataset.deleted_at).limit(limit)
    return list(await scope.session.scalars(query))


async def related_apps(scope: Scope, dataset_id: str) -> list[App]:
    """Return the apps that answer from a dataset, newest first."""
    query = (
        select(App)
        .join(AppDatasetJoin, AppDatasetJoin.app_id == App.id)
        .where(
            App.workspace_id == scope.workspace_id,
            AppDatasetJoin.dataset_id == dataset_id,
            App.deleted_at.is_(None),
        )
        .order_by(App.created_at.desc(), App.id.desc())
    )
    return list(await scope.session.scalars(query))


async def link_app(scope: Scope, app_id: str, dataset_ids: Sequence[str]) -> None:
    """Say which datasets an app answers from; ids of no dataset of the workspace are left out."""
    known = {dataset.id for dataset in await get_many(scope, dataset_ids)}
    stale = delete(AppDatasetJoin).where(
        AppDatasetJoin.workspace_id == scope.workspace_id,
        AppDatasetJoin.app_id == app_id,
        AppDatasetJoin.dataset_id.not_in(known),
    )
    await scope.session.execute(stale)
    for dataset_id in known:
        await scope.session.execute(
            insert(AppDatasetJoin)
            .values(
                id=new_id(),
                workspace_id=scope.workspace_id,
                app_id=app_id,
                dataset_id=dataset_id,
                created_at=now(),
            )
            .on_conflict_do_nothing()
        )


async def record_query(
    scope: Scope,
    dataset_ids: Sequence[str],
    content: str,
    *,
    source: QuerySource,
    created_by_role: str,
    created_by: str | None,
    source_app_id: str | None = None,
) -> None:
    """Keep a question that was put to some datasets."""
    scope.session.add_all(
        DatasetQuery(
            workspace_id=scope.workspace_id,
            dataset_id=dataset_id,
            content=content,
            source=source,
            source_app_id=source_app_id,
            created_by_role=created_by_role,
            created_by=created_by,
        )
        for dataset_id in dataset_ids
    )
    await scope.session.flush()


async def queries(scope: Scope, dataset_id: str, *, page: int = 1, limit: int = 20) -> Page[DatasetQuery]:
    """Return one page of the questions put to a dataset, newest first."""
    query = select(DatasetQuery).where(
        DatasetQuery.workspace_id == scope.workspace_id, DatasetQuery.dataset_id == dataset_id
    )
    query = query.order_by(DatasetQuery.created_at.desc(), DatasetQuery.id.desc())
    return await numbered(scope, query, page, limit)


async def forget_member(scope: Scope, account_id: str) -> None:
    """Take an account off the lists of those who may use a dataset."""
    await scope.session.execute(
        update(Dataset)
        .where(Dataset.workspace_id == scope.workspace_id, Dataset.partial_members.contains([account_id]))
        .values(partial_members=Dataset.partial_members.op("-", return_type=JSONB())(account_id))
    )


# Made once: every search begins with it.
_MANY = select(Dataset).where(
    Dataset.workspace_id == bindparam("workspace", type_=Id),
    Dataset.deleted_at.is_(None),
    Dataset.id == any_(bindparam("datasets", type_=ARRAY(Id))),
)


def _of_workspace(scope: Scope) -> Select[Dataset]:
    return select(Dataset).where(Dataset.workspace_id == scope.workspace_id, Dataset.deleted_at.is_(None))


@asynccontextmanager
async def _names_stay_unique(scope: Scope) -> AsyncIterator[None]:
    """Write what is changed inside, and tell a name that is taken from other failures."""
    try:
        async with scope.session.begin_nested():
            yield
            await scope.session.flush()
    except IntegrityError as error:
        if "uq_dataset_workspace_id_name" not in str(error.orig):
            raise
        message = "The dataset name already exists. Please modify your dataset name."
        raise ApiError("dataset_name_duplicate", message) from error
