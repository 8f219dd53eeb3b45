"""Messages: one question and its answer, with what it took. A message is also the row of its run."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, get_args

from sqlalchemy import Index, Select, UniqueConstraint, delete, func, select, text, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models import conversation as conversations
from models import upload_file
from models.author import Author, Authored
from models.page import CursorPage
from models.scope import Scope
from models.table import (
    Created,
    Id,
    Identified,
    Json,
    Owned,
    Table,
    Updated,
    Words,
    addressable,
    belongs_to,
    one_of,
    store,
)

Status = Literal["queued", "running", "paused", "normal", "stopped", "error"]
InvokeFrom = Literal["service-api", "web-app", "debugger"]
ACTIVE = text("status IN ('queued', 'running')")
MEMORY_LIMIT = 100


class Message(Identified, Created, Updated, Owned, Authored, Table):
    """A question, its answer and the state of the run that writes it.

    A message with a `workflow_run_id` is written by that run, whose row is the queue's; see `models.workflow_run`.
    """

    __tablename__ = "message"
    __table_args__ = (
        addressable(),
        UniqueConstraint("task_id"),
        belongs_to("app"),
        belongs_to("conversation"),
        belongs_to("end_user"),
        one_of("status", get_args(Status)),
        one_of("invoke_from", get_args(InvokeFrom)),
        Index(None, "conversation_id", "created_at", "id"),
        Index(None, "app_id", "created_at", "id"),
        Index(None, "end_user_id"),
        Index(
            "ix_message_files",
            "files",
            postgresql_using="gin",
            postgresql_ops={"files": "jsonb_path_ops"},
            postgresql_where=text("files <> '[]'::jsonb"),
        ),
        Index("ix_message_active", "app_id", "status", "created_at", postgresql_where=ACTIVE),
        Index("ix_message_active_by_key", "api_key_id", postgresql_where=ACTIVE),
    )

    app_id: Mapped[str] = mapped_column(Id)
    conversation_id: Mapped[str | None] = mapped_column(Id)
    parent_message_id: Mapped[str | None] = mapped_column(Id)
    task_id: Mapped[str] = mapped_column(Id)
    invoke_from: Mapped[InvokeFrom] = mapped_column(Words)
    mode: Mapped[str]
    inputs: Mapped[Json] = mapped_column(default=dict)
    query: Mapped[str] = mapped_column(default="")
    files: Mapped[list[Json]] = mapped_column(default=list)
    answer: Mapped[str] = mapped_column(default="")
    status: Mapped[Status] = mapped_column(Words, default="queued")
    attempt: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    model_provider: Mapped[str | None]
    model_id: Mapped[str | None]
    message_tokens: Mapped[int] = mapped_column(default=0)
    answer_tokens: Mapped[int] = mapped_column(default=0)
    message_unit_price: Mapped[Decimal] = mapped_column(default=Decimal(0))
    answer_unit_price: Mapped[Decimal] = mapped_column(default=Decimal(0))
    price_unit: Mapped[Decimal] = mapped_column(default=Decimal("0.001"))
    total_price: Mapped[Decimal] = mapped_column(default=Decimal(0))
    currency: Mapped[str] = mapped_column(default="USD")
    metadata_: Mapped[Json] = mapped_column("metadata", default=dict)
    model_config: Mapped[Json] = mapped_column(default=dict)
    provider_response_latency: Mapped[float] = mapped_column(default=0.0)
    stop_requested_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    trace_id: Mapped[str | None]
    api_key_id: Mapped[str | None] = mapped_column(Id)
    workflow_run_id: Mapped[str | None] = mapped_column(Id)

    @property
    def author(self) -> Author:
        """Return who asked."""
        return Author(self.end_user_id, self.account_id)

    @property
    def finished(self) -> bool:
        """Tell whether its run has ended."""
        return self.status not in ("queued", "running", "paused")


async def add(scope: Scope, message: Message, *, counted: bool = False) -> Message:
    """Store a new message as queued and count it in its conversation.

    Args:
        scope: the workspace.
        message: the message with its app, author, task, mode, query and model configuration.
        counted: whether its conversation was begun with it and has counted it.
    """
    message.workspace_id = scope.workspace_id
    message.status = "queued"
    await store(scope.session, message)
    if message.conversation_id is not None and not counted:
        await conversations.note_message(scope, message.conversation_id)
    return message


async def get(scope: Scope, app_id: str, message_id: str, author: Author | None = None) -> Message:
    """Return a message of an app.

    Raises:
        ApiError: `not_found`.
    """
    found = await scope.session.scalar(_of_app(scope, app_id, author).where(Message.id == message_id))
    if found is None:
        raise ApiError("not_found", "Message Not Exists.")
    return found


async def load(scope: Scope, message_id: str) -> Message | None:
    """Return a message by its id alone, for the worker that runs it."""
    query = select(Message).where(Message.workspace_id == scope.workspace_id, Message.id == message_id)
    return await scope.session.scalar(query)


async def find_by_task(scope: Scope, app_id: str, task_id: str, author: Author | None = None) -> Message | None:
    """Return the message that a task of an app writes."""
    return await scope.session.scalar(_of_app(scope, app_id, author).where(Message.task_id == task_id))


async def page_before(
    scope: Scope, conversation_id: str, *, limit: int = 20, first_id: str | None = None
) -> CursorPage[Message]:
    """Return the newest messages of a conversation, or the newest that are older than one, oldest first.

    Raises:
        ApiError: `not_found` for an unknown `first_id`.
    """
    query = select(Message).where(
        Message.workspace_id == scope.workspace_id, Message.conversation_id == conversation_id
    )
    if first_id:
        first = await scope.session.scalar(query.where(Message.id == first_id))
        if first is None:
            raise ApiError("not_found", "First Message Not Exists.")
        query = query.where(_place() < _cursor(first))
    rows = list(await scope.session.scalars(_newest_first(query).limit(limit + 1)))
    return CursorPage(rows[:limit][::-1], limit, len(rows) > limit)


async def history(scope: Scope, message: Message, limit: int = MEMORY_LIMIT) -> list[Message]:
    """Return what was said before a message, oldest first: answered turns only.

    A message that names its parent follows that branch; otherwise all earlier turns count.
    """
    if message.conversation_id is None:
        return []
    query = select(Message).where(
        Message.workspace_id == scope.workspace_id,
        Message.conversation_id == message.conversation_id,
        Message.id != message.id,
        _place() < _cursor(message),
        Message.status.in_(("normal", "stopped")),
        Message.answer != "",
    )
    earlier = list(await scope.session.scalars(_newest_first(query).limit(limit)))
    return _branch(earlier, message.parent_message_id)[::-1]


async def active_count(scope: Scope, app_id: str) -> int:
    """Return how many runs of an app are queued or running."""
    query = select(func.count()).where(Message.workspace_id == scope.workspace_id, Message.app_id == app_id, ACTIVE)
    return await scope.session.scalar(query) or 0


async def active_count_of_key(scope: Scope, api_key_id: str) -> int:
    """Return how many runs that an API key began are queued or running."""
    query = select(func.count()).where(
        Message.workspace_id == scope.workspace_id, Message.api_key_id == api_key_id, ACTIVE
    )
    return await scope.session.scalar(query) or 0


async def find_first(scope: Scope, conversation_id: str) -> Message | None:
    """Return the first message of a conversation, which names it."""
    query = select(Message).where(
        Message.workspace_id == scope.workspace_id, Message.conversation_id == conversation_id
    )
    return await scope.session.scalar(query.order_by(Message.created_at, Message.id).limit(1))


async def count_by_conversation(scope: Scope, conversation_ids: Sequence[str]) -> dict[str, int]:
    """Return how many messages each conversation holds."""
    query = (
        select(Message.conversation_id, func.count())
        .where(Message.workspace_id == scope.workspace_id, Message.conversation_id.in_(conversation_ids))
        .group_by(Message.conversation_id)
    )
    return {str(row[0]): row[1] for row in await scope.session.execute(query)}


async def count_of_conversation(scope: Scope, conversation_id: str) -> int:
    """Return how many messages a conversation holds."""
    return (await count_by_conversation(scope, [conversation_id])).get(conversation_id, 0)


def _of_app(scope: Scope, app_id: str, author: Author | None) -> Select[Message]:
    query = select(Message).where(Message.workspace_id == scope.workspace_id, Message.app_id == app_id)
    return query if author is None else query.where(author.wrote(Message))


def _newest_first(query: Select[Message]) -> Select[Message]:
    return query.order_by(Message.created_at.desc(), Message.id.desc())


def _place() -> Any:
    return tuple_(Message.created_at, Message.id)


def _cursor(message: Message) -> Any:
    return tuple_(message.created_at, message.id, types=[Message.created_at.type, Message.id.type])


def _branch(earlier: list[Message], parent_id: str | None) -> list[Message]:
    """Choose, newest first, the turns that lead to a parent; all of them without one."""
    if parent_id is None:
        return earlier
    branch = []
    for turn in earlier:
        if parent_id is None or turn.id == parent_id:
            branch.append(turn)
            parent_id = turn.parent_message_id
    return branch


async def remove_some(scope: Scope, *, app_id: str, conversation_id: str | None = None, limit: int) -> int:
    """Delete some messages, whichever, with the files that no other one refers to.

    Args:
        scope: the workspace.
        app_id: the app.
        conversation_id: the conversation; None takes those of all and of none.
        limit: how many at most.

    Returns:
        How many.
    """
    chosen = select(Message.id).where(Message.workspace_id == scope.workspace_id, Message.app_id == app_id)
    if conversation_id is not None:
        chosen = chosen.where(Message.conversation_id == conversation_id)
    statement = delete(Message).where(Message.id.in_(chosen.limit(limit))).returning(Message.files)
    removed = list(await scope.session.scalars(statement.execution_options(synchronize_session=False)))
    named = [str(file["upload_file_id"]) for files in removed for file in files if file.get("upload_file_id")]
    await upload_file.discard(scope, named)
    return len(removed)


async def remove(scope: Scope, message: Message) -> None:
    """Delete a message, with the files that no other one refers to."""
    named = [str(file["upload_file_id"]) for file in message.files if file.get("upload_file_id")]
    await scope.session.delete(message)
    await scope.session.flush()
    await upload_file.discard(scope, named)


async def lock_admission(scope: Scope, owner_id: str) -> None:
    """Let nobody else count and begin runs of an app or a key before this transaction ends."""
    await scope.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(owner_id, 0))))
