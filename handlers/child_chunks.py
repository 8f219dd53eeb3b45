"""What every tier does with child chunks: list, add, change, delete."""

from __future__ import annotations

from handlers.call import Call
from handlers.contract import schemas
from handlers.documents import open_document
from handlers.rendering.segments import render_child_chunk, render_child_chunk_list
from handlers.segments import open_editor
from models import segment as segments
from workers.segment_edits import check_editable


async def list_of(
    call: Call, dataset_id: str, document_id: str, segment_id: str, *, page: int, limit: int, keyword: str | None
) -> schemas.ChildChunkList:
    """Return one page of a passage's child chunks.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset, document = await open_document(call, scope, dataset_id, document_id)
        segment = await segments.get(scope, dataset.id, segment_id, document.id)
        found = await segments.child_page(scope, segment.id, page=page, limit=limit, keyword=keyword or None)
    return render_child_chunk_list(found)


async def create(
    call: Call, dataset_id: str, document_id: str, segment_id: str, content: str
) -> schemas.ChildChunkDetail:
    """Add a child chunk.

    Raises:
        ApiError: `not_found`, `forbidden` or `archived_document_immutable`.
    """
    editor, document = await open_editor(call, dataset_id, document_id)
    check_editable(document)
    [made] = await editor.add_children(segment_id, [content])
    return {"data": render_child_chunk(made)}


async def change(
    call: Call, dataset_id: str, document_id: str, segment_id: str, chunk_id: str, content: str
) -> schemas.ChildChunkDetail:
    """Give a child chunk another text.

    Raises:
        ApiError: `not_found`, `forbidden` or `archived_document_immutable`.
    """
    editor, document = await open_editor(call, dataset_id, document_id)
    check_editable(document)
    [changed] = await editor.change_children(segment_id, {chunk_id: content})
    return {"data": render_child_chunk(changed)}


async def replace(
    call: Call, dataset_id: str, document_id: str, segment_id: str, body: schemas.ChildChunkBatch
) -> schemas.ChildChunkBatchAnswer:
    """Let a passage have exactly the child chunks that are sent.

    Raises:
        ApiError: `not_found`, `forbidden` or `archived_document_immutable`.
    """
    editor, document = await open_editor(call, dataset_id, document_id)
    check_editable(document)
    wanted = [(chunk.get("id") or None, chunk["content"]) for chunk in body["chunks"]]
    return {"data": [render_child_chunk(chunk) for chunk in await editor.replace_children(segment_id, wanted)]}


async def remove(call: Call, dataset_id: str, document_id: str, segment_id: str, chunk_id: str) -> None:
    """Delete a child chunk.

    Raises:
        ApiError: `not_found`, `forbidden` or `archived_document_immutable`.
    """
    editor, document = await open_editor(call, dataset_id, document_id)
    check_editable(document)
    await editor.remove_child(segment_id, chunk_id)
