"""New documents and new content for old ones: from texts, from files, and from files that were uploaded before."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from engine.ingestion.rules import parse_process_rule
from engine.retrieval import parse_retrieval_model
from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.datasets import acting_account, open_dataset
from handlers.documents import check_not_archived
from handlers.file_kinds import FILE_TYPES
from handlers.rendering.datasets import render_brief
from handlers.rendering.documents import render_document
from handlers.rendering.trusted import trusted
from handlers.replies import UploadedFile
from handlers.uploads import CheckedUpload, keep, keep_text
from models import dataset as datasets
from models import document as documents
from models import document_indexing, upload_file
from models.author import Author
from models.dataset import Dataset
from models.document import Document, RuleMode
from models.scope import Scope
from models.upload_file import UploadFile

TEXT_EXTENSIONS = frozenset({"txt", "md", "markdown", "html", "htm"})


@dataclass(frozen=True, slots=True)
class Source:
    """The content of a document, stored a moment ago or uploaded before, and what the document is called."""

    name: str
    upload: CheckedUpload | UploadFile


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
    await _check(call, dataset_id, body)
    source = await _text_source(call, body["name"], body["text"])
    return _one(await _create(call, dataset_id, [source], body, created_from))


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
    await _check(call, dataset_id, settings)
    upload = await keep(call.services, file, only="document")
    source = Source(settings.get("name") or upload.name, upload)
    return _one(await _create(call, dataset_id, [source], settings, created_from))


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
    await _check(call, dataset_id, settings)
    files = await uploaded_files(call, settings["data_source"]["info_list"]["file_info_list"]["file_ids"])
    if settings.get("original_document_id") and len(files) > 1:
        raise ApiError("conflict", "One file can replace a document; several were named.")
    return await _create(call, dataset_id, [Source(file.name, file) for file in files], settings, created_from)


async def create_from_json(
    call: Call, dataset_id: str, body: Mapping[str, Any], created_from: str = "api"
) -> schemas.CreatedDocuments:
    """Make documents of a text, or of files that were uploaded before, whichever the body holds.

    Raises:
        ApiError: as `create_by_text` and `create_from_files`.
    """
    if body.get("text") is not None:
        return as_batch(await create_by_text(call, dataset_id, trusted(body), created_from))
    created = await create_from_files(call, dataset_id, body, created_from)
    shown = [render_document(document) for document in created.documents]
    return {"document": shown[0], "documents": shown, "batch": created.batch}


async def uploaded_files(call: Call, file_ids: Sequence[str]) -> list[UploadFile]:
    """Return files that were uploaded before, each once.

    Raises:
        ApiError: `file_not_found` for one that is not there, or belongs to a person who asks an app.
    """
    wanted = list(dict.fromkeys(file_id.lower() for file_id in file_ids))
    async with call.services.database.workspace(call.workspace_id) as scope:
        files = await upload_file.get_many(scope, wanted)
    if strange := [file.id for file in files if file.app_id is not None]:
        raise ApiError("file_not_found", f"File not found: {strange[0]}.")
    return files


async def update_by_text(
    call: Call, dataset_id: str, document_id: str, body: schemas.DocumentUpdateByText
) -> schemas.CreatedDocument:
    """Change a document; a new text or rule indexes it again.

    Raises:
        ApiError: `not_found`, `forbidden`, `invalid_process_rule` or `archived_document_immutable`.
    """
    original = await _check_original(call, dataset_id, document_id, body)
    text = body.get("text")
    source = None if text is None else await _text_source(call, body.get("name") or original.name, text)
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


async def _text_source(call: Call, name: str, text: str) -> Source:
    """Store a text as a file that is called like its document."""
    stored = await keep_text(call.services.storage, text)
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    if extension not in TEXT_EXTENSIONS:
        extension = "txt"
    file_name = name if name.lower().endswith(f".{extension}") else f"{name}.{extension}"
    upload = CheckedUpload(file_name, extension, FILE_TYPES[extension], stored, len(text))
    return Source(name, upload)


async def _check(call: Call, dataset_id: str, settings: Mapping[str, Any]) -> None:
    """Refuse what cannot be done before anything is stored."""
    parse_process_rule(_rule_of(settings))
    parse_retrieval_model(settings.get("retrieval_model"))
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        _check_technique(dataset, settings)
        if original := settings.get("original_document_id"):
            check_not_archived(await documents.get(scope, dataset.id, original))


def _check_technique(dataset: Dataset, settings: Mapping[str, Any]) -> None:
    if dataset.provider == "external":
        raise ApiError("conflict", "This knowledge base is kept elsewhere; it takes no documents.")
    wanted = settings.get("indexing_technique")
    if wanted and dataset.indexing_technique and wanted != dataset.indexing_technique:
        text = f"The dataset is indexed as {dataset.indexing_technique}; its documents cannot be {wanted}."
        raise ApiError("conflict", text)


async def _check_original(call: Call, dataset_id: str, document_id: str, settings: Mapping[str, Any]) -> Document:
    parse_process_rule(_rule_of(settings))
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
    reindexed = source is not None or _rule_of(settings) is not None
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
                await _replace_content(scope, document, await _recorded(scope, source, acting))
            if _rule_of(settings) is not None:
                document.process_rule_id = await _rule(scope, dataset.id, settings, acting)
            await _requeue(scope, document)
        await scope.session.flush()
        await scope.session.refresh(document)
    if reindexed:
        await call.services.queues.enqueue_indexing(call.workspace_id, document.id)
    return {"document": render_document(document), "batch": document.batch}


async def _create(
    call: Call, dataset_id: str, sources: Sequence[Source], settings: Mapping[str, Any], created_from: str
) -> Created:
    embedding = await _embedding(call, dataset_id, settings)
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await datasets.lock(scope, dataset_id)
        _check_technique(dataset, settings)
        acting = await acting_account(call, scope)
        _settle(dataset, settings, embedding)
        rule_id = await _rule(scope, dataset.id, settings, acting)
        made: list[Document] = []
        batch = _new_batch()
        for source in sources:
            upload = await _recorded(scope, source, acting)
            if original_id := settings.get("original_document_id"):
                original = await documents.lock(scope, dataset.id, original_id)
                check_not_archived(original)
                original.name, original.process_rule_id = source.name, rule_id
                await _replace_content(scope, original, upload)
                await _requeue(scope, original)
                await scope.session.refresh(original)
                made, batch = [original], original.batch
                break
            made.append(_document(dataset, source.name, upload, rule_id, batch, settings, created_from, acting))
        else:
            await documents.create_batch(scope, dataset.id, made)
    for document in made:
        await call.services.queues.enqueue_indexing(call.workspace_id, document.id)
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


async def _recorded(scope: Scope, source: Source, acting: str | None) -> UploadFile:
    """Return the row of a document's file, which is in use from now on."""
    upload = source.upload
    row = await upload.record(scope, Author(account_id=acting)) if isinstance(upload, CheckedUpload) else upload
    await upload_file.mark_used(scope, [row.id])
    return row


async def _replace_content(scope: Scope, document: Document, upload: UploadFile) -> None:
    """Put a file into the place of the one that a document had, which goes where nothing else uses it."""
    former = document.upload_file_id
    document.upload_file_id, document.doc_type = upload.id, upload.extension
    document.data_source_info = {"upload_file_id": upload.id}
    await scope.session.flush()
    if former and former != upload.id:
        await upload_file.discard(scope, [former])


async def _requeue(scope: Scope, document: Document) -> None:
    document.batch = _new_batch()
    await scope.session.flush()
    await document_indexing.requeue(scope, [document.id])


def as_batch(created: schemas.CreatedDocument) -> schemas.CreatedDocuments:
    """Render one new document as a batch of one."""
    return {"document": created["document"], "documents": [created["document"]], "batch": created["batch"]}


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
