"""What every tier does with documents: add by text or by file, list, read, watch, delete."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from engine.ingestion.rules import parse_process_rule
from engine.retrieval import parse_retrieval_model
from foundation.errors import ApiError
from handlers.call import Call
from handlers.datasets import acting_account, open_dataset
from handlers.file_kinds import FILE_TYPES
from handlers.rendering.documents import (
    render_document,
    render_document_detail,
    render_document_list,
    render_status,
)
from handlers.replies import UploadedFile
from handlers.uploads import CheckedUpload, keep, keep_text
from models import dataset as datasets
from models import document as documents
from models import document_indexing, upload_file
from models.author import Author
from models.dataset import Dataset
from models.document import Document, RuleMode
from models.scope import Scope

TEXT_EXTENSIONS = frozenset({"txt", "md", "markdown", "html", "htm"})


@dataclass(frozen=True, slots=True)
class Source:
    """The stored content of a new document, and what the document is called."""

    name: str
    upload: CheckedUpload


async def create_by_text(
    call: Call, dataset_id: str, body: Mapping[str, Any], created_from: str = "api"
) -> dict[str, Any]:
    """Keep a text as a document, start its indexing, and return a `CreatedDocument`.

    Args:
        call: the call.
        dataset_id: the dataset.
        body: a `DocumentCreateByText`.
        created_from: by which way: `api` or `web`.

    Raises:
        ApiError: `not_found`, `forbidden`, `invalid_param`, `conflict` or `archived_document_immutable`.
    """
    await _check(call, dataset_id, body)
    name, text = body["name"], body["text"]
    stored = await keep_text(call.services.storage, text)
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    if extension not in TEXT_EXTENSIONS:
        extension = "txt"
    file_name = name if name.lower().endswith(f".{extension}") else f"{name}.{extension}"
    upload = CheckedUpload(file_name, extension, FILE_TYPES[extension], stored, len(text))
    return await _create(call, dataset_id, Source(name, upload), body, created_from)


async def create_by_file(
    call: Call, dataset_id: str, file: UploadedFile, settings: Mapping[str, Any], created_from: str = "api"
) -> dict[str, Any]:
    """Keep a file as a document, start its indexing, and return a `CreatedDocument`.

    Args:
        call: the call.
        dataset_id: the dataset.
        file: the file.
        settings: a `DocumentSettings`, see `handlers.document_settings`.
        created_from: by which way: `api` or `web`.

    Raises:
        ApiError: `not_found`, `forbidden`, `invalid_param`, `conflict`, `archived_document_immutable`,
            `filename_not_exists_error`, `unsupported_file_type` or `file_too_large`.
    """
    await _check(call, dataset_id, settings)
    upload = await keep(call.services, file, only="document")
    return await _create(call, dataset_id, Source(settings.get("name") or upload.name, upload), settings, created_from)


async def list_documents(
    call: Call, dataset_id: str, *, page: int, limit: int, keyword: str | None, status: str | None
) -> dict[str, Any]:
    """Return a `DocumentList`.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        found = await documents.page(scope, dataset.id, page=page, limit=limit, keyword=keyword or None, status=status)
        progress = await document_indexing.progress(scope, found.items)
    return render_document_list(found, progress)


async def get_document(call: Call, dataset_id: str, document_id: str, metadata: str = "all") -> dict[str, Any]:
    """Return a `DocumentDetail`.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        found = await documents.get(scope, dataset.id, document_id)
        progress = await document_indexing.progress(scope, [found])
        rule = await documents.find_rule(scope, found.process_rule_id) if found.process_rule_id else None
    return render_document_detail(found, progress[found.id], rule, metadata)


async def delete_document(call: Call, dataset_id: str, document_id: str) -> None:
    """Delete a document with its passages; its indexing ends.

    Raises:
        ApiError: `not_found`, `forbidden` or `archived_document_immutable`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        found = await documents.get(scope, dataset.id, document_id)
        _check_not_archived(found)
        await documents.remove(scope, dataset.id, [found.id])
    await call.services.queues.cancel(found.id)


async def batch_status(call: Call, dataset_id: str, batch: str) -> dict[str, Any]:
    """Return a `DocumentStatusList` of the documents that were added together.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        found = await documents.list_batch(scope, dataset.id, batch)
        progress = await document_indexing.progress(scope, found)
    return {"data": [render_status(document, progress[document.id]) for document in found]}


async def document_status(call: Call, dataset_id: str, document_id: str) -> dict[str, Any]:
    """Return the `DocumentStatus` of one document.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        found = await documents.get(scope, dataset.id, document_id)
        progress = await document_indexing.progress(scope, [found])
    return render_status(found, progress[found.id])


async def _check(call: Call, dataset_id: str, settings: Mapping[str, Any]) -> None:
    """Refuse what cannot be done before anything is stored."""
    parse_process_rule(_rule_of(settings))
    parse_retrieval_model(settings.get("retrieval_model"))
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        _check_technique(dataset, settings)
        if original := settings.get("original_document_id"):
            _check_not_archived(await documents.get(scope, dataset.id, original))


def _check_technique(dataset: Dataset, settings: Mapping[str, Any]) -> None:
    wanted = settings.get("indexing_technique")
    if wanted and dataset.indexing_technique and wanted != dataset.indexing_technique:
        text = f"The dataset is indexed as {dataset.indexing_technique}; its documents cannot be {wanted}."
        raise ApiError("conflict", text)


def _check_not_archived(document: Document) -> None:
    if document.archived:
        raise ApiError("archived_document_immutable", "The archived document is not editable.")


async def _create(
    call: Call, dataset_id: str, source: Source, settings: Mapping[str, Any], created_from: str
) -> dict[str, Any]:
    embedding = await _embedding(call, dataset_id, settings)
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await datasets.lock(scope, dataset_id)
        _check_technique(dataset, settings)
        acting = await acting_account(call, scope)
        _settle(dataset, settings, embedding)
        upload = await source.upload.record(scope, Author(account_id=acting))
        await upload_file.mark_used(scope, [upload.id])
        columns = {
            "process_rule_id": await _rule(scope, dataset.id, settings, acting),
            "upload_file_id": upload.id,
            "batch": _new_batch(),
            "name": source.name,
            "data_source_type": "upload_file",
            "data_source_info": {"upload_file_id": upload.id},
            "doc_language": settings.get("doc_language") or "English",
            "doc_type": upload.extension,
        }
        document = await _written(scope, dataset, settings.get("original_document_id"), columns, created_from, acting)
    await call.services.queues.enqueue_indexing(call.workspace_id, document.id)
    return {"document": render_document(document), "batch": document.batch}


async def _written(
    scope: Scope,
    dataset: Dataset,
    original_id: str | None,
    columns: dict[str, Any],
    created_from: str,
    acting: str | None,
) -> Document:
    """Add a document, or put the new content into the one that it replaces."""
    if not original_id:
        form = dataset.doc_form or "text_model"
        made = Document(doc_form=form, created_from=created_from, created_by=acting, **columns)
        return (await documents.create_batch(scope, dataset.id, [made]))[0]
    original = await documents.get(scope, dataset.id, original_id)
    _check_not_archived(original)
    for column, value in columns.items():
        setattr(original, column, value)
    await scope.session.flush()
    await document_indexing.requeue(scope, [original.id])
    await scope.session.refresh(original)
    return original


def _settle(dataset: Dataset, settings: Mapping[str, Any], embedding: Mapping[str, Any]) -> None:
    """Decide with the first document what the dataset has left open."""
    if dataset.indexing_technique is None:
        dataset.indexing_technique = settings.get("indexing_technique") or "high_quality"
    if dataset.indexing_technique == "high_quality" and dataset.embedding_model is None:
        for column, value in embedding.items():
            setattr(dataset, column, value)
    if dataset.retrieval_model is None and settings.get("retrieval_model"):
        dataset.retrieval_model = dict(settings["retrieval_model"])
    dataset.doc_form = dataset.doc_form or settings.get("doc_form") or "text_model"
    dataset.data_source_type = dataset.data_source_type or "upload_file"


async def _embedding(call: Call, dataset_id: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the embedding model that a dataset is to keep, where it has none yet and needs one.

    Raises:
        ApiError: `not_found` for a model that is not here.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await datasets.get(scope, dataset_id)
    technique = dataset.indexing_technique or settings.get("indexing_technique") or "high_quality"
    if technique == "economy" or dataset.embedding_model:
        return {}
    provider, model = settings.get("embedding_model_provider"), settings.get("embedding_model")
    try:
        found = await call.services.embedders.embedder(call.workspace_id, provider or None, model or None)
    except ApiError as error:
        raise ApiError("not_found", f"The embedding model {provider}/{model} is not here. {error.message}") from error
    return {"embedding_model": found.model, "embedding_model_provider": found.provider}


async def _rule(scope: Scope, dataset_id: str, settings: Mapping[str, Any], acting: str | None) -> str:
    """Return the rule for a new document: the one that is sent, else the dataset's last, else a new automatic one."""
    sent = _rule_of(settings)
    if not sent and (latest := await documents.latest_rule(scope, dataset_id)) is not None:
        return latest.id
    mode: RuleMode = (sent or {}).get("mode") or "automatic"
    rules = (sent or {}).get("rules") if mode != "automatic" else None
    return (await documents.add_rule(scope, dataset_id, mode, rules, acting)).id


def _rule_of(settings: Mapping[str, Any]) -> Mapping[str, Any] | None:
    rule: Mapping[str, Any] | None = settings.get("process_rule") or settings.get("text_preprocessing_rule")
    return rule


def _new_batch() -> str:
    return f"{datetime.now(UTC):%Y%m%d%H%M%S}{secrets.randbelow(900_000) + 100_000}"
