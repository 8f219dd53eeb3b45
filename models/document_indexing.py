"""The indexing of a document, step by step. An attempt writes only while it is the last one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import aliased

from models.document import WORKING, Document, IndexingStatus
from models.scope import Scope, SystemScope
from models.segment import Segment
from models.table import is_past, now
from models.upload_file import UploadFile

_Other = aliased(Document)
FINISHED_STEP: dict[IndexingStatus, str] = {
    "cleaning": "parsing_completed_at",
    "splitting": "cleaning_completed_at",
    "indexing": "splitting_completed_at",
    "completed": "completed_at",
    "error": "stopped_at",
}
"""Which column tells when the step before a status ended."""

_CLEARED: dict[str, Any] = {
    "error": None,
    "parsing_completed_at": None,
    "cleaning_completed_at": None,
    "splitting_completed_at": None,
    "completed_at": None,
    "paused_at": None,
    "paused_by": None,
    "stopped_at": None,
    "segments_done": 0,
    "segments_planned": 0,
}


_WITHOUT_WAITING = text("SET LOCAL synchronous_commit = off")


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a document's segments are done."""

    completed: int
    total: int
    hit_count: int = 0


async def start_next(scope: Scope, document_id: str, most_bytes: int) -> Document | None:
    """Take a document that waits in the dataset of another one, the first whose file is small.

    Args:
        scope: the workspace.
        document_id: the other one.
        most_bytes: how large the file may be.

    Returns:
        The document with its new attempt number; None where there is no such.
    """
    waiting = (
        select(Document.id)
        .join(UploadFile, (UploadFile.id == Document.upload_file_id) & (UploadFile.workspace_id == scope.workspace_id))
        .where(
            Document.workspace_id == scope.workspace_id,
            Document.dataset_id == select(_Other.dataset_id).where(_Other.id == document_id).scalar_subquery(),
            Document.indexing_status == "waiting",
            UploadFile.size <= most_bytes,
        )
        .order_by(Document.created_at, Document.position)
        .limit(1)
        .with_for_update(of=Document, skip_locked=True)
    )
    found = await scope.session.scalar(waiting)
    return await start_attempt(scope, found) if found else None


async def start_attempt(scope: Scope, document_id: str) -> Document | None:
    """Take a document to index it, from its queue or from a worker that died.

    Returns:
        The document with its new attempt number; None where it is completed, paused, failed or gone.
    """
    statement = (
        update(Document)
        .where(
            Document.workspace_id == scope.workspace_id,
            Document.id == document_id,
            Document.indexing_status.in_(("waiting", *WORKING)),
        )
        .values(
            **_CLEARED,
            indexing_status="parsing",
            attempt=Document.attempt + 1,
            processing_started_at=now(),
            updated_at=now(),
        )
        .returning(Document)
        .execution_options(populate_existing=True)
    )
    return await scope.session.scalar(statement)


async def advance(
    scope: Scope,
    document_id: str,
    attempt: int,
    status: IndexingStatus,
    columns: dict[str, Any] | None = None,
) -> bool:
    """Move a document to its next step, which dates the step before.

    Args:
        scope: the workspace.
        document_id: the document.
        attempt: the attempt that does the work.
        status: the step that begins, or `completed`, or `error`.
        columns: what else is known now: `word_count`, `tokens`, `error`, `indexing_latency`, …

    Returns:
        False where the attempt is no longer the one that works: stop.
    """
    values: dict[str, Any] = {**(columns or {}), "indexing_status": status}
    if status in FINISHED_STEP:
        values[FINISHED_STEP[status]] = now()
    return await _write(scope, document_id, attempt, values)


async def report_progress(scope: Scope, document_id: str, attempt: int, done: int, planned: int) -> bool:
    """Say how many segments are embedded.

    The transaction does not wait for the disk: what a crash of the database loses of it, the next attempt says anew.

    Returns:
        False where the attempt is no longer the one that works: stop.
    """
    await scope.session.execute(_WITHOUT_WAITING)
    return await _write(scope, document_id, attempt, {"segments_done": done, "segments_planned": planned})


async def requeue(scope: Scope, document_ids: Sequence[str]) -> list[str]:
    """Let documents wait to be indexed again, whatever their state: for a retry, a resume or a change.

    Returns:
        The ids of those that exist.
    """
    statement = (
        update(Document)
        .where(Document.workspace_id == scope.workspace_id, Document.id.in_(document_ids))
        .values(**_CLEARED, indexing_status="waiting", attempt=Document.attempt + 1, updated_at=now())
        .returning(Document.id)
        .execution_options(synchronize_session="fetch")
    )
    return list(await scope.session.scalars(statement))


async def pause(scope: Scope, document_id: str, paused_by: str | None) -> bool:
    """Pause a document that waits or is worked on.

    Returns:
        False where it is in no such state.
    """
    statement = (
        update(Document)
        .where(
            Document.workspace_id == scope.workspace_id,
            Document.id == document_id,
            Document.indexing_status.in_(("waiting", *WORKING)),
        )
        .values(indexing_status="paused", paused_at=now(), paused_by=paused_by, updated_at=now())
        .returning(Document.id)
    )
    return await scope.session.scalar(statement) is not None


async def progress(scope: Scope, documents: Sequence[Document]) -> dict[str, Progress]:
    """Return how far each document's segments are: counted where it is completed, reported before that."""
    counts = (
        select(
            Segment.document_id,
            func.count().filter(Segment.status == "completed"),
            func.count(),
            func.coalesce(func.sum(Segment.hit_count), 0),
        )
        .where(
            Segment.workspace_id == scope.workspace_id,
            Segment.document_id.in_([document.id for document in documents]),
        )
        .group_by(Segment.document_id)
    )
    counted = {row[0]: Progress(row[1], row[2], int(row[3])) for row in await scope.session.execute(counts)}
    none = Progress(0, 0)
    return {
        document.id: counted.get(document.id, none)
        if document.indexing_status not in WORKING
        else Progress(document.segments_done, document.segments_planned, counted.get(document.id, none).hit_count)
        for document in documents
    }


async def fail_unattended(scope: Scope, document_id: str, reason: str) -> bool:
    """Let a document that nobody works on any more end as `error`.

    Returns:
        False where it is not being worked on.
    """
    statement = (
        update(Document)
        .where(
            Document.workspace_id == scope.workspace_id,
            Document.id == document_id,
            Document.indexing_status.in_(WORKING),
        )
        .values(indexing_status="error", error=reason, stopped_at=now(), updated_at=now())
        .returning(Document.id)
    )
    return await scope.session.scalar(statement) is not None


async def list_waiting(scope: SystemScope, before: datetime, limit: int = 500) -> list[Document]:
    """Return documents of any workspace that have waited since before a moment, oldest first."""
    query = select(Document).where(Document.indexing_status == "waiting", is_past(Document.updated_at, before))
    return list(await scope.session.scalars(query.order_by(Document.created_at).limit(limit)))


async def list_working(scope: SystemScope, limit: int = 1000) -> list[Document]:
    """Return the documents of any workspace that are worked on, oldest first."""
    query = select(Document).where(Document.indexing_status.in_(WORKING))
    return list(await scope.session.scalars(query.order_by(Document.created_at).limit(limit)))


async def _write(scope: Scope, document_id: str, attempt: int, columns: dict[str, Any]) -> bool:
    statement = (
        update(Document)
        .where(
            Document.workspace_id == scope.workspace_id,
            Document.id == document_id,
            Document.attempt == attempt,
            Document.indexing_status.in_(WORKING),
        )
        .values(**columns, updated_at=now())
        .returning(Document.id)
        .execution_options(synchronize_session=False)
    )
    return await scope.session.scalar(statement) is not None
