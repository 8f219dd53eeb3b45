"""What rows that are jobs have in common: a `status` that a worker moves on, and that is the truth of the job."""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import select, text, update
from sqlalchemy.orm import Mapped

from models.scope import Scope, SystemScope
from models.table import Created, Identified, Owned, Updated, is_past, now

UNFINISHED = text("status IN ('waiting', 'processing')")


class Job(Identified, Created, Updated, Owned):
    """Mixin: why a job failed. Its table has a `status`, too: waiting, processing, completed, error, or more."""

    error: Mapped[str | None]


J = TypeVar("J", bound=Job)


async def lock(scope: Scope, kind: type[J], job_id: str) -> J | None:
    """Return a job that has not ended, and keep others from going on with it in this transaction."""
    query = select(kind).where(kind.workspace_id == scope.workspace_id, kind.id == job_id, UNFINISHED)
    return await scope.session.scalar(query.with_for_update().execution_options(populate_existing=True))


async def claim(scope: Scope, kind: type[J], job_id: str) -> J | None:
    """Begin a job, or go on with one whose worker died; None if it has ended."""
    statement = (
        update(kind)
        .where(kind.workspace_id == scope.workspace_id, kind.id == job_id, UNFINISHED)
        .values(status="processing", updated_at=now())
        .returning(kind)
    )
    return (await scope.session.execute(statement)).scalar_one_or_none()


async def finish(scope: Scope, kind: type[Job], job_id: str, error: str | None = None) -> None:
    """End a job, with the reason where it failed; one that has ended stays as it is."""
    await scope.session.execute(
        update(kind)
        .where(kind.workspace_id == scope.workspace_id, kind.id == job_id, UNFINISHED)
        .values(status="completed" if error is None else "error", error=error, updated_at=now())
        .execution_options(synchronize_session=False)
    )


async def unfinished_before(scope: SystemScope, kind: type[Job], moment: datetime, limit: int) -> dict[str, str]:
    """Return the workspace of each job of any workspace that has not ended and is older than a moment."""
    query = select(kind.id, kind.workspace_id).where(is_past(kind.created_at, moment), UNFINISHED)
    return {row[0]: row[1] for row in await scope.session.execute(query.order_by(kind.created_at).limit(limit))}
