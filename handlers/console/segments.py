"""The passages of documents."""

from __future__ import annotations

from handlers import segment_imports, segments
from handlers.call import Call
from handlers.contract import schemas

ENABLED = {"true": True, "false": False}


async def list_segments(
    call: Call,
    *,
    dataset_id: str,
    document_id: str,
    page: int = 1,
    limit: int = 20,
    keyword: str | None = None,
    status: list[schemas.SegmentStatus] | None = None,
    enabled: str = "all",
    hit_count_gte: int = 0,
) -> schemas.SegmentList:
    """List the passages of a document."""
    return await segments.list_segments(
        call,
        dataset_id,
        document_id,
        page=page,
        limit=limit,
        keyword=keyword,
        statuses=status,
        enabled=ENABLED.get(enabled),
        least_hits=hit_count_gte,
    )


async def create_segment(
    call: Call, *, dataset_id: str, document_id: str, body: schemas.SegmentDraft
) -> schemas.SegmentDetail:
    """Add a passage to a document."""
    made = await segments.create_segments(call, dataset_id, document_id, [body])
    return {"data": made["data"][0], "doc_form": made["doc_form"]}


async def update_segment(
    call: Call, *, dataset_id: str, document_id: str, segment_id: str, body: schemas.SegmentChange
) -> schemas.SegmentDetail:
    """Change a passage."""
    return await segments.update_segment(call, dataset_id, document_id, segment_id, body)


async def delete_segment(call: Call, *, dataset_id: str, document_id: str, segment_id: str) -> None:
    """Delete a passage."""
    await segments.delete_segment(call, dataset_id, document_id, segment_id)


async def delete_segments(call: Call, *, dataset_id: str, document_id: str, segment_id: list[str]) -> None:
    """Delete passages."""
    await segments.delete_segments(call, dataset_id, document_id, segment_id)


async def set_segments_enabled(
    call: Call, *, dataset_id: str, document_id: str, action: schemas.SegmentAction, segment_id: list[str]
) -> schemas.Result:
    """Enable or disable passages."""
    return await segments.set_enabled(call, dataset_id, document_id, segment_id, action == "enable")


async def import_segments(
    call: Call, *, dataset_id: str, document_id: str, body: schemas.SegmentImportRequest
) -> schemas.SegmentImport:
    """Add passages from a CSV file."""
    return await segment_imports.start(call, dataset_id, document_id, body["upload_file_id"])


async def get_segment_import(call: Call, *, job_id: str) -> schemas.SegmentImport:
    """Watch an import of passages."""
    return await segment_imports.get(call, job_id)
