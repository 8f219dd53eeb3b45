"""The knowledge bases of a workspace."""

from __future__ import annotations

from handlers import dataset_facts, datasets, estimates
from handlers.call import Call
from handlers.contract import schemas

METHODS: tuple[schemas.SearchMethod, ...] = ("semantic_search", "full_text_search", "hybrid_search")


async def list_datasets(
    call: Call,
    *,
    page: int = 1,
    limit: int = 20,
    keyword: str | None = None,
    name: str | None = None,
    search: str | None = None,
    ids: list[str] | None = None,
    tag_ids: list[str] | None = None,
    include_all: bool = False,
) -> schemas.DatasetList:
    """List the knowledge bases that the caller may use, newest first; an owner sees all of them anyway."""
    wanted = keyword or name or search
    return await datasets.list_datasets(call, page=page, limit=limit, keyword=wanted, tag_ids=tag_ids, ids=ids)


async def create_dataset(call: Call, *, body: schemas.DatasetCreate) -> schemas.Dataset:
    """Make an empty knowledge base."""
    return await datasets.create(call, body)


async def get_dataset(call: Call, *, dataset_id: str) -> schemas.Dataset:
    """Show a knowledge base."""
    return await datasets.get(call, dataset_id)


async def update_dataset(call: Call, *, dataset_id: str, body: schemas.DatasetUpdate) -> schemas.Dataset:
    """Change a knowledge base."""
    return await datasets.update(call, dataset_id, body)


async def delete_dataset(call: Call, *, dataset_id: str) -> None:
    """Delete a knowledge base with its documents."""
    await datasets.delete(call, dataset_id)


async def get_process_rule(call: Call, *, document_id: str | None = None) -> schemas.KnownProcessRule:
    """Read a rule for cutting documents."""
    return await estimates.process_rule(call, document_id)


async def get_retrieval_setting(call: Call) -> schemas.RetrievalMethods:
    """Read how knowledge bases can be searched."""
    return {"retrieval_method": list(METHODS)}


async def get_retrieval_setting_of(call: Call, *, vector_type: str) -> schemas.RetrievalMethods:
    """Read how knowledge bases can be searched; there is one kind of index."""
    return {"retrieval_method": list(METHODS)}


async def get_knowledge_api_base(call: Call) -> schemas.ApiBaseInfo:
    """Read where the Service API answers."""
    return {"api_base_url": f"{call.services.settings.url}/v1"}


async def list_auto_disabled_documents(call: Call, *, dataset_id: str) -> schemas.AutoDisabledDocuments:
    """List documents that were disabled by the server; it disables none."""
    await dataset_facts.check(call, dataset_id)
    return {"document_ids": [], "count": 0}


async def list_dataset_members(call: Call, *, dataset_id: str) -> schemas.DatasetMembers:
    """List the members who may use a knowledge base."""
    return await dataset_facts.members(call, dataset_id)


async def list_dataset_queries(
    call: Call, *, dataset_id: str, page: int = 1, limit: int = 20
) -> schemas.DatasetQueryList:
    """List the questions that were put to a knowledge base."""
    return await dataset_facts.queries(call, dataset_id, page, limit)


async def list_related_apps(call: Call, *, dataset_id: str) -> schemas.RelatedAppList:
    """List the apps that answer from a knowledge base."""
    return await dataset_facts.related_apps(call, dataset_id)


async def check_dataset_use(call: Call, *, dataset_id: str) -> schemas.DatasetUse:
    """Ask whether an app answers from a knowledge base."""
    return await dataset_facts.use(call, dataset_id)
