"""Runs of workflows: what is run, by whom, and what came of it. The row is also the queue's truth.

A run of an app that holds conversations writes a message, whose row follows this one in the same transactions. See
`models.workflow_run_state` for the life of a run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, get_args

from sqlalchemy import Index, Select, String, cast, func, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.account import Account
from models.author import Author, Authored
from models.end_user import EndUser
from models.message import InvokeFrom
from models.page import CursorPage, Page, continued, like, numbered
from models.scope import Scope, SystemScope
from models.table import Created, Id, Identified, Json, Owned, Table, Updated, Words, addressable, belongs_to, one_of

RunStatus = Literal["queued", "running", "paused", "succeeded", "failed", "stopped", "partial-succeeded"]
RunMode = Literal["workflow", "advanced-chat"]
ENDED = ("succeeded", "failed", "stopped", "partial-succeeded")
ACTIVE = text("status IN ('queued', 'running')")
UNFINISHED = text("status IN ('queued', 'running', 'paused')")
SYSTEM_PREFIX = "sys."


class WorkflowRun(Identified, Created, Updated, Owned, Authored, Table):
    """One run of a workflow, or of one of its nodes alone.

    Attributes:
        workflow_id: the draft or version that was run; it may be gone since.
        node_id: the one node that is run alone, else None.
        message_id: the message that is written, in an app that holds conversations.
        graph: the workflow as it was when the run began; a resumption needs the same.
        inputs: what was filled in, and the `sys` variables under `sys.<name>`.
        files: entries as of `Message.files`, for the uploads that the run uses.
        sealed: environment, secrets and given variables, which nobody reads here.
        snapshot: sealed state of a paused run.
        call_depth: how many workflows called each other down to this one.
        within_task_id: the task in whose job it runs, where a run called it as a tool; else its own.
    """

    __tablename__ = "workflow_run"
    __table_args__ = (
        addressable(),
        belongs_to("app"),
        belongs_to("message"),
        belongs_to("end_user"),
        one_of("status", get_args(RunStatus)),
        one_of("mode", get_args(RunMode)),
        one_of("invoke_from", get_args(InvokeFrom)),
        Index(None, "task_id", unique=True),
        Index(None, "message_id"),
        Index(None, "end_user_id"),
        Index(None, "app_id", "created_at", "id"),
        Index("ix_workflow_run_unfinished", "status", "created_at", postgresql_where=UNFINISHED),
        Index("ix_workflow_run_active_by_key", "api_key_id", postgresql_where=ACTIVE),
    )

    app_id: Mapped[str] = mapped_column(Id)
    workflow_id: Mapped[str] = mapped_column(Id)
    version: Mapped[str]
    mode: Mapped[RunMode] = mapped_column(Words)
    invoke_from: Mapped[InvokeFrom] = mapped_column(Words)
    node_id: Mapped[str | None]
    conversation_id: Mapped[str | None] = mapped_column(Id)
    message_id: Mapped[str | None] = mapped_column(Id)
    task_id: Mapped[str] = mapped_column(Id)
    status: Mapped[RunStatus] = mapped_column(Words, default="queued")
    attempt: Mapped[int] = mapped_column(default=0)
    graph: Mapped[Json]
    features: Mapped[Json]
    inputs: Mapped[Json] = mapped_column(default=dict)
    files: Mapped[list[Json]] = mapped_column(default=list)
    outputs: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[str | None]
    error_code: Mapped[str | None]
    elapsed_time: Mapped[float] = mapped_column(default=0.0)
    total_tokens: Mapped[int] = mapped_column(default=0)
    total_price: Mapped[Decimal] = mapped_column(default=Decimal(0))
    currency: Mapped[str] = mapped_column(default="USD")
    total_steps: Mapped[int] = mapped_column(default=0)
    exceptions_count: Mapped[int] = mapped_column(default=0)
    sealed: Mapped[str]
    snapshot: Mapped[str | None]
    call_depth: Mapped[int] = mapped_column(default=0)
    within_task_id: Mapped[str | None] = mapped_column(Id)
    stop_requested_at: Mapped[datetime | None]
    queued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    trace_id: Mapped[str | None]
    api_key_id: Mapped[str | None] = mapped_column(Id)

    @property
    def author(self) -> Author:
        """Return who began it."""
        return Author(self.end_user_id, self.account_id)

    @property
    def finished(self) -> bool:
        """Tell whether it is over; a paused one is not."""
        return self.status in ENDED

    @property
    def system(self) -> dict[str, Any]:
        """Return the `sys` variables by name."""
        start = len(SYSTEM_PREFIX)
        return {name[start:]: value for name, value in self.inputs.items() if name.startswith(SYSTEM_PREFIX)}

    @property
    def filled_in(self) -> dict[str, Any]:
        """Return what the form was filled in with."""
        return {name: value for name, value in self.inputs.items() if not name.startswith(SYSTEM_PREFIX)}


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are wanted; None wants all."""

    status: RunStatus | None = None
    keyword: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    session_id: str | None = None
    account_email: str | None = None
    debugging: bool | None = None


async def add(scope: Scope, run: WorkflowRun) -> WorkflowRun:
    """Store a new run as queued."""
    run.workspace_id = scope.workspace_id
    run.status = "queued"
    scope.session.add(run)
    await scope.session.flush()
    return run


async def load(scope: Scope, run_id: str) -> WorkflowRun | None:
    """Return a run by its id alone, for the worker that runs it."""
    query = select(WorkflowRun).where(WorkflowRun.workspace_id == scope.workspace_id, WorkflowRun.id == run_id)
    return await scope.session.scalar(query)


async def find(scope: Scope, app_id: str, run_or_task_id: str, author: Author | None = None) -> WorkflowRun | None:
    """Return a run of an app by its own id or its task's."""
    query = _of_app(scope, app_id, author)
    return await scope.session.scalar(
        query.where(or_(WorkflowRun.id == run_or_task_id, WorkflowRun.task_id == run_or_task_id))
    )


async def get(scope: Scope, app_id: str, run_or_task_id: str, author: Author | None = None) -> WorkflowRun:
    """Return a run of an app by its own id or its task's.

    Raises:
        ApiError: `not_found`, also for a run of another app or person.
    """
    found = await find(scope, app_id, run_or_task_id, author)
    if found is None:
        raise ApiError("not_found", "Workflow run not found.")
    return found


async def is_paused(scope: SystemScope, task_id: str) -> bool:
    """Tell whether a task's run waits for a person."""
    query = select(WorkflowRun.status).where(WorkflowRun.task_id == task_id)
    return await scope.session.scalar(query) == "paused"


async def active_count(scope: Scope, app_id: str) -> int:
    """Return how many runs of an app that write no message are queued or running."""
    query = select(func.count()).where(
        WorkflowRun.workspace_id == scope.workspace_id,
        WorkflowRun.app_id == app_id,
        WorkflowRun.message_id.is_(None),
        ACTIVE,
    )
    return await scope.session.scalar(query) or 0


async def active_count_of_key(scope: Scope, api_key_id: str) -> int:
    """Return how many runs that an API key began, and that write no message, are queued or running."""
    query = select(func.count()).where(
        WorkflowRun.workspace_id == scope.workspace_id,
        WorkflowRun.api_key_id == api_key_id,
        WorkflowRun.message_id.is_(None),
        ACTIVE,
    )
    return await scope.session.scalar(query) or 0


async def logs(scope: Scope, app_id: str, wanted: RunFilter, *, page: int = 1, limit: int = 20) -> Page[WorkflowRun]:
    """Return one page of an app's whole runs, the newest first."""
    query = _wanted(_of_app(scope, app_id, None).where(WorkflowRun.node_id.is_(None)), scope, wanted)
    query = query.order_by(WorkflowRun.created_at.desc(), WorkflowRun.id.desc())
    return await numbered(scope, query, page, limit)


async def page_after(
    scope: Scope, app_id: str, wanted: RunFilter, *, last_id: str | None = None, limit: int = 20
) -> CursorPage[WorkflowRun]:
    """Return an app's whole runs that are older than one, the newest first.

    Raises:
        ApiError: `not_found` for an unknown `last_id`.
    """
    query = _wanted(_of_app(scope, app_id, None).where(WorkflowRun.node_id.is_(None)), scope, wanted)
    if last_id:
        last = await find(scope, app_id, last_id)
        if last is None:
            raise ApiError("not_found", "Last workflow run not exists")
        types = [WorkflowRun.created_at.type, WorkflowRun.id.type]
        query = query.where(_place() < tuple_(last.created_at, last.id, types=types))
    return await continued(scope, query.order_by(WorkflowRun.created_at.desc(), WorkflowRun.id.desc()), limit)


async def of_messages(scope: Scope, message_ids: Sequence[str]) -> dict[str, WorkflowRun]:
    """Return the run of each of these messages that has one."""
    if not message_ids:
        return {}
    query = select(WorkflowRun).where(
        WorkflowRun.workspace_id == scope.workspace_id, WorkflowRun.message_id.in_(message_ids)
    )
    return {str(run.message_id): run for run in await scope.session.scalars(query)}


def _of_app(scope: Scope, app_id: str, author: Author | None) -> Select[WorkflowRun]:
    query = select(WorkflowRun).where(WorkflowRun.workspace_id == scope.workspace_id, WorkflowRun.app_id == app_id)
    return query if author is None else query.where(author.wrote(WorkflowRun))


def _wanted(query: Select[WorkflowRun], scope: Scope, wanted: RunFilter) -> Select[WorkflowRun]:
    if wanted.status is not None:
        query = query.where(WorkflowRun.status == wanted.status)
    if wanted.created_after is not None:
        query = query.where(WorkflowRun.created_at >= wanted.created_after)
    if wanted.created_before is not None:
        query = query.where(WorkflowRun.created_at <= wanted.created_before)
    if wanted.debugging is not None:
        debugging = WorkflowRun.invoke_from == "debugger"
        query = query.where(debugging if wanted.debugging else ~debugging)
    if wanted.session_id:
        people = select(EndUser.id).where(
            EndUser.workspace_id == scope.workspace_id, EndUser.session_id == wanted.session_id
        )
        query = query.where(WorkflowRun.end_user_id.in_(people))
    if wanted.account_email:
        accounts = select(Account.id).where(func.lower(Account.email) == wanted.account_email.lower())
        query = query.where(WorkflowRun.account_id.in_(accounts))
    if wanted.keyword:
        pattern = like(wanted.keyword)
        query = query.where(
            or_(
                cast(WorkflowRun.inputs, String).ilike(pattern),
                cast(WorkflowRun.outputs, String).ilike(pattern),
                cast(WorkflowRun.id, String) == wanted.keyword.lower(),
            )
        )
    return query


def _place() -> Any:
    return tuple_(WorkflowRun.created_at, WorkflowRun.id)
