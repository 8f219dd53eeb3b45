"""What the console does with knowledge that others keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.providers.catalogue import mask
from engine.retrieval.external import ExternalSettings, ask
from engine.retrieval.metadata import parse_filter
from handlers import datasets as own
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.times import unix
from models import dataset as datasets
from models import external_knowledge as external
from models.external_knowledge import ExternalKnowledgeApi


async def list_apis(call: Call, page: int, limit: int, keyword: str | None) -> schemas.ExternalKnowledgeApiList:
    """Return one page of the workspace's APIs, newest first."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await external.page(scope, page=page, limit=limit, keyword=keyword or None)
        users = await external.datasets_of(scope, [api.id for api in found.items])
    return {
        "data": [_rendered(call, api, users[api.id]) for api in found.items],
        "has_more": found.has_more,
        "limit": found.limit,
        "total": found.total,
        "page": found.page,
    }


async def create_api(call: Call, body: schemas.ExternalKnowledgeApiRequest) -> schemas.ExternalKnowledgeApi:
    """Keep an API and return it."""
    settings = body["settings"]
    sealed = call.services.sealer.seal({"api_key": settings.get("api_key") or ""})
    async with call.services.database.workspace(call.workspace_id) as scope:
        made = await external.create(
            scope,
            name=body["name"],
            description=body.get("description") or "",
            endpoint=settings["endpoint"],
            sealed=sealed,
            created_by=call.account.account_id,
        )
    return _rendered(call, made, ())


async def get_api(call: Call, api_id: str) -> schemas.ExternalKnowledgeApi:
    """Return an API.

    Raises:
        ApiError: `not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await external.get(scope, api_id)
        users = await external.datasets_of(scope, [found.id])
    return _rendered(call, found, users[found.id])


async def update_api(
    call: Call, api_id: str, body: schemas.ExternalKnowledgeApiRequest
) -> schemas.ExternalKnowledgeApi:
    """Change an API and return it.

    Raises:
        ApiError: `not_found`.
    """
    settings = body["settings"]
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await external.get(scope, api_id)
        found.name, found.endpoint = body["name"], settings["endpoint"]
        if "description" in body:
            found.description = body["description"] or ""
        key, stored = settings.get("api_key"), _key(call, found)
        if key is not None and key != mask(stored):
            found.sealed = call.services.sealer.seal({"api_key": key})
        await scope.session.flush()
        users = await external.datasets_of(scope, [found.id])
    return _rendered(call, found, users[found.id])


async def delete_api(call: Call, api_id: str) -> None:
    """Forget an API.

    Raises:
        ApiError: `not_found`, `conflict`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        await external.remove(scope, api_id)


async def use_of_api(call: Call, api_id: str) -> schemas.ExternalKnowledgeApiUse:
    """Return whether datasets use an API.

    Raises:
        ApiError: `not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await external.get(scope, api_id)
        number = await external.count_datasets(scope, found.id)
    return {"is_using": number > 0, "count": number}


async def create_dataset(call: Call, body: schemas.ExternalDatasetCreate) -> schemas.Dataset:
    """Make an external dataset and return it.

    Raises:
        ApiError: `not_found`: there is no such API; `dataset_name_duplicate`.
    """
    model = body.get("external_retrieval_model")
    async with call.services.database.workspace(call.workspace_id) as scope:
        api = await external.get(scope, body["external_knowledge_api_id"])
        made = await datasets.create(
            scope,
            name=body["name"],
            description=body.get("description"),
            created_by=call.account.account_id,
            provider="external",
        )
        await external.bind(scope, made.id, api.id, body["external_knowledge_id"], dict(model) if model else None)
    return await own.get(call, made.id)


async def search(call: Call, dataset_id: str, body: schemas.ExternalRetrieveRequest) -> schemas.ExternalRetrieveAnswer:
    """Return what an external dataset finds, as the other side says it, and note the question.

    Raises:
        ApiError: see `handlers.datasets.open_dataset`; `completion_request_error`: the other side failed.
    """
    query: str = body["query"]
    wanted = parse_filter(body.get("metadata_filtering_conditions"))
    services = call.services
    async with services.database.workspace(call.workspace_id) as scope:
        dataset = await own.open_dataset(call, scope, dataset_id)
        source = (await external.sources(scope, [dataset.id])).get(dataset.id)
        await datasets.record_query(
            scope,
            [dataset.id],
            query,
            source="hit_testing",
            created_by_role="account",
            created_by=call.account.account_id,
        )
    records: list[schemas.ExternalRecord] = []
    if source is not None and query.strip():
        settings = ExternalSettings.of({**(source.dataset.retrieval or {}), **_given(body)})
        found = await ask(services.egress, services.sealer, source, query, settings, wanted)
        records = [
            {"content": one.content, "title": one.title, "score": one.score, "metadata": dict(one.metadata)}
            for one in found
        ]
    return {"query": {"content": query}, "records": records}


def _given(body: schemas.ExternalRetrieveRequest) -> dict[str, Any]:
    model = body.get("external_retrieval_model") or {}
    return {key: value for key, value in model.items() if value is not None}


def _key(call: Call, api: ExternalKnowledgeApi) -> str:
    return str(call.services.sealer.open(api.sealed)["api_key"])


def _rendered(call: Call, api: ExternalKnowledgeApi, users: Sequence[tuple[str, str]]) -> schemas.ExternalKnowledgeApi:
    return {
        "id": api.id,
        "tenant_id": api.workspace_id,
        "name": api.name,
        "description": api.description,
        "settings": {"endpoint": api.endpoint, "api_key": mask(_key(call, api))},
        "dataset_bindings": [{"id": dataset_id, "name": name} for dataset_id, name in users],
        "created_by": api.created_by,
        "created_at": unix(api.created_at),
    }
