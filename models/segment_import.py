"""Jobs that add the rows of a CSV file to a document as segments; the row is the truth of the job."""

from typing import Literal, get_args

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.job import UNFINISHED, Job
from models.scope import Scope
from models.table import Id, Table, Words, belongs_to, one_of

Status = Literal["waiting", "processing", "completed", "error"]


class SegmentImport(Job, Table):
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
