"""Runs of knowledge pipelines as the contract shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.contract import schemas
from handlers.rendering.trusted import trusted
from models.document import Document

if TYPE_CHECKING:
    from handlers.document_creation import Created


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
