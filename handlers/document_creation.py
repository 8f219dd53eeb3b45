"""New documents: from texts, from files, and from files that were uploaded before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.ingestion.rules import parse_process_rule
from engine.retrieval import parse_retrieval_model
from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.datasets import acting_account, embedding_columns, open_dataset
from handlers.document_sources import (
    Source,
    new_batch,
    recorded,
    replace_content,
    requeue,
    rule_for,
    rule_of,
    text_source,
    uploaded_files,
)
from handlers.documents import check_not_archived
from handlers.rendering.datasets import render_brief
from handlers.rendering.documents import render_document
from handlers.rendering.trusted import trusted
from handlers.replies import UploadedFile
from handlers.uploads import keep
from models import dataset as datasets
from models import document as documents
from models import embedding_change as embedding_changes
from models.dataset import Dataset
from models.document import Document
from models.scope import Scope
from models.upload_file import UploadFile


@dataclass(frozen=True, slots=True)
class Created:
    """What came of an addition: the dataset as it is now, and its new documents in one batch."""

    dataset: Dataset
    documents: Sequence[Document]
    batch: str


async def create_by_text(
    call: Call, dataset_id: str, body: schemas.DocumentCreateByText, created_from: str = "api"
) -> schemas.CreatedDocument:
    """Keep a text as a document, start its indexing, and return a `CreatedDocument`.

    Args:
        call: the call.
        dataset_id: the dataset.
        body: a `DocumentCreateByText`.
        created_from: by which way: `api` or `web`.

    Raises:
        ApiError: `not_found`, `forbidden`, `invalid_process_rule`, `conflict` or `archived_document_immutable`.
    """
    await check(call, dataset_id, body)
    source = await text_source(call, body["name"], body["text"])
    return _one(await create(call, dataset_id, [source], body, created_from))


async def create_by_file(
    call: Call, dataset_id: str, file: UploadedFile, settings: Mapping[str, Any], created_from: str = "api"
) -> schemas.CreatedDocument:
    """Keep a file as a document, start its indexing, and return a `CreatedDocument`.

    Args:
        call: the call.
        dataset_id: the dataset.
        file: the file.
        settings: a `DocumentSettings`, see `handlers.document_settings`.
        created_from: by which way: `api` or `web`.

    Raises:
        ApiError: `not_found`, `forbidden`, `invalid_process_rule`, `conflict`, `archived_document_immutable`,
            `filename_not_exists_error`, `unsupported_file_type` or `file_too_large`.
    """
    await check(call, dataset_id, settings)
    upload = await keep(call.services, file, only="document")
    source = Source(settings.get("name") or upload.name, upload)
    return _one(await create(call, dataset_id, [source], settings, created_from))


async def create_from_files(
    call: Call, dataset_id: str, settings: Mapping[str, Any], created_from: str = "api"
) -> Created:
    """Make a document of each file that was uploaded before, and start their indexing.

    Args:
        call: the call.
        dataset_id: the dataset.
        settings: a `DocumentCreateFromFiles`.
        created_from: by which way: `api` or `web`.

    Raises:
        ApiError: `not_found`, `forbidden`, `file_not_found`, `conflict`, `invalid_process_rule`, `invalid_param` where
            several files are to replace one document, or `archived_document_immutable`.
    """
    await check(call, dataset_id, settings)
    files = await uploaded_files(call, settings["data_source"]["info_list"]["file_info_list"]["file_ids"])
    if settings.get("original_document_id") and len(files) > 1:
        raise ApiError("conflict", "One file can replace a document; several were named.")
    return await create(call, dataset_id, [Source(file.name, file) for file in files], settings, created_from)


async def create_from_json(
    call: Call, dataset_id: str, body: Mapping[str, Any], created_from: str = "api"
) -> schemas.CreatedDocuments:
    """Make documents of a text, or of files that were uploaded before, whichever the body holds.

    Raises:
        ApiError: as `create_by_text` and `create_from_files`.
    """
    if body.get("text") is not None:
        return as_batch(await create_by_text(call, dataset_id, trusted(body), created_from))
    return as_documents(await create_from_files(call, dataset_id, body, created_from))


async def check(call: Call, dataset_id: str, settings: Mapping[str, Any]) -> None:
    """Refuse what cannot be done before anything is stored."""
    parse_process_rule(rule_of(settings))
    parse_retrieval_model(settings.get("retrieval_model"))
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        await _check_technique(scope, dataset, settings)
        if original := settings.get("original_document_id"):
            check_not_archived(await documents.get(scope, dataset.id, original))


async def _check_technique(scope: Scope, dataset: Dataset, settings: Mapping[str, Any]) -> None:
    if dataset.provider == "external":
        raise ApiError("conflict", "This knowledge base is kept elsewhere; it takes no documents.")
    wanted = settings.get("indexing_technique")
    if wanted and dataset.indexing_technique and wanted != dataset.indexing_technique:
        change = (await embedding_changes.latest(scope, [dataset.id])).get(dataset.id)
        if change is not None and change.indexing_technique == wanted and change.status in ("waiting", "processing"):
            return
        text = f"The dataset is indexed as {dataset.indexing_technique}; its documents cannot be {wanted}."
        raise ApiError("conflict", text)


async def create(
    call: Call, dataset_id: str, sources: Sequence[Source], settings: Mapping[str, Any], created_from: str
) -> Created:
    """Write new documents and enqueue their indexing, or put one source into the place of a document's content.

    Args:
        call: the call.
        dataset_id: the dataset.
        sources: the contents, stored already; `check` has passed.
        settings: a `DocumentSettings`; with `original_document_id` there is one source.
        created_from: by which way: `api` or `web`.

    Raises:
        ApiError: `not_found`, `conflict` or `archived_document_immutable`.
    """
    embedding = await _embedding(call, dataset_id, settings)
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await datasets.lock(scope, dataset_id)
        await _check_technique(scope, dataset, settings)
        acting = await acting_account(call, scope)
        _settle(dataset, settings, embedding)
        rule_id = await rule_for(scope, dataset.id, settings, acting)
        made: list[Document] = []
        batch = new_batch()
        for source in sources:
            upload = await recorded(scope, source, acting)
            if original_id := settings.get("original_document_id"):
                original = await documents.lock(scope, dataset.id, original_id)
                check_not_archived(original)
                original.name, original.process_rule_id = source.name, rule_id
                await replace_content(scope, original, upload)
                await requeue(scope, original)
                await scope.session.refresh(original)
                made, batch = [original], original.batch
                break
            made.append(_document(dataset, source.name, upload, rule_id, batch, settings, created_from, acting))
        else:
            await documents.create_batch(scope, dataset.id, made)
    await call.services.queues.enqueue_indexing(call.workspace_id, *(document.id for document in made))
    return Created(dataset, made, batch)


def _document(
    dataset: Dataset,
    name: str,
    upload: UploadFile,
    rule_id: str,
    batch: str,
    settings: Mapping[str, Any],
    created_from: str,
    acting: str | None,
) -> Document:
    return Document(
        name=name,
        batch=batch,
        process_rule_id=rule_id,
        upload_file_id=upload.id,
        data_source_type="upload_file",
        data_source_info={"upload_file_id": upload.id},
        doc_form=dataset.doc_form or "text_model",
        doc_language=settings.get("doc_language") or "English",
        doc_type=upload.extension,
        created_from=created_from,
        created_by=acting,
    )


def as_batch(created: schemas.CreatedDocument) -> schemas.CreatedDocuments:
    """Render one new document as a batch of one."""
    return {"document": created["document"], "documents": [created["document"]], "batch": created["batch"]}


def as_documents(created: Created) -> schemas.CreatedDocuments:
    """Render new documents as a batch; the first of them stands alone, too."""
    shown = [render_document(document) for document in created.documents]
    return {"document": shown[0], "documents": shown, "batch": created.batch}


def with_dataset(created: Created) -> schemas.DatasetAndDocuments:
    """Render new documents beside their dataset."""
    return {
        "dataset": render_brief(created.dataset),
        "documents": [render_document(document) for document in created.documents],
        "batch": created.batch,
    }


def _one(created: Created) -> schemas.CreatedDocument:
    return {"document": render_document(created.documents[0]), "batch": created.batch}


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
    return await embedding_columns(call, provider or None, model or None)
