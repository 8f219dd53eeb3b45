"""What people change about documents without changing their text: state, name, pause, retry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.datasets import acting_account, open_dataset
from handlers.documents import check_not_archived, open_document
from handlers.rendering.documents import render_document
from models import document as documents
from models import document_indexing
from models.document import WORKING, Document
from models.table import now

Action = Literal["enable", "disable", "archive", "un_archive"]


async def set_status(call: Call, dataset_id: str, document_ids: Sequence[str], action: Action) -> schemas.Result:
    """Enable, disable, archive or bring back documents: all of them, or none.

    Raises:
        ApiError: `not_found`, `forbidden`, or `document_indexing` where one that is to be disabled is not complete.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        acting = await acting_account(call, scope)
        for document in await documents.get_all(scope, dataset.id, document_ids):
            _set_status(document, action, acting)
    return {"result": "success"}


async def rename(call: Call, dataset_id: str, document_id: str, name: str) -> schemas.Document:
    """Give a document another name.

    Raises:
        ApiError: `not_found`, `forbidden` or `archived_document_immutable`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        _, document = await open_document(call, scope, dataset_id, document_id)
        check_not_archived(document)
        document.name = name
        await scope.session.flush()
        progress = await document_indexing.progress(scope, [document])
    return render_document(document, progress[document.id])


async def pause(call: Call, dataset_id: str, document_id: str) -> None:
    """Pause the indexing of a document; its worker writes nothing more.

    Raises:
        ApiError: `not_found`, `forbidden`, `archived_document_immutable`, or `document_indexing` where it is not being
            indexed.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        _, document = await open_document(call, scope, dataset_id, document_id)
        check_not_archived(document)
        if document.indexing_status == "paused":
            return
        if not await document_indexing.pause(scope, document.id, await acting_account(call, scope)):
            raise ApiError("document_indexing", f"The document is {document.indexing_status} and cannot be paused.")
    await call.services.queues.cancel(document.id)


async def resume(call: Call, dataset_id: str, document_id: str) -> None:
    """Let a paused document be indexed again.

    Raises:
        ApiError: `not_found`, `forbidden`, `archived_document_immutable`, or `document_indexing` where it is not
            paused.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        document = await documents.lock(scope, dataset.id, document_id)
        check_not_archived(document)
        if document.indexing_status != "paused":
            raise ApiError("document_indexing", f"The document is {document.indexing_status}, not paused.")
        await document_indexing.requeue(scope, [document.id])
    await call.services.queues.enqueue_indexing(call.workspace_id, document.id)


async def retry(call: Call, dataset_id: str, document_ids: Sequence[str]) -> None:
    """Let failed and paused documents be indexed again: all of them, or none.

    Raises:
        ApiError: `not_found`, `forbidden`, `archived_document_immutable`, `document_already_finished`, or
            `document_indexing` for one that is being indexed.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        wanted = await documents.get_all(scope, dataset.id, document_ids)
        for document in wanted:
            check_not_archived(document)
            if document.indexing_status == "completed":
                raise ApiError("document_already_finished", f"{document.name} is complete; there is nothing to retry.")
            if document.indexing_status in ("waiting", *WORKING):
                raise ApiError("document_indexing", f"{document.name} is being indexed.")
        await document_indexing.requeue(scope, [document.id for document in wanted])
    for document in wanted:
        await call.services.queues.enqueue_indexing(call.workspace_id, document.id)


async def remove(call: Call, dataset_id: str, document_ids: Sequence[str]) -> None:
    """Delete documents with their passages: all of them, or none.

    Raises:
        ApiError: `not_found`, `forbidden` or `archived_document_immutable`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        doomed = await documents.get_all(scope, dataset.id, document_ids)
        for document in doomed:
            check_not_archived(document)
        await documents.remove(scope, dataset.id, [document.id for document in doomed])
    for document in doomed:
        await call.services.queues.cancel(document.id)


def _set_status(document: Document, action: Action, acting: str | None) -> None:
    if action == "disable" and document.indexing_status != "completed":
        raise ApiError(
            "document_indexing", f"{document.name} is {document.indexing_status} and cannot be disabled yet."
        )
    if action in ("enable", "disable"):
        enabled = action == "enable"
        if document.enabled is not enabled:
            document.enabled = enabled
            document.disabled_at = None if enabled else now()
            document.disabled_by = None if enabled else acting
        return
    archived = action == "archive"
    if document.archived is not archived:
        document.archived = archived
        document.archived_at = now() if archived else None
        document.archived_by = acting if archived else None
