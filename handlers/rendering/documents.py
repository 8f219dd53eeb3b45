"""Documents and the state of their indexing as the contract shows them."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.contract import schemas
from handlers.rendering.metadata import ShownFields, render_values
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from models.document import Document, ProcessRule
from models.document_indexing import Progress
from models.page import Page

MEASURED = frozenset({"splitting", "indexing", "completed"})


def render_document(
    document: Document, progress: Progress | None = None, shown: ShownFields | None = None
) -> schemas.Document:
    """Render a `Document`."""
    measured = document.indexing_status in MEASURED
    return {
        "id": document.id,
        "position": document.position,
        "data_source_type": trusted(document.data_source_type),
        "data_source_info": document.data_source_info,
        "data_source_detail_dict": None,
        "dataset_process_rule_id": document.process_rule_id,
        "name": document.name,
        "created_from": document.created_from,
        "created_by": document.created_by,
        "created_at": unix(document.created_at),
        "tokens": document.tokens if measured else None,
        "indexing_status": document.indexing_status,
        "error": document.error,
        "enabled": document.enabled,
        "disabled_at": unix(document.disabled_at),
        "disabled_by": document.disabled_by,
        "archived": document.archived,
        "display_status": document.display_status,
        "word_count": document.word_count if measured else None,
        "hit_count": progress.hit_count if progress else 0,
        "doc_form": trusted(document.doc_form),
        "doc_type": document.doc_type,
        "doc_metadata": render_values(document, shown),
    }


def render_document_list(
    page: Page[Document], progress: Mapping[str, Progress], shown: ShownFields
) -> schemas.DocumentList:
    """Render a `DocumentList`."""
    return {
        "data": [render_document(document, progress.get(document.id), shown) for document in page.items],
        "has_more": page.has_more,
        "limit": page.limit,
        "total": page.total,
        "page": page.page,
    }


def render_document_detail(
    document: Document, progress: Progress, rule: ProcessRule | None, fields: ShownFields, scope: str = "all"
) -> schemas.DocumentDetail:
    """Render a `DocumentDetail`.

    Args:
        document: the row.
        progress: its segments.
        rule: how it is cut.
        fields: the metadata fields that its dataset shows.
        scope: `all`, `only` the metadata, or all `without` them.
    """
    metadata: schemas.DocumentDetail = {
        "id": document.id,
        "doc_type": document.doc_type,
        "doc_metadata": render_values(document, fields),
    }
    if scope == "only":
        return metadata
    shown: schemas.DocumentDetail = {
        "id": document.id,
        "position": document.position,
        "data_source_type": trusted(document.data_source_type),
        "data_source_info": document.data_source_info,
        "dataset_process_rule_id": document.process_rule_id,
        "dataset_process_rule": render_rule(rule),
        "document_process_rule": render_rule(rule),
        "name": document.name,
        "created_from": document.created_from,
        "created_by": document.created_by,
        "created_at": unix(document.created_at),
        "tokens": document.tokens,
        "indexing_status": document.indexing_status,
        "completed_at": unix(document.completed_at),
        "updated_at": unix(document.updated_at),
        "indexing_latency": document.indexing_latency,
        "error": document.error,
        "enabled": document.enabled,
        "disabled_at": unix(document.disabled_at),
        "disabled_by": document.disabled_by,
        "archived": document.archived,
        "segment_count": progress.total,
        "average_segment_length": document.word_count / progress.total if progress.total else 0,
        "hit_count": progress.hit_count,
        "word_count": document.word_count,
        "display_status": document.display_status,
        "doc_form": trusted(document.doc_form),
        "doc_language": document.doc_language,
    }
    return shown if scope == "without" else {**shown, **metadata}


def render_rule(rule: ProcessRule | None) -> schemas.ProcessRule:
    """Render a `ProcessRule`."""
    shown: schemas.ProcessRule = {"mode": "automatic", "rules": None}
    if rule is not None:
        shown = {"mode": trusted(rule.mode), "rules": trusted(rule.rules)}
    return shown


def render_status(document: Document, progress: Progress) -> schemas.DocumentStatus:
    """Render a `DocumentStatus`."""
    return {
        "id": document.id,
        "indexing_status": document.indexing_status,
        "processing_started_at": unix(document.processing_started_at),
        "parsing_completed_at": unix(document.parsing_completed_at),
        "cleaning_completed_at": unix(document.cleaning_completed_at),
        "splitting_completed_at": unix(document.splitting_completed_at),
        "completed_at": unix(document.completed_at),
        "paused_at": unix(document.paused_at),
        "error": document.error,
        "stopped_at": unix(document.stopped_at),
        "completed_segments": progress.completed,
        "total_segments": progress.total,
    }
