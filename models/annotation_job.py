"""Jobs that switch annotation reply on or off; the row is the truth of the job."""

from typing import Literal, get_args

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.job import UNFINISHED, Job
from models.scope import Scope
from models.table import Id, Table, Words, belongs_to, one_of

Action = Literal["enable", "disable"]
Kind = Literal["enable", "disable", "import"]
Status = Literal["waiting", "processing", "completed", "error"]


class AnnotationJob(Job, Table):
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
