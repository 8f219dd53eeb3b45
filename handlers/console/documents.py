"""The documents of a knowledge base."""

from __future__ import annotations

from handlers import document_changes, document_creation, document_files, documents, estimates, knowledge_init
from handlers.call import Call
from handlers.contract import schemas
from handlers.document_settings import merged_settings
from handlers.replies import UploadedFile

CREATED_FROM = "web"


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
    return await document_creation.create_by_file(call, dataset_id, file, settings, CREATED_FROM)


async def create_document_by_text(
    call: Call, *, dataset_id: str, body: schemas.DocumentCreateByText
) -> schemas.CreatedDocument:
    """Keep a text as a document and have it indexed."""
    return await document_creation.create_by_text(call, dataset_id, body, CREATED_FROM)


async def list_documents(
    call: Call,
    *,
    dataset_id: str,
    page: int = 1,
    limit: int = 20,
    keyword: str | None = None,
    search: str | None = None,
    status: str | None = None,
) -> schemas.DocumentList:
    """List the documents, newest first."""
    wanted = keyword or search
    return await documents.list_documents(call, dataset_id, page=page, limit=limit, keyword=wanted, status=status)


async def get_document(
    call: Call, *, dataset_id: str, document_id: str, metadata: str = "all"
) -> schemas.DocumentDetail:
    """Show a document."""
    return await documents.get_document(call, dataset_id, document_id, metadata)


async def delete_document(call: Call, *, dataset_id: str, document_id: str) -> None:
    """Delete a document; its segments leave the index in the same moment."""
    await documents.delete_document(call, dataset_id, document_id)


async def get_batch_indexing_status(call: Call, *, dataset_id: str, batch: str) -> schemas.DocumentStatusList:
    """Show how far the documents of a batch have come."""
    return await documents.batch_status(call, dataset_id, batch)


async def get_document_indexing_status(call: Call, *, dataset_id: str, document_id: str) -> schemas.DocumentStatus:
    """Show how far one document has come."""
    return await documents.document_status(call, dataset_id, document_id)


async def create_documents(
    call: Call, *, dataset_id: str, body: schemas.DocumentCreateFromFiles
) -> schemas.DatasetAndDocuments:
    """Make documents of uploaded files."""
    created = await document_creation.create_from_files(call, dataset_id, body, CREATED_FROM)
    return document_creation.with_dataset(created)


async def init_dataset(call: Call, *, body: schemas.KnowledgeInit) -> schemas.DatasetAndDocuments:
    """Make a knowledge base of uploaded files."""
    created = await knowledge_init.init(call, body, CREATED_FROM)
    return document_creation.with_dataset(created)


async def delete_documents(call: Call, *, dataset_id: str, document_id: list[str]) -> None:
    """Delete documents."""
    await document_changes.remove(call, dataset_id, document_id)


async def set_document_status(
    call: Call, *, dataset_id: str, action: schemas.DocumentStatusAction, document_id: list[str]
) -> schemas.Result:
    """Enable, disable, archive or bring back documents."""
    return await document_changes.set_status(call, dataset_id, document_id, action)


async def rename_document(
    call: Call, *, dataset_id: str, document_id: str, body: schemas.DocumentRename
) -> schemas.Document:
    """Rename a document."""
    return await document_changes.rename(call, dataset_id, document_id, body["name"])


async def pause_document(call: Call, *, dataset_id: str, document_id: str) -> None:
    """Pause the indexing of a document."""
    await document_changes.pause(call, dataset_id, document_id)


async def resume_document(call: Call, *, dataset_id: str, document_id: str) -> None:
    """Resume the indexing of a document."""
    await document_changes.resume(call, dataset_id, document_id)


async def retry_documents(call: Call, *, dataset_id: str, body: schemas.DocumentIds) -> None:
    """Index failed documents again."""
    await document_changes.retry(call, dataset_id, body["document_ids"])


async def list_failed_documents(call: Call, *, dataset_id: str) -> schemas.FailedDocuments:
    """List the documents whose indexing failed or was paused."""
    return await documents.failed(call, dataset_id)


async def get_dataset_indexing_status(call: Call, *, dataset_id: str) -> schemas.AllDocumentStatuses:
    """Show how far all documents have come."""
    return await documents.dataset_status(call, dataset_id)


async def download_document(call: Call, *, dataset_id: str, document_id: str) -> schemas.SignedUrl:
    """Get an address to download a document from."""
    return await document_files.download_url(call, dataset_id, document_id)


async def get_document_pipeline_execution_log(
    call: Call, *, dataset_id: str, document_id: str
) -> schemas.PipelineExecutionLog:
    """Tell where a document came in."""
    return await document_files.execution_log(call, dataset_id, document_id)


async def estimate_indexing(call: Call, *, body: schemas.IndexingEstimateRequest) -> schemas.IndexingEstimate:
    """Preview how files would be cut."""
    return await estimates.of_files(call, body)


async def estimate_batch_indexing(call: Call, *, dataset_id: str, batch: str) -> schemas.IndexingEstimate:
    """Preview how the documents of a batch are cut."""
    return await estimates.of_documents(call, dataset_id, batch=batch)


async def estimate_document_indexing(call: Call, *, dataset_id: str, document_id: str) -> schemas.IndexingEstimate:
    """Preview how a document is cut."""
    return await estimates.of_documents(call, dataset_id, document_id=document_id)


async def sync_notion_document(call: Call, *, dataset_id: str, document_id: str) -> schemas.Result:
    """Refuse to read a Notion page again."""
    return await documents.refuse_sync(call, dataset_id, document_id, "notion_import")


async def sync_website_document(call: Call, *, dataset_id: str, document_id: str) -> schemas.Result:
    """Refuse to read a web page again."""
    return await documents.refuse_sync(call, dataset_id, document_id, "website_crawl")


async def sync_notion_dataset(call: Call, *, dataset_id: str) -> schemas.Result:
    """Refuse to read all Notion pages again."""
    return await documents.refuse_sync(call, dataset_id, None, "notion_import")
