"""What every tier does with documents that are there: list, read, watch, delete."""

from __future__ import annotations

from collections.abc import Sequence

from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.datasets import open_dataset
from handlers.rendering.documents import (
    render_document_detail,
    render_document_list,
    render_status,
)
from handlers.rendering.metadata import ShownFields
from models import account as accounts
from models import document as documents
from models import document_indexing
from models import metadata as metadata_fields
from models.dataset import Dataset
from models.document import Document
from models.scope import Scope


async def list_documents(
    call: Call, dataset_id: str, *, page: int, limit: int, keyword: str | None, status: str | None
) -> schemas.DocumentList:
    """Return a `DocumentList`.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        found = await documents.page(scope, dataset.id, page=page, limit=limit, keyword=keyword or None, status=status)
        progress = await document_indexing.progress(scope, found.items)
        fields = await shown_fields(scope, dataset, found.items)
    return render_document_list(found, progress, fields)


async def get_document(call: Call, dataset_id: str, document_id: str, metadata: str = "all") -> schemas.DocumentDetail:
    """Return a `DocumentDetail`.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        found = await documents.get(scope, dataset.id, document_id)
        progress = await document_indexing.progress(scope, [found])
        rule = await documents.find_rule(scope, found.process_rule_id) if found.process_rule_id else None
        fields = await shown_fields(scope, dataset, [found])
    return render_document_detail(found, progress[found.id], rule, fields, metadata)


async def delete_document(call: Call, dataset_id: str, document_id: str) -> None:
    """Delete a document with its passages; its indexing ends.

    Raises:
        ApiError: `not_found`, `forbidden` or `archived_document_immutable`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        found = await documents.get(scope, dataset.id, document_id)
        check_not_archived(found)
        await documents.remove(scope, dataset.id, [found.id])
    await call.services.queues.cancel(found.id)


async def batch_status(call: Call, dataset_id: str, batch: str) -> schemas.DocumentStatusList:
    """Return a `DocumentStatusList` of the documents that were added together.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        statuses = await _statuses(scope, await documents.list_batch(scope, dataset.id, batch))
    return {"data": statuses}


async def document_status(call: Call, dataset_id: str, document_id: str) -> schemas.DocumentStatus:
    """Return the `DocumentStatus` of one document.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        [status] = await _statuses(scope, [await documents.get(scope, dataset.id, document_id)])
    return status


def check_not_archived(document: Document) -> None:
    """Refuse to change an archived document.

    Raises:
        ApiError: `archived_document_immutable`.
    """
    if document.archived:
        raise ApiError("archived_document_immutable", "The archived document is not editable.")


async def open_document(call: Call, scope: Scope, dataset_id: str, document_id: str) -> tuple[Dataset, Document]:
    """Return a document of a dataset that the caller may use, with the dataset.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    dataset = await open_dataset(call, scope, dataset_id)
    return dataset, await documents.get(scope, dataset.id, document_id)


async def failed(call: Call, dataset_id: str) -> schemas.FailedDocuments:
    """Return the documents whose indexing failed or was paused.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        statuses = await _statuses(scope, await documents.failed(scope, dataset.id))
    return {"data": statuses, "total": len(statuses)}


async def dataset_status(call: Call, dataset_id: str) -> schemas.AllDocumentStatuses:
    """Return how far all documents of a dataset have come.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        statuses = await _statuses(scope, await documents.of_dataset(scope, dataset.id))
    return {"data": statuses}


async def refuse_sync(call: Call, dataset_id: str, document_id: str | None, origin: str) -> schemas.Result:
    """Refuse to read documents again from a place that none of them comes from.

    Raises:
        ApiError: `not_found`, `forbidden`, or `unsupported_data_source`, which names the place.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        if document_id is None:
            source = (await open_dataset(call, scope, dataset_id)).data_source_type or "upload_file"
        else:
            source = (await open_document(call, scope, dataset_id, document_id))[1].data_source_type
    raise ApiError("unsupported_data_source", f"The origin is {source}; {origin} cannot be read here yet.")


async def shown_fields(scope: Scope, dataset: Dataset, listed: Sequence[Document]) -> ShownFields:
    """Return the metadata fields that some documents of a dataset show."""
    fields = (await metadata_fields.fields(scope, [dataset.id]))[dataset.id]
    uploaders: dict[str, str] = {}
    if dataset.built_in_field_enabled:
        uploaders = await accounts.names(scope, {one.created_by for one in listed if one.created_by})
    return ShownFields(fields, dataset.built_in_field_enabled, uploaders)


async def _statuses(scope: Scope, found: Sequence[Document]) -> list[schemas.DocumentStatus]:
    progress = await document_indexing.progress(scope, found)
    return [render_status(document, progress[document.id]) for document in found]
