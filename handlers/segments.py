"""What every tier does with the passages of documents: list, read, write, delete, switch on and off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.datasets import acting_account, open_dataset
from handlers.documents import check_not_archived, open_document
from handlers.rendering.segments import render_segment, render_segment_list
from handlers.rendering.trusted import trusted
from models import segment as segments
from models.dataset import Dataset
from models.document import Document
from models.segment import Segment
from workers.segment_edits import Draft, SegmentEditor, check_editable

PATIENCE_SECONDS = 5.0
"""How long an edit waits while a new index takes over in its dataset."""


async def list_segments(
    call: Call,
    dataset_id: str,
    document_id: str | None,
    *,
    page: int,
    limit: int,
    keyword: str | None = None,
    statuses: Sequence[str] | None = None,
    enabled: bool | None = None,
    least_hits: int = 0,
) -> schemas.SegmentList:
    """Return one page of the passages of a document, or of the whole dataset.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        form: str | None
        if document_id is None:
            form = (await open_dataset(call, scope, dataset_id)).doc_form
        else:
            form = (await open_document(call, scope, dataset_id, document_id))[1].doc_form
        found = await segments.page(
            scope,
            dataset_id,
            document_id,
            page=page,
            limit=limit,
            keyword=keyword or None,
            statuses=statuses or (),
            enabled=enabled,
            least_hits=least_hits,
        )
        children = await segments.child_chunks(scope, [segment.id for segment in found.items])
    return render_segment_list(found, children, form)


async def get_segment(call: Call, dataset_id: str, document_id: str, segment_id: str) -> schemas.SegmentDetail:
    """Return a passage.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    _, document, segment = await _read(call, dataset_id, document_id, segment_id)
    return await _shown(call, document, segment)


async def create_segments(
    call: Call, dataset_id: str, document_id: str, drafts: Sequence[Mapping[str, Any]]
) -> schemas.CreatedSegments:
    """Write passages at a document's end.

    Args:
        call: the call.
        dataset_id: the dataset.
        document_id: the document.
        drafts: `SegmentDraft`s.

    Raises:
        ApiError: `not_found`, `forbidden`, `archived_document_immutable`, `invalid_param` for a question without an
            answer; the model of the dataset's vectors cannot be had.
    """
    editor, document = await open_editor(call, dataset_id, document_id)
    check_editable(document)
    _check_answers(document, drafts)
    made = await editor.add([_draft(draft) for draft in drafts])
    async with call.services.database.workspace(call.workspace_id) as scope:
        children = await segments.child_chunks(scope, [segment.id for segment in made])
    data = [render_segment(segment, children[segment.id]) for segment in made]
    return {"data": data, "doc_form": trusted(document.doc_form)}


async def update_segment(
    call: Call, dataset_id: str, document_id: str | None, segment_id: str, changes: schemas.SegmentChange
) -> schemas.SegmentDetail:
    """Change a passage of a document, or of whatever document of the dataset.

    Raises:
        ApiError: `not_found`, `forbidden`, `archived_document_immutable`; the model of the dataset's vectors cannot be
            had.
    """
    dataset, document, segment = await _read(call, dataset_id, document_id, segment_id)
    check_editable(document)
    draft = Draft(
        content=changes.get("content") or segment.content,
        answer=segment.answer if (answer := changes.get("answer")) is None else answer or None,
        keywords=changes.get("keywords"),
    )
    changed = await (await _editor(call, dataset, document)).change(
        segment, draft, changes.get("enabled"), bool(changes.get("regenerate_child_chunks"))
    )
    return await _shown(call, document, changed)


async def delete_segments(call: Call, dataset_id: str, document_id: str, segment_ids: Sequence[str]) -> None:
    """Delete passages of a document; ids of no passage are passed over.

    Raises:
        ApiError: `not_found`, `forbidden` or `archived_document_immutable`.
    """
    editor, document = await open_editor(call, dataset_id, document_id)
    check_not_archived(document)
    await editor.remove([segment_id.lower() for segment_id in segment_ids])


async def delete_segment(call: Call, dataset_id: str, document_id: str | None, segment_id: str) -> None:
    """Delete a passage of a document, or of whatever document of the dataset.

    Raises:
        ApiError: `not_found`, `forbidden` or `archived_document_immutable`.
    """
    dataset, document, segment = await _read(call, dataset_id, document_id, segment_id)
    check_not_archived(document)
    if not await (await _editor(call, dataset, document)).remove([segment.id]):
        raise ApiError("not_found", "Segment not found.")


async def set_enabled(
    call: Call, dataset_id: str, document_id: str, segment_ids: Sequence[str], enabled: bool
) -> schemas.Result:
    """Let searches find passages, or leave them out.

    Raises:
        ApiError: `not_found`, `forbidden` or `archived_document_immutable`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        _, document = await open_document(call, scope, dataset_id, document_id)
        check_editable(document)
        acting = await acting_account(call, scope)
        await segments.set_enabled(scope, document.id, segment_ids, enabled, acting)
    return {"result": "success"}


async def open_editor(call: Call, dataset_id: str, document_id: str) -> tuple[SegmentEditor, Document]:
    """Return what writes the passages of a document that the caller may use.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset, document = await open_document(call, scope, dataset_id, document_id)
    return await _editor(call, dataset, document), document


async def _editor(call: Call, dataset: Dataset, document: Document) -> SegmentEditor:
    async with call.services.database.workspace(call.workspace_id) as scope:
        acting = await acting_account(call, scope)
    return SegmentEditor(
        call.services.database, call.services.embedders, dataset, document, acting, patience=PATIENCE_SECONDS
    )


async def _read(
    call: Call, dataset_id: str, document_id: str | None, segment_id: str
) -> tuple[Dataset, Document, Segment]:
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        if document_id is None:
            document_id = (await segments.get(scope, dataset.id, segment_id)).document_id
        _, document = await open_document(call, scope, dataset.id, document_id)
        return dataset, document, await segments.get(scope, dataset.id, segment_id, document.id)


async def _shown(call: Call, document: Document, segment: Segment) -> schemas.SegmentDetail:
    async with call.services.database.workspace(call.workspace_id) as scope:
        children = (await segments.child_chunks(scope, [segment.id]))[segment.id]
    return {"data": render_segment(segment, children), "doc_form": trusted(document.doc_form)}


def _check_answers(document: Document, drafts: Sequence[Mapping[str, Any]]) -> None:
    """Refuse questions without an answer in a document of questions and answers."""
    if document.doc_form != "qa_model":
        return
    for number, draft in enumerate(drafts):
        if not draft.get("answer"):
            place = f"segments[{number}].answer"
            message = "Answer is required: the document holds questions and answers."
            raise ApiError("invalid_param", message, details=[{"field": place, "type": "required", "message": message}])


def _draft(draft: Mapping[str, Any]) -> Draft:
    return Draft(draft["content"], draft.get("answer") or None, draft.get("keywords"))
