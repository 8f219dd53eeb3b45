"""The passages of documents."""

from __future__ import annotations

from handlers import segments
from handlers.call import Call
from handlers.contract import schemas


async def list_segments(
    call: Call,
    *,
    dataset_id: str,
    document_id: str,
    page: int = 1,
    limit: int = 20,
    keyword: str | None = None,
    status: list[schemas.SegmentStatus] | None = None,
) -> schemas.SegmentList:
    """List the passages of a document."""
    return await segments.list_segments(
        call, dataset_id, document_id, page=page, limit=limit, keyword=keyword, statuses=status
    )


async def list_dataset_segments(
    call: Call,
    *,
    dataset_id: str,
    document_id: str | None = None,
    page: int = 1,
    limit: int = 20,
    keyword: str | None = None,
    status: list[schemas.SegmentStatus] | None = None,
) -> schemas.SegmentList:
    """List the passages of a dataset, or of one of its documents."""
    return await segments.list_segments(
        call, dataset_id, document_id, page=page, limit=limit, keyword=keyword, statuses=status
    )


async def create_segments(
    call: Call, *, dataset_id: str, document_id: str, body: schemas.SegmentCreate
) -> schemas.CreatedSegments:
    """Add passages to a document."""
    return await segments.create_segments(call, dataset_id, document_id, body["segments"])


async def get_segment(call: Call, *, dataset_id: str, document_id: str, segment_id: str) -> schemas.SegmentDetail:
    """Get a passage."""
    return await segments.get_segment(call, dataset_id, document_id, segment_id)


async def update_segment(
    call: Call, *, dataset_id: str, segment_id: str, body: schemas.SegmentUpdate, document_id: str | None = None
) -> schemas.SegmentDetail:
    """Change a passage; on the older path its document is not named."""
    return await segments.update_segment(call, dataset_id, document_id, segment_id, body["segment"])


async def delete_segment(call: Call, *, dataset_id: str, segment_id: str, document_id: str | None = None) -> None:
    """Delete a passage; on the older path its document is not named."""
    await segments.delete_segment(call, dataset_id, document_id, segment_id)
