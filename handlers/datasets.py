"""What every tier does with datasets: open one that the caller may use, list, create, change, search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.retrieval import Asker, Knowledge, parse_retrieval_model
from engine.retrieval.plane import positions
from foundation.errors import ApiError
from handlers.call import Call
from handlers.callers import AccountCaller
from handlers.contract import schemas
from handlers.rendering.datasets import Labels, render_dataset, render_dataset_list
from handlers.rendering.segments import render_found
from models import account as accounts
from models import dataset as datasets
from models import dataset_counts, external_knowledge, metadata
from models import embedding_change as embedding_changes
from models import tag as tags
from models.dataset import Dataset
from models.embedding_change import EmbeddingChange
from models.scope import Scope

SETTINGS = ("name", "description", "indexing_technique", "permission", "retrieval_model")
CLEARABLE = frozenset({"description"})
PROVIDER = "embedding_model_provider"
INDEXING = ("indexing_technique", PROVIDER, "embedding_model")


async def open_dataset(call: Call, scope: Scope, dataset_id: str) -> Dataset:
    """Return a dataset that the caller may use.

    Raises:
        ApiError: `not_found`; or `forbidden` where the dataset is closed to keys or to this account.
    """
    allowed = call.dataset_ids
    if allowed is not None and dataset_id.lower() not in allowed:
        raise ApiError("not_found", "Dataset not found.")
    found = await datasets.get(scope, dataset_id)
    if isinstance(call.caller, AccountCaller):
        if not _may_use(call.caller, found):
            raise ApiError("forbidden", "You do not have permission to access this dataset.")
    elif not found.enable_api:
        raise ApiError("forbidden", "Dataset api access is not enabled.")
    return found


def check_may_create(call: Call) -> None:
    """Refuse a key that is limited to certain datasets to make others.

    Raises:
        ApiError: `forbidden`.
    """
    if call.dataset_ids is not None:
        raise ApiError("forbidden", "This key is limited to certain datasets; it cannot create others.")


async def acting_account(call: Call, scope: Scope) -> str | None:
    """Return the account that a call acts as: the one signed in, or for a key the workspace's owner."""
    if isinstance(call.caller, AccountCaller):
        return call.caller.account_id
    owner = await accounts.find_owner(scope)
    return owner.id if owner else None


async def list_datasets(
    call: Call,
    *,
    page: int,
    limit: int,
    keyword: str | None,
    tag_ids: list[str] | None = None,
    ids: list[str] | None = None,
) -> schemas.DatasetList:
    """Return a `DatasetList` of those that the caller may use, out of `ids` where they are given."""
    caller = call.caller
    sees_all = not isinstance(caller, AccountCaller) or caller.role == "owner"
    allowed = call.dataset_ids
    wanted = None if allowed is None else sorted(allowed)
    if ids:
        wanted = [one for one in ids if allowed is None or one.lower() in allowed]
    async with call.services.database.workspace(call.workspace_id) as scope:
        if tag_ids:
            tagged = await tags.datasets_with(scope, tag_ids)
            wanted = tagged if wanted is None else [one for one in tagged if one in {other.lower() for other in wanted}]
        found = await datasets.page(
            scope,
            page=page,
            limit=limit,
            keyword=keyword or None,
            dataset_ids=wanted,
            visible_to=None if sees_all else call.account.account_id,
        )
        counts = await dataset_counts.count(scope, [dataset.id for dataset in found.items])
        names = await accounts.names(scope, {dataset.created_by for dataset in found.items if dataset.created_by})
        labels = await _labels(scope, found.items)
    return render_dataset_list(found, counts, names, labels)


async def create(call: Call, body: schemas.DatasetCreate) -> schemas.Dataset:
    """Make a dataset and return it.

    Args:
        call: the call.
        body: a `DatasetCreate`.

    Raises:
        ApiError: `dataset_name_duplicate`; `not_found` for an unknown embedding model; `forbidden` for a key that is
            limited to certain datasets.
    """
    check_may_create(call)
    parse_retrieval_model(body.get("retrieval_model"))
    fields: dict[str, Any] = {name: value for name, value in body.items() if name in SETTINGS and value is not None}
    fields |= await _embedding(call, body)
    async with call.services.database.workspace(call.workspace_id) as scope:
        made = await datasets.create(scope, created_by=await acting_account(call, scope), **fields)
        return await _shown(scope, made)


async def get(call: Call, dataset_id: str) -> schemas.Dataset:
    """Return a `Dataset`.

    Raises:
        ApiError: see `open_dataset`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        return await _shown(scope, await open_dataset(call, scope, dataset_id))


async def update(call: Call, dataset_id: str, body: schemas.DatasetUpdate) -> schemas.Dataset:
    """Change what is named in a `DatasetUpdate` and return the dataset.

    A dataset that holds documents is indexed anew in the background where its technique or its model changes.

    Raises:
        ApiError: see `open_dataset`; `dataset_name_duplicate`; `not_found` for an unknown embedding model.
    """
    parse_retrieval_model(body.get("retrieval_model"))
    changes: dict[str, Any] = {
        name: value for name, value in body.items() if name in SETTINGS and (value is not None or name in CLEARABLE)
    }
    changes |= await _embedding(call, body)
    default = await _default_embedding(call, dataset_id, body)
    if (members := body.get("partial_member_list")) is not None:
        changes["partial_members"] = [member["user_id"] for member in members]
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        acting = await acting_account(call, scope)
        started = await _start_change(scope, dataset, changes, default, acting)
        changed = await datasets.change(scope, dataset.id, changes, acting)
        await _change_source(scope, dataset, body)
        shown = await _shown(scope, changed)
    if started is not None:
        await call.services.queues.enqueue_embedding_change(call.workspace_id, started.id)
    return shown


async def delete(call: Call, dataset_id: str) -> None:
    """Delete a dataset with its documents.

    Raises:
        ApiError: see `open_dataset`; `dataset_in_use`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        await datasets.mark_deleted(scope, dataset.id)


async def search(call: Call, dataset_id: str, body: schemas.RetrieveRequest) -> schemas.RetrieveAnswer:
    """Search a dataset and return a `RetrieveAnswer`.

    Args:
        call: the call.
        dataset_id: the dataset.
        body: a `RetrieveRequest`.

    Raises:
        ApiError: see `open_dataset`; the model of its vectors cannot be had.
    """
    query: str = body["query"]
    services = call.services
    async with services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        acting = await acting_account(call, scope)
    options = parse_retrieval_model(body.get("retrieval_model"), parse_retrieval_model(dataset.retrieval_model))
    asker = Asker("hit_testing", "account", acting)
    hits = await knowledge(call).search(call.workspace_id, [dataset.id], query, options, asker)
    if body.get("with_positions"):
        return render_found(query, hits, await positions(services.database, services.embedders, dataset, query, hits))
    return render_found(query, hits)


def knowledge(call: Call) -> Knowledge:
    """Return the knowledge bases of all workspaces, as this process reaches them."""
    services = call.services
    return Knowledge(services.database, services.embedders, services.models, services.egress, services.sealer)


def _may_use(caller: AccountCaller, dataset: Dataset) -> bool:
    if caller.role == "owner" or dataset.created_by == caller.account_id:
        return True
    if dataset.permission == "partial_members":
        return caller.account_id in dataset.partial_members
    return dataset.permission == "all_team_members"


async def _shown(scope: Scope, dataset: Dataset) -> schemas.Dataset:
    counts = await dataset_counts.count(scope, [dataset.id])
    names = await accounts.names(scope, {dataset.created_by} if dataset.created_by else set())
    labels = await _labels(scope, [dataset])
    return render_dataset(dataset, counts[dataset.id], names.get(dataset.created_by or ""), labels[dataset.id])


async def _change_source(scope: Scope, dataset: Dataset, body: schemas.DatasetUpdate) -> None:
    """Say anew where an external dataset is kept and how it is searched, as far as the body does."""
    if dataset.provider != "external" or not (found := await external_knowledge.sources(scope, [dataset.id])):
        return
    kept = found[dataset.id].dataset
    if api_id := body.get("external_knowledge_api_id"):
        kept.external_knowledge_api_id = (await external_knowledge.get(scope, api_id)).id
    kept.external_knowledge_id = body.get("external_knowledge_id") or kept.external_knowledge_id
    if model := body.get("external_retrieval_model"):
        kept.retrieval = dict(model)
    await scope.session.flush()


async def _labels(scope: Scope, listed: Sequence[Dataset]) -> dict[str, Labels]:
    """Return the tags and the metadata fields of some datasets, where external ones are kept, and how others change."""
    ids = [dataset.id for dataset in listed]
    bound, fields = await tags.of_targets(scope, "knowledge", ids), await metadata.fields(scope, ids)
    away = [dataset.id for dataset in listed if dataset.provider == "external"]
    sources = await external_knowledge.sources(scope, away)
    changing = await embedding_changes.latest(scope, ids)
    for dataset in listed:
        # A change that was completed after the dataset was read stands in neither otherwise.
        change = changing.get(dataset.id)
        stands = (dataset.indexing_technique, dataset.embedding_model_provider, dataset.embedding_model)
        if change is not None and change.status == "completed" and not change.aims_at(*stands):
            await scope.session.refresh(dataset)
    return {one: Labels(bound[one], fields[one], sources.get(one), changing.get(one)) for one in ids}


async def _embedding(call: Call, body: schemas.DatasetCreate | schemas.DatasetUpdate) -> dict[str, Any]:
    """Return the columns for the embedding model that a body names, once it is known to exist."""
    model, provider = body.get("embedding_model"), body.get("embedding_model_provider")
    if not model or not provider:
        return {}
    return await embedding_columns(call, provider, model)


async def embedding_columns(call: Call, provider: str | None, model: str | None) -> dict[str, Any]:
    """Return the columns of a dataset for an embedding model; None means the workspace's own choice.

    Raises:
        ApiError: `not_found` for a model that is not here.
    """
    try:
        found = await call.services.embedders.embedder(call.workspace_id, provider, model)
    except ApiError as error:
        raise ApiError("not_found", f"The embedding model {provider}/{model} is not here. {error.message}") from error
    return {"embedding_model": found.model, "embedding_model_provider": found.provider}


async def _default_embedding(call: Call, dataset_id: str, body: schemas.DatasetUpdate) -> dict[str, Any]:
    """Return the columns for the model of a dataset that is to have vectors, where the body names none.

    Raises:
        ApiError: `not_found` where the dataset has no model and the workspace's default cannot be had.
    """
    if body.get("indexing_technique") != "high_quality" or (body.get("embedding_model") and body.get(PROVIDER)):
        return {}
    try:
        found = await call.services.embedders.embedder(call.workspace_id, None, None)
    except ApiError as error:
        async with call.services.database.workspace(call.workspace_id) as scope:
            if (await datasets.get(scope, dataset_id)).embedding_model:
                return {}
        raise ApiError("not_found", f"The default embedding model is not here. {error.message}") from error
    return {"embedding_model": found.model, PROVIDER: found.provider}


async def _start_change(
    scope: Scope, dataset: Dataset, changes: dict[str, Any], default: Mapping[str, Any], acting: str | None
) -> EmbeddingChange | None:
    """Take out of `changes` what has the documents of a dataset indexed anew, and return the job for it."""
    if not any(name in changes for name in INDEXING):
        return None
    await datasets.lock(scope, dataset.id)
    counts = (await dataset_counts.count(scope, [dataset.id]))[dataset.id]
    if not counts.documents or dataset.indexing_technique is None:
        await embedding_changes.cancel(scope, dataset.id)
        changes["embedding_dimension"] = None
        return None
    technique = changes.get("indexing_technique", dataset.indexing_technique)
    if technique == dataset.indexing_technique == "economy":
        await embedding_changes.cancel(scope, dataset.id)
        return None
    wanted = {**default, "indexing_technique": technique}
    wanted |= {name: getattr(dataset, name) for name in INDEXING[1:] if dataset.embedding_model}
    wanted |= {name: changes.pop(name) for name in INDEXING if name in changes}
    if technique == "economy":
        wanted |= {"embedding_model": None, PROVIDER: None}
    return await embedding_changes.request(
        scope, dataset, technique, wanted.get(PROVIDER), wanted.get("embedding_model"), acting
    )
