"""Knowledge that others keep: the APIs that answer searches in it, and the datasets that stand for it here."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Index, func, select
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.dataset import Dataset
from models.page import Page, like, numbered
from models.scope import Scope
from models.table import Created, Id, Identified, Json, Owned, Table, Updated, addressable, belongs_to


class ExternalKnowledgeApi(Identified, Created, Updated, Owned, Table):
    """A service that answers searches at `<endpoint>/retrieval`; its key is sealed."""

    __tablename__ = "external_knowledge_api"
    __table_args__ = (addressable(), Index(None, "workspace_id", "created_at", "id"))

    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    endpoint: Mapped[str]
    sealed: Mapped[str]
    created_by: Mapped[str | None] = mapped_column(Id)


class ExternalDataset(Owned, Table):
    """Where the knowledge of an external dataset is: the API, and the name that the API knows it by."""

    __tablename__ = "external_dataset"
    __table_args__ = (
        belongs_to("dataset"),
        belongs_to("external_knowledge_api"),
        Index(None, "external_knowledge_api_id"),
    )

    dataset_id: Mapped[str] = mapped_column(Id, primary_key=True)
    external_knowledge_api_id: Mapped[str] = mapped_column(Id)
    external_knowledge_id: Mapped[str]
    retrieval: Mapped[Json | None]


@dataclass(frozen=True, slots=True)
class Source:
    """An external dataset with its API."""

    dataset: ExternalDataset
    api: ExternalKnowledgeApi


async def page(scope: Scope, *, page: int, limit: int, keyword: str | None) -> Page[ExternalKnowledgeApi]:
    """Return one page of the workspace's APIs, newest first, out of those whose name holds the keyword."""
    query = select(ExternalKnowledgeApi).where(ExternalKnowledgeApi.workspace_id == scope.workspace_id)
    if keyword:
        query = query.where(ExternalKnowledgeApi.name.ilike(like(keyword)))
    query = query.order_by(ExternalKnowledgeApi.created_at.desc(), ExternalKnowledgeApi.id.desc())
    return await numbered(scope, query, page, limit)


async def get(scope: Scope, api_id: str) -> ExternalKnowledgeApi:
    """Return an API of the workspace.

    Raises:
        ApiError: `not_found`.
    """
    query = select(ExternalKnowledgeApi).where(
        ExternalKnowledgeApi.workspace_id == scope.workspace_id, ExternalKnowledgeApi.id == api_id
    )
    found = await scope.session.scalar(query)
    if found is None:
        raise ApiError("not_found", "External knowledge API not found.")
    return found


async def create(
    scope: Scope, *, name: str, description: str, endpoint: str, sealed: str, created_by: str | None
) -> ExternalKnowledgeApi:
    """Keep an API."""
    made = ExternalKnowledgeApi(
        workspace_id=scope.workspace_id,
        name=name,
        description=description,
        endpoint=endpoint,
        sealed=sealed,
        created_by=created_by,
    )
    scope.session.add(made)
    await scope.session.flush()
    return made


async def remove(scope: Scope, api_id: str) -> None:
    """Forget an API that no dataset uses.

    Raises:
        ApiError: `not_found`; `conflict` while a dataset uses it.
    """
    found = await get(scope, api_id)
    if await count_datasets(scope, api_id):
        raise ApiError("conflict", "Datasets use this external knowledge API. Delete them before it.")
    await scope.session.delete(found)
    await scope.session.flush()


async def count_datasets(scope: Scope, api_id: str) -> int:
    """Return how many datasets use an API."""
    query = select(func.count()).where(
        ExternalDataset.workspace_id == scope.workspace_id, ExternalDataset.external_knowledge_api_id == api_id
    )
    return await scope.session.scalar(query) or 0


async def datasets_of(scope: Scope, api_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Return ids and names of the datasets that use some APIs, by API."""
    query = (
        select(ExternalDataset.external_knowledge_api_id, Dataset.id, Dataset.name)
        .join(Dataset, Dataset.id == ExternalDataset.dataset_id)
        .where(
            ExternalDataset.workspace_id == scope.workspace_id,
            Dataset.workspace_id == scope.workspace_id,
            ExternalDataset.external_knowledge_api_id.in_(api_ids),
            Dataset.deleted_at.is_(None),
        )
        .order_by(Dataset.created_at, Dataset.id)
    )
    found: dict[str, list[tuple[str, str]]] = {api_id: [] for api_id in api_ids}
    for api_id, dataset_id, name in await scope.session.execute(query):
        found[api_id].append((dataset_id, name))
    return found


async def bind(
    scope: Scope, dataset_id: str, api_id: str, external_knowledge_id: str, retrieval: Json | None
) -> ExternalDataset:
    """Say where the knowledge of a new external dataset is.

    Raises:
        ApiError: `not_found`: there is no such API.
    """
    api = await get(scope, api_id)
    made = ExternalDataset(
        workspace_id=scope.workspace_id,
        dataset_id=dataset_id,
        external_knowledge_api_id=api.id,
        external_knowledge_id=external_knowledge_id,
        retrieval=retrieval,
    )
    scope.session.add(made)
    await scope.session.flush()
    return made


async def sources(scope: Scope, dataset_ids: Sequence[str]) -> dict[str, Source]:
    """Return where the knowledge of some external datasets is, by dataset."""
    if not dataset_ids:
        return {}
    query = (
        select(ExternalDataset, ExternalKnowledgeApi)
        .join(ExternalKnowledgeApi, ExternalKnowledgeApi.id == ExternalDataset.external_knowledge_api_id)
        .where(
            ExternalDataset.workspace_id == scope.workspace_id,
            ExternalKnowledgeApi.workspace_id == scope.workspace_id,
            ExternalDataset.dataset_id.in_(dataset_ids),
        )
    )
    rows = await scope.session.execute(query)
    return {dataset.dataset_id: Source(dataset, api) for dataset, api in rows}
