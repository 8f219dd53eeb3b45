"""Segments and what a search found as the contract shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.retrieval import Hit
from handlers.rendering.times import unix
from models.segment import Segment


def render_segment(segment: Segment) -> dict[str, Any]:
    """Render a `Segment`."""
    return {
        **_common(segment),
        "updated_at": unix(segment.updated_at),
        "updated_by": segment.updated_by,
        "child_chunks": [],
        "attachments": [],
        "summary": None,
    }


def render_found(query: str, hits: Sequence[Hit]) -> dict[str, Any]:
    """Render a `RetrieveAnswer`."""
    return {"query": {"content": query}, "records": [_record(hit) for hit in hits]}


def _record(hit: Hit) -> dict[str, Any]:
    document = {
        "id": hit.document.id,
        "data_source_type": hit.document.data_source_type,
        "name": hit.document.name,
        "doc_type": hit.document.doc_type,
        "doc_metadata": None,
    }
    return {
        "segment": {**_common(hit.segment), "document": document},
        "child_chunks": [],
        "score": hit.score,
        "tsne_position": None,
        "files": [],
        "summary": None,
    }


def _common(segment: Segment) -> dict[str, Any]:
    return {
        "id": segment.id,
        "position": segment.position,
        "document_id": segment.document_id,
        "content": segment.content,
        "sign_content": segment.content,
        "answer": segment.answer,
        "word_count": segment.word_count,
        "tokens": segment.tokens,
        "keywords": segment.keywords,
        "index_node_id": segment.index_node_id,
        "index_node_hash": segment.index_node_hash,
        "hit_count": segment.hit_count,
        "enabled": segment.enabled,
        "disabled_at": unix(segment.disabled_at),
        "disabled_by": segment.disabled_by,
        "status": segment.status,
        "created_by": segment.created_by,
        "created_at": unix(segment.created_at),
        "indexing_at": unix(segment.indexing_at),
        "completed_at": unix(segment.completed_at),
        "error": segment.error,
        "stopped_at": unix(segment.stopped_at),
    }
