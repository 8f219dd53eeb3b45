"""The pieces of passages that lead to them."""

from __future__ import annotations

from handlers import child_chunks
from handlers.call import Call
from handlers.contract import schemas


async def list_child_chunks(
    call: Call,
    *,
    dataset_id: str,
    document_id: str,
    segment_id: str,
    page: int = 1,
    limit: int = 20,
    keyword: str | None = None,
) -> schemas.ChildChunkList:
    """List the child chunks of a passage."""
    return await child_chunks.list_of(
        call, dataset_id, document_id, segment_id, page=page, limit=limit, keyword=keyword
    )


async def create_child_chunk(
    call: Call, *, dataset_id: str, document_id: str, segment_id: str, body: schemas.ChildChunkText
) -> schemas.ChildChunkDetail:
    """Add a child chunk."""
    return await child_chunks.create(call, dataset_id, document_id, segment_id, body["content"])


async def replace_child_chunks(
    call: Call, *, dataset_id: str, document_id: str, segment_id: str, body: schemas.ChildChunkBatch
) -> schemas.ChildChunkBatchAnswer:
    """Write all child chunks of a passage."""
    return await child_chunks.replace(call, dataset_id, document_id, segment_id, body)


async def update_child_chunk(
    call: Call,
    *,
    dataset_id: str,
    document_id: str,
    segment_id: str,
    child_chunk_id: str,
    body: schemas.ChildChunkText,
) -> schemas.ChildChunkDetail:
    """Change a child chunk."""
    return await child_chunks.change(call, dataset_id, document_id, segment_id, child_chunk_id, body["content"])


async def delete_child_chunk(
    call: Call, *, dataset_id: str, document_id: str, segment_id: str, child_chunk_id: str
) -> None:
    """Delete a child chunk."""
    await child_chunks.remove(call, dataset_id, document_id, segment_id, child_chunk_id)
