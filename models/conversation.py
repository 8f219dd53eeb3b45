"""Conversations of an app with one of its users."""

from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import ColumnElement, Index, Select, delete, select, text, tuple_, update
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.author import Author, Authored
from models.page import CursorPage, Page, continued, like, numbered
from models.scope import Scope, SystemScope
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
    now,
    one_of,
    store,
)

Status = Literal["normal", "finished"]
SortBy = Literal["created_at", "-created_at", "updated_at", "-updated_at"]


class Conversation(Identified, Created, Updated, Owned, Authored, Table):
    """A thread of messages."""

    __tablename__ = "conversation"
    __table_args__ = (
        addressable(),
        belongs_to("app"),
        belongs_to("end_user"),
        one_of("status", get_args(Status)),
        Index("ix_conversation_by_update", "app_id", "end_user_id", "updated_at", "id"),
        Index("ix_conversation_by_creation", "app_id", "end_user_id", "created_at", "id"),
        Index(None, "end_user_id"),
        Index("ix_conversation_deleted", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
    )

    app_id: Mapped[str] = mapped_column(Id)
    mode: Mapped[str]
    invoke_from: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    inputs: Mapped[Json] = mapped_column(default=dict)
    introduction: Mapped[str] = mapped_column(default="")
    status: Mapped[Status] = mapped_column(Words, default="normal")
    dialogue_count: Mapped[int] = mapped_column(default=0)
    deleted_at: Mapped[datetime | None]


def draft(
    scope: Scope,
    *,
    app_id: str,
    author: Author,
    mode: str,
    invoke_from: str,
    name: str,
    inputs: Json,
    introduction: str = "",
    dialogue_count: int = 0,
) -> Conversation:
    """Return a conversation that is not stored yet; `dialogue_count` is how many messages are added with it."""
    return Conversation(
        workspace_id=scope.workspace_id,
        app_id=app_id,
        mode=mode,
        invoke_from=invoke_from,
        name=name,
        inputs=inputs,
        introduction=introduction,
        dialogue_count=dialogue_count,
        **author.columns(),
    )


async def add(scope: Scope, made: Conversation) -> Conversation:
    """Store a conversation that has been drafted, and return it."""
    await store(scope.session, made)
    return made


async def get(scope: Scope, app_id: str, conversation_id: str, author: Author | None = None) -> Conversation:
    """Return a conversation of an app.

    Args:
        scope: the workspace.
        app_id: the app.
        conversation_id: the conversation.
        author: whose it must be; None admits anybody's.

    Raises:
        ApiError: `not_found`.
    """
    query = _visible(scope, app_id, author).where(Conversation.id == conversation_id)
    found = await scope.session.scalar(query)
    if found is None:
        raise ApiError("not_found", "Conversation Not Exists.")
    return found


async def page_after(
    scope: Scope,
    app_id: str,
    author: Author | None = None,
    *,
    limit: int = 20,
    last_id: str | None = None,
    sort_by: SortBy = "-updated_at",
    only: ColumnElement[bool] | None = None,
) -> CursorPage[Conversation]:
    """Return the conversations that follow one in the order asked for; `only` is a further condition.

    Raises:
        ApiError: `not_found` for an unknown `last_id`.
    """
    descending = sort_by.startswith("-")
    column = Conversation.updated_at if sort_by.endswith("updated_at") else Conversation.created_at
    query = _visible(scope, app_id, author)
    if only is not None:
        query = query.where(only)
    if last_id:
        known = _all(scope, app_id, author).where(Conversation.id == last_id)
        last = await scope.session.scalar(known)
        if last is None:
            raise ApiError("not_found", "Last Conversation Not Exists.")
        at = last.updated_at if sort_by.endswith("updated_at") else last.created_at
        place = tuple_(column, Conversation.id)
        cursor = tuple_(at, last.id, types=[column.type, Conversation.id.type])
        query = query.where(place < cursor if descending else place > cursor)
    if descending:
        query = query.order_by(column.desc(), Conversation.id.desc())
    else:
        query = query.order_by(column, Conversation.id)
    return await continued(scope, query, limit)


async def page(
    scope: Scope,
    app_id: str,
    author: Author | None = None,
    *,
    page: int = 1,
    limit: int = 20,
    keyword: str | None = None,
) -> Page[Conversation]:
    """Return one numbered page of an app's conversations, those changed last first."""
    query = _visible(scope, app_id, author)
    if keyword:
        query = query.where(Conversation.name.ilike(like(keyword)))
    query = query.order_by(Conversation.updated_at.desc(), Conversation.id.desc())
    return await numbered(scope, query, page, limit)


async def rename(
    scope: Scope, app_id: str, conversation_id: str, name: str, author: Author | None = None
) -> Conversation:
    """Give a conversation another name.

    Raises:
        ApiError: `not_found`.
    """
    found = await get(scope, app_id, conversation_id, author)
    found.name = name
    await scope.session.flush()
    return found


async def note_message(scope: Scope, conversation_id: str) -> None:
    """Count a new message in its conversation, which moves to the front of the list."""
    await scope.session.execute(
        update(Conversation)
        .where(Conversation.workspace_id == scope.workspace_id, Conversation.id == conversation_id)
        .values(dialogue_count=Conversation.dialogue_count + 1, updated_at=now())
        .execution_options(synchronize_session=False)
    )


async def remove(scope: Scope, app_id: str, conversation_id: str, author: Author | None = None) -> None:
    """Take a conversation out of sight.

    Raises:
        ApiError: `not_found`.
    """
    found = await get(scope, app_id, conversation_id, author)
    found.deleted_at = now()
    await scope.session.flush()


async def list_deleted(scope: SystemScope, limit: int = 100) -> list[Conversation]:
    """Return conversations of any workspace that wait to be purged."""
    query = select(Conversation).where(Conversation.deleted_at.is_not(None))
    return list(await scope.session.scalars(query.order_by(Conversation.deleted_at).limit(limit)))


async def purge(scope: Scope, conversation_id: str) -> None:
    """Remove a deleted conversation, once its messages are gone."""
    await scope.session.execute(
        delete(Conversation).where(
            Conversation.workspace_id == scope.workspace_id,
            Conversation.id == conversation_id,
            Conversation.deleted_at.is_not(None),
        )
    )


def _all(scope: Scope, app_id: str, author: Author | None) -> Select[Conversation]:
    query = select(Conversation).where(Conversation.workspace_id == scope.workspace_id, Conversation.app_id == app_id)
    return query if author is None else query.where(author.wrote(Conversation))


def _visible(scope: Scope, app_id: str, author: Author | None) -> Select[Conversation]:
    return _all(scope, app_id, author).where(Conversation.deleted_at.is_(None))


async def rename_if(scope: Scope, conversation_id: str, current: str, name: str) -> bool:
    """Give a conversation another name if it is still called `current`; its place in the list stays.

    Returns:
        Whether it is called that now.
    """
    renamed = await scope.session.scalar(
        update(Conversation)
        .where(
            Conversation.workspace_id == scope.workspace_id,
            Conversation.id == conversation_id,
            Conversation.name == current,
        )
        .values(name=name, updated_at=Conversation.updated_at)
        .returning(Conversation.id)
        .execution_options(synchronize_session=False)
    )
    return renamed is not None
