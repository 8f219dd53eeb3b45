"""New content, names and rules for documents that are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.ingestion.rules import parse_process_rule
from engine.retrieval import parse_retrieval_model
from handlers.call import Call
from handlers.contract import schemas
from handlers.datasets import acting_account, open_dataset
from handlers.document_sources import (
    Source,
    recorded,
    replace_content,
    requeue,
    rule_for,
    rule_of,
    text_source,
)
from handlers.documents import check_not_archived
from handlers.rendering.documents import render_document
from handlers.replies import UploadedFile
from handlers.uploads import keep
from models import dataset as datasets
from models import document as documents
from models.document import Document


async def update_by_text(
    call: Call, dataset_id: str, document_id: str, body: schemas.DocumentUpdateByText
) -> schemas.CreatedDocument:
    """Change a document; a new text or rule indexes it again.

    Raises:
        ApiError: `not_found`, `forbidden`, `invalid_process_rule` or `archived_document_immutable`.
    """
    original = await _check_original(call, dataset_id, document_id, body)
    text = body.get("text")
    source = None if text is None else await text_source(call, body.get("name") or original.name, text)
    return await _update(call, dataset_id, original, source, body)


async def update_by_file(
    call: Call, dataset_id: str, document_id: str, file: UploadedFile | None, settings: Mapping[str, Any]
) -> schemas.CreatedDocument:
    """Change a document; a new file or rule indexes it again.

    Raises:
        ApiError: as `update_by_text`, and as `create_by_file` of the file.
    """
    original = await _check_original(call, dataset_id, document_id, settings)
    if file is None:
        return await _update(call, dataset_id, original, None, settings)
    upload = await keep(call.services, file, only="document")
    return await _update(call, dataset_id, original, Source(settings.get("name") or upload.name, upload), settings)


async def _check_original(call: Call, dataset_id: str, document_id: str, settings: Mapping[str, Any]) -> Document:
    parse_process_rule(rule_of(settings))
    parse_retrieval_model(settings.get("retrieval_model"))
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        original = await documents.get(scope, dataset.id, document_id)
    check_not_archived(original)
    return original


async def _update(
    call: Call, dataset_id: str, original: Document, source: Source | None, settings: Mapping[str, Any]
) -> schemas.CreatedDocument:
    """Write what changes in a document, and have it indexed again where its passages may change."""
    reindexed = source is not None or rule_of(settings) is not None
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await datasets.lock(scope, dataset_id)
        acting = await acting_account(call, scope)
        if settings.get("retrieval_model"):
            dataset.retrieval_model = dict(settings["retrieval_model"])
        document = await documents.lock(scope, dataset.id, original.id)
        check_not_archived(document)
        document.name = source.name if source else settings.get("name") or document.name
        document.doc_language = settings.get("doc_language") or document.doc_language
        if reindexed:
            if source is not None:
                await replace_content(scope, document, await recorded(scope, source, acting))
            if rule_of(settings) is not None:
                document.process_rule_id = await rule_for(scope, dataset.id, settings, acting)
            await requeue(scope, document)
        await scope.session.flush()
        await scope.session.refresh(document)
    if reindexed:
        await call.services.queues.enqueue_indexing(call.workspace_id, document.id)
    return {"document": render_document(document), "batch": document.batch}
