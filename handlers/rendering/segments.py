"""Segments and what a search found as the contract shows them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from engine.retrieval import Hit
from engine.retrieval.plane import Point
from handlers.contract import schemas
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from models.page import Page
from models.segment import ChildChunk, Segment
from models.segment_import import SegmentImport


def render_segment(segment: Segment, children: Sequence[ChildChunk] = ()) -> schemas.Segment:
    """Render a `Segment`."""
    own = {
        "updated_at": unix(segment.updated_at),
        "updated_by": segment.updated_by,
        "child_chunks": [render_child_chunk(chunk) for chunk in children],
        "attachments": [],
        "summary": None,
    }
    shown: schemas.Segment = trusted({**_common(segment), **own})
    return shown


def render_segment_list(
    page: Page[Segment], children: Mapping[str, Sequence[ChildChunk]], form: str | None
) -> schemas.SegmentList:
    """Render a `SegmentList`."""
    return {
        "data": [render_segment(segment, children[segment.id]) for segment in page.items],
        "doc_form": trusted(form),
        "has_more": page.has_more,
        "limit": page.limit,
        "total": page.total,
        "total_pages": math.ceil(page.total / page.limit),
        "page": page.page,
    }


def render_child_chunk(chunk: ChildChunk) -> schemas.ChildChunk:
    """Render a `ChildChunk`."""
    return {
        "id": chunk.id,
        "segment_id": chunk.segment_id,
        "content": chunk.content,
        "position": chunk.position,
        "word_count": chunk.word_count,
        "type": trusted(chunk.type),
        "created_at": unix(chunk.created_at),
        "updated_at": unix(chunk.updated_at),
    }


def render_child_chunk_list(page: Page[ChildChunk]) -> schemas.ChildChunkList:
    """Render a `ChildChunkList`."""
    return {
        "data": [render_child_chunk(chunk) for chunk in page.items],
        "total": page.total,
        "total_pages": math.ceil(page.total / page.limit),
        "page": page.page,
        "limit": page.limit,
    }


def render_import(job: SegmentImport) -> schemas.SegmentImport:
    """Render a `SegmentImport`."""
    return {
        "job_id": job.id,
        "job_status": job.status,
        "segments_done": job.segments_done,
        "segments_total": job.segments_total,
        "error": job.error,
    }


def render_found(query: str, hits: Sequence[Hit], points: Sequence[Point] = ()) -> schemas.RetrieveAnswer:
    """Render a `RetrieveAnswer`; `points` are those of the question and of the hits, where they are wanted."""
    if not points:
        return {"query": {"content": query}, "records": [_record(hit) for hit in hits]}
    return {
        "query": {"content": query, "tsne_position": _position(points[0])},
        "records": [_record(hit, point) for hit, point in zip(hits, points[1:], strict=True)],
    }


def _position(point: Point) -> schemas.PlanePosition:
    return {"x": point[0], "y": point[1]}


def _record(hit: Hit, point: Point | None = None) -> schemas.RetrieveRecord:
    document: schemas.SegmentDocument = {
        "id": hit.document.id,
        "data_source_type": hit.document.data_source_type,
        "name": hit.document.name,
        "doc_type": hit.document.doc_type,
        "doc_metadata": hit.document.doc_metadata,
    }
    return {
        "segment": trusted({**_common(hit.segment), "document": document}),
        "child_chunks": [
            {
                "id": found.chunk.id,
                "content": found.chunk.content,
                "position": found.chunk.position,
                "score": found.score,
            }
            for found in hit.children
        ],
        "score": hit.score,
        "tsne_position": _position(point) if point else None,
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
