"""The documents of a dataset."""

from __future__ import annotations

from typing import Any

from handlers import documents
from handlers.call import Call
from handlers.document_settings import merged_settings
from handlers.replies import UploadedFile


async def create_document_by_text(call: Call, *, dataset_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Add a text."""
    return await documents.create_by_text(call, dataset_id, body)


async def create_document_by_file(
    call: Call,
    *,
    dataset_id: str,
    file: UploadedFile,
    data: dict[str, Any] | None = None,
    process_rule: dict[str, Any] | None = None,
    indexing_technique: str | None = None,
    original_document_id: str | None = None,
    doc_form: str | None = None,
    doc_language: str | None = None,
    name: str | None = None,
) -> dict[str, Any]:
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
    return await documents.create_by_file(call, dataset_id, file, settings)


async def list_documents(
    call: Call,
    *,
    dataset_id: str,
    page: int = 1,
    limit: int = 20,
    keyword: str | None = None,
    status: str | None = None,
) -> dict[str, Any]:
    """List the documents, newest first."""
    return await documents.list_documents(call, dataset_id, page=page, limit=limit, keyword=keyword, status=status)


async def get_document(call: Call, *, dataset_id: str, document_id: str, metadata: str = "all") -> dict[str, Any]:
    """Get a document."""
    return await documents.get_document(call, dataset_id, document_id, metadata)


async def delete_document(call: Call, *, dataset_id: str, document_id: str) -> None:
    """Delete a document."""
    await documents.delete_document(call, dataset_id, document_id)


async def get_indexing_status(call: Call, *, dataset_id: str, batch: str) -> dict[str, Any]:
    """Watch the indexing of a batch."""
    return await documents.batch_status(call, dataset_id, batch)
