"""Runs of knowledge pipelines as the contract shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.contract import schemas
from handlers.rendering.trusted import trusted
from models.document import Document
from models.upload_file import UploadFile

if TYPE_CHECKING:
    from handlers.document_creation import Created

FILES: schemas.DatasourcePlugin = {
    "node_id": "local_file",
    "plugin_id": "builtin",
    "provider_name": "file",
    "datasource_type": "local_file",
    "title": "Uploaded files",
    "user_input_variables": [],
    "credentials": [],
}


def render_run(created: Created) -> schemas.PipelineRunResult:
    """Render a `PipelineRunResult`."""
    dataset = created.dataset
    return {
        "batch": created.batch,
        "dataset": {
            "id": dataset.id,
            "name": dataset.name,
            "description": dataset.description,
            "chunk_structure": trusted(dataset.doc_form),
        },
        "documents": [_document(document) for document in created.documents],
    }


def render_execution_log(file: UploadFile | None) -> schemas.PipelineExecutionLog:
    """Render a `PipelineExecutionLog`; `file` is None where the document's file is no longer there."""
    return {
        "datasource_info": {
            "related_id": file.id,
            "name": file.name,
            "size": file.size,
            "extension": file.extension,
            "mime_type": file.mime_type,
        }
        if file
        else None,
        "datasource_type": FILES["datasource_type"],
        "input_data": {},
        "datasource_node_id": FILES["node_id"],
    }


def _document(document: Document) -> schemas.PipelineDocument:
    return {
        "id": document.id,
        "position": document.position,
        "data_source_type": document.data_source_type,
        "data_source_info": document.data_source_info,
        "name": document.name,
        "indexing_status": document.indexing_status,
        "error": document.error,
        "enabled": document.enabled,
    }
