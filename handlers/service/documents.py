"""The documents of a dataset."""

from __future__ import annotations

from handlers import (
    document_batches,
    document_changes,
    document_creation,
    document_files,
    document_updates,
    documents,
)
from handlers.call import Call
from handlers.contract import schemas
from handlers.document_settings import merged_settings
from handlers.replies import FileReply, UploadedFile


async def create_document_by_text(
    call: Call, *, dataset_id: str, body: schemas.DocumentCreateByText
) -> schemas.CreatedDocument:
    """Add a text."""
    return await document_creation.create_by_text(call, dataset_id, body)


async def create_document_by_file(
    call: Call,
    *,
    dataset_id: str,
    file: UploadedFile,
    data: schemas.DocumentSettings | None = None,
    process_rule: schemas.ProcessRule | None = None,
    indexing_technique: str | None = None,
    original_document_id: str | None = None,
    doc_form: str | None = None,
    doc_language: str | None = None,
    name: str | None = None,
) -> schemas.CreatedDocument:
    """Add a file."""
    settings = merged_settings(
        data,
        process_rule=process_rule,
        indexing_technique=indexing_technique,
        original_document_id=original_document_id,
        doc_form=doc_form,
        doc_language=doc_language,
        name=name,
    )
    return await document_creation.create_by_file(call, dataset_id, file, settings)


async def list_documents(
    call: Call,
    *,
    dataset_id: str,
    page: int = 1,
    limit: int = 20,
    keyword: str | None = None,
    status: str | None = None,
) -> schemas.DocumentList:
    """List the documents, newest first."""
    return await documents.list_documents(call, dataset_id, page=page, limit=limit, keyword=keyword, status=status)


async def get_document(
    call: Call, *, dataset_id: str, document_id: str, metadata: str = "all"
) -> schemas.DocumentDetail:
    """Get a document."""
    return await documents.get_document(call, dataset_id, document_id, metadata)


async def delete_document(call: Call, *, dataset_id: str, document_id: str) -> None:
    """Delete a document."""
    await documents.delete_document(call, dataset_id, document_id)


async def get_indexing_status(call: Call, *, dataset_id: str, batch: str) -> schemas.DocumentStatusList:
    """Watch the indexing of a batch."""
    return await documents.batch_status(call, dataset_id, batch)


async def create_documents(
    call: Call,
    *,
    dataset_id: str,
    body: schemas.DocumentsCreate | None = None,
    file: UploadedFile | None = None,
    data: schemas.DocumentSettings | None = None,
    process_rule: schemas.ProcessRule | None = None,
    indexing_technique: str | None = None,
    original_document_id: str | None = None,
    doc_form: str | None = None,
    doc_language: str | None = None,
    name: str | None = None,
) -> schemas.CreatedDocuments:
    """Add a text, files that were uploaded before, or a file."""
    if file is not None:
        made = await create_document_by_file(
            call,
            dataset_id=dataset_id,
            file=file,
            data=data,
            process_rule=process_rule,
            indexing_technique=indexing_technique,
            original_document_id=original_document_id,
            doc_form=doc_form,
            doc_language=doc_language,
            name=name,
        )
        return document_creation.as_batch(made)
    return await document_creation.create_from_json(call, dataset_id, body or {})


async def create_document_batch(
    call: Call,
    *,
    dataset_id: str,
    files: list[UploadedFile] | None = None,
    lines: UploadedFile | None = None,
    data: schemas.DocumentSettings | None = None,
) -> schemas.CreatedDocuments:
    """Add many documents at once."""
    return await document_batches.create_batch(call, dataset_id, files or [], lines, data or {})


async def get_document_status(call: Call, *, dataset_id: str, document_id: str) -> schemas.DocumentStatus:
    """Watch the indexing of one document."""
    return await documents.document_status(call, dataset_id, document_id)


async def update_document_by_text(
    call: Call, *, dataset_id: str, document_id: str, body: schemas.DocumentUpdateByText
) -> schemas.CreatedDocument:
    """Change a document."""
    return await document_updates.update_by_text(call, dataset_id, document_id, body)


async def update_document(
    call: Call,
    *,
    dataset_id: str,
    document_id: str,
    file: UploadedFile | None = None,
    data: schemas.DocumentSettings | None = None,
    process_rule: schemas.ProcessRule | None = None,
    doc_language: str | None = None,
    name: str | None = None,
) -> schemas.CreatedDocument:
    """Replace a document by a file."""
    settings = merged_settings(data, process_rule=process_rule, doc_language=doc_language, name=name)
    return await document_updates.update_by_file(call, dataset_id, document_id, file, settings)


async def set_document_status(
    call: Call, *, dataset_id: str, action: schemas.DocumentStatusAction, body: schemas.DocumentIds
) -> schemas.Result:
    """Enable, disable, archive or bring back documents."""
    return await document_changes.set_status(call, dataset_id, body["document_ids"], action)


async def download_document(call: Call, *, dataset_id: str, document_id: str) -> schemas.SignedUrl:
    """Get an address to download a document from."""
    return await document_files.download_url(call, dataset_id, document_id)


async def download_documents_zip(call: Call, *, dataset_id: str, body: schemas.DocumentIds) -> FileReply:
    """Download documents as one archive."""
    return await document_files.download_zip(call, dataset_id, body["document_ids"])


async def upload_knowledge_file(call: Call, *, file: UploadedFile) -> schemas.UploadedFile:
    """Upload a file for later documents."""
    return await document_files.upload(call, file)
