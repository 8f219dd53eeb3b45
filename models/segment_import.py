"""Jobs that add the rows of a CSV file to a document as segments; the row is the truth of the job."""

from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import Index, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.scope import Scope, SystemScope
from models.table import Created, Id, Identified, Owned, Table, Updated, Words, belongs_to, is_past, now, one_of

Status = Literal["waiting", "processing", "completed", "error"]
UNFINISHED = text("status IN ('waiting', 'processing')")


class SegmentImport(Identified, Created, Updated, Owned, Table):
    """One import. `segments_done` grows in the transactions that write the segments."""

    __tablename__ = "segment_import"
    __table_args__ = (
        belongs_to("document"),
        one_of("status", get_args(Status)),
        Index(None, "document_id"),
        Index("ix_segment_import_unfinished", "created_at", postgresql_where=UNFINISHED),
    )

    dataset_id: Mapped[str] = mapped_column(Id)
    document_id: Mapped[str] = mapped_column(Id)
    upload_file_id: Mapped[str] = mapped_column(Id)
    status: Mapped[Status] = mapped_column(Words, default="waiting")
    error: Mapped[str | None]
    segments_done: Mapped[int] = mapped_column(default=0)
    segments_total: Mapped[int | None]
    created_by: Mapped[str | None] = mapped_column(Id)


async def create(
    scope: Scope, dataset_id: str, document_id: str, upload_file_id: str, created_by: str | None
) -> SegmentImport:
    """Write a job that waits."""
    made = SegmentImport(
        workspace_id=scope.workspace_id,
        dataset_id=dataset_id,
        document_id=document_id,
        upload_file_id=upload_file_id,
        status="waiting",
        segments_done=0,
        created_by=created_by,
    )
    scope.session.add(made)
    await scope.session.flush()
    return made


async def get(scope: Scope, job_id: str) -> SegmentImport:
    """Return a job.

    Raises:
        ApiError: `not_found`.
    """
    query = select(SegmentImport).where(SegmentImport.workspace_id == scope.workspace_id, SegmentImport.id == job_id)
    found = await scope.session.scalar(query)
    if found is None:
        raise ApiError("not_found", "The job does not exist.")
    return found


async def lock(scope: Scope, job_id: str) -> SegmentImport | None:
    """Return a job that has not ended, and keep others from going on with it in this transaction."""
    query = (
        select(SegmentImport)
        .where(SegmentImport.workspace_id == scope.workspace_id, SegmentImport.id == job_id, UNFINISHED)
        .with_for_update()
    )
    return await scope.session.scalar(query.execution_options(populate_existing=True))


async def claim(scope: Scope, job_id: str) -> SegmentImport | None:
    """Begin a job, or go on with one whose worker died; None if it has ended."""
    found = await lock(scope, job_id)
    if found is not None:
        found.status = "processing"
        await scope.session.flush()
    return found


async def finish(scope: Scope, job_id: str, error: str | None = None) -> None:
    """End a job, with the reason where it failed."""
    await scope.session.execute(
        update(SegmentImport)
        .where(SegmentImport.workspace_id == scope.workspace_id, SegmentImport.id == job_id, UNFINISHED)
        .values(status="error" if error else "completed", error=error, updated_at=now())
        .execution_options(synchronize_session=False)
    )


async def unfinished_before(scope: SystemScope, moment: datetime, limit: int) -> dict[str, str]:
    """Return the workspace of each job of any workspace that has not ended and is older than a moment."""
    query = select(SegmentImport.id, SegmentImport.workspace_id).where(
        is_past(SegmentImport.created_at, moment), UNFINISHED
    )
    return {
        row[0]: row[1] for row in await scope.session.execute(query.order_by(SegmentImport.created_at).limit(limit))
    }
