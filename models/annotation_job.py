"""Jobs that switch annotation reply on or off; the row is the truth of the job."""

from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import Index, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.scope import Scope, SystemScope
from models.table import Created, Id, Identified, Owned, Table, Updated, Words, belongs_to, is_past, now, one_of

Action = Literal["enable", "disable"]
Kind = Literal["enable", "disable", "import"]
Status = Literal["waiting", "processing", "completed", "error"]
UNFINISHED = text("status IN ('waiting', 'processing')")


class AnnotationJob(Identified, Created, Updated, Owned, Table):
    """One change of an app's annotation reply, or one import of annotations."""

    __tablename__ = "annotation_job"
    __table_args__ = (
        belongs_to("app"),
        one_of("action", get_args(Kind)),
        one_of("status", get_args(Status)),
        Index("ix_annotation_job_unfinished", "created_at", postgresql_where=UNFINISHED),
    )

    app_id: Mapped[str] = mapped_column(Id)
    action: Mapped[Kind] = mapped_column(Words)
    status: Mapped[Status] = mapped_column(Words, default="waiting")
    error: Mapped[str | None]
    score_threshold: Mapped[float] = mapped_column(default=0.9)
    embedding_provider: Mapped[str] = mapped_column(default="")
    embedding_model: Mapped[str] = mapped_column(default="")
    account_id: Mapped[str | None] = mapped_column(Id)


async def create(
    scope: Scope,
    app_id: str,
    action: Action,
    *,
    score_threshold: float,
    provider: str,
    model: str,
    account_id: str | None = None,
) -> AnnotationJob:
    """Write a job that waits."""
    made = AnnotationJob(
        workspace_id=scope.workspace_id,
        app_id=app_id,
        action=action,
        status="waiting",
        score_threshold=score_threshold,
        embedding_provider=provider,
        embedding_model=model,
        account_id=account_id,
    )
    scope.session.add(made)
    await scope.session.flush()
    return made


async def note_import(scope: Scope, app_id: str, account_id: str | None) -> AnnotationJob:
    """Write the job of an import that this transaction completes."""
    made = AnnotationJob(
        workspace_id=scope.workspace_id, app_id=app_id, action="import", status="completed", account_id=account_id
    )
    scope.session.add(made)
    await scope.session.flush()
    return made


async def get(scope: Scope, app_id: str, action: str, job_id: str) -> AnnotationJob:
    """Return a job of an app.

    Raises:
        ApiError: `not_found`.
    """
    query = select(AnnotationJob).where(
        AnnotationJob.workspace_id == scope.workspace_id,
        AnnotationJob.app_id == app_id,
        AnnotationJob.action == action,
        AnnotationJob.id == job_id,
    )
    found = await scope.session.scalar(query)
    if found is None:
        raise ApiError("not_found", "The job does not exist.")
    return found


async def claim(scope: Scope, job_id: str) -> AnnotationJob | None:
    """Begin a job, or begin one again whose worker died; None if it has ended."""
    statement = (
        update(AnnotationJob)
        .where(AnnotationJob.workspace_id == scope.workspace_id, AnnotationJob.id == job_id, UNFINISHED)
        .values(status="processing", updated_at=now())
        .returning(AnnotationJob)
    )
    return (await scope.session.execute(statement)).scalar_one_or_none()


async def finish(scope: Scope, job_id: str, error: str | None = None) -> None:
    """End a job, with the reason where it failed."""
    await scope.session.execute(
        update(AnnotationJob)
        .where(AnnotationJob.workspace_id == scope.workspace_id, AnnotationJob.id == job_id, UNFINISHED)
        .values(status="error" if error else "completed", error=error, updated_at=now())
        .execution_options(synchronize_session=False)
    )


async def unfinished_before(scope: SystemScope, moment: datetime, limit: int) -> dict[str, str]:
    """Return the workspace of each job of any workspace that has not ended and is older than a moment."""
    query = select(AnnotationJob.id, AnnotationJob.workspace_id).where(
        is_past(AnnotationJob.created_at, moment), UNFINISHED
    )
    return {
        row[0]: row[1] for row in await scope.session.execute(query.order_by(AnnotationJob.created_at).limit(limit))
    }
