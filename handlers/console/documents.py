"""The documents of a knowledge base."""

from __future__ import annotations

from typing import Any

from handlers import documents
from handlers.call import Call
from handlers.document_settings import merged_settings
from handlers.replies import UploadedFile

CREATED_FROM = "web"


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
    """Keep a file as a document and have it indexed."""
    settings = merged_settings(
        data,
        process_rule=process_rule,
        indexing_technique=indexing_technique,
        original_document_id=original_document_id,
        doc_form=doc_form,
        doc_language=doc_language,
        name=name,
    )
    return await documents.create_by_file(call, dataset_id, file, settings, CREATED_FROM)


async def create_document_by_text(call: Call, *, dataset_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Keep a text as a document and have it indexed."""
    return await documents.create_by_text(call, dataset_id, body, CREATED_FROM)


async def list_documents(
    call: Call,
    *,
    dataset_id: str,
    page: int = 1,
    limit: int = 20,
    keyword: str | None = None,
    search: str | None = None,
    status: str | None = None,
) -> dict[str, Any]:
    """List the documents, newest first."""
    wanted = keyword or search
    return await documents.list_documents(call, dataset_id, page=page, limit=limit, keyword=wanted, status=status)


async def get_document(call: Call, *, dataset_id: str, document_id: str, metadata: str = "all") -> dict[str, Any]:
    """Show a document."""
    return await documents.get_document(call, dataset_id, document_id, metadata)


async def delete_document(call: Call, *, dataset_id: str, document_id: str) -> None:
    """Delete a document; its segments leave the index in the same moment."""
    await documents.delete_document(call, dataset_id, document_id)


async def get_batch_indexing_status(call: Call, *, dataset_id: str, batch: str) -> dict[str, Any]:
    """Show how far the documents of a batch have come."""
    return await documents.batch_status(call, dataset_id, batch)


async def get_document_indexing_status(call: Call, *, dataset_id: str, document_id: str) -> dict[str, Any]:
    """Show how far one document has come."""
    return await documents.document_status(call, dataset_id, document_id)
