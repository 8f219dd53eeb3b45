"""What users and administrators think of an answer: one rating from each side."""

from collections.abc import Sequence
from typing import Literal, get_args

from sqlalchemy import Index, UniqueConstraint, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from foundation.ids import new_id
from models.author import Author, Authored
from models.message import Message
from models.page import Page, numbered
from models.scope import Scope
from models.table import Created, Id, Identified, Owned, Table, Updated, Words, belongs_to, now, one_of

Rating = Literal["like", "dislike"]
Source = Literal["user", "admin"]


class MessageFeedback(Identified, Created, Updated, Owned, Authored, Table):
    """A rating of one message."""

    __tablename__ = "message_feedback"
    __table_args__ = (
        belongs_to("app"),
        belongs_to("message"),
        UniqueConstraint("message_id", "source"),
        one_of("rating", get_args(Rating)),
        one_of("source", get_args(Source)),
        Index(None, "app_id", "created_at", "id"),
    )

    app_id: Mapped[str] = mapped_column(Id)
    conversation_id: Mapped[str | None] = mapped_column(Id)
    message_id: Mapped[str] = mapped_column(Id)
    rating: Mapped[Rating] = mapped_column(Words)
    source: Mapped[Source] = mapped_column(Words)
    content: Mapped[str | None]


async def give(
    scope: Scope, message: Message, author: Author, source: Source, rating: Rating, content: str | None = None
) -> None:
    """Rate a message, in place of what this side gave before."""
    at = now()
    values = {"rating": rating, "content": content, "updated_at": at, **author.columns()}
    statement = insert(MessageFeedback).values(
        id=new_id(),
        workspace_id=scope.workspace_id,
        app_id=message.app_id,
        conversation_id=message.conversation_id,
        message_id=message.id,
        source=source,
        created_at=at,
        **values,
    )
    await scope.session.execute(statement.on_conflict_do_update(index_elements=["message_id", "source"], set_=values))


async def withdraw(scope: Scope, message_id: str, source: Source) -> None:
    """Take a side's rating back."""
    await scope.session.execute(
        delete(MessageFeedback).where(
            MessageFeedback.workspace_id == scope.workspace_id,
            MessageFeedback.message_id == message_id,
            MessageFeedback.source == source,
        )
    )


async def of_messages(scope: Scope, message_ids: Sequence[str], source: Source) -> dict[str, MessageFeedback]:
    """Return one side's ratings of some messages, by message."""
    query = select(MessageFeedback).where(
        MessageFeedback.workspace_id == scope.workspace_id,
        MessageFeedback.message_id.in_(message_ids),
        MessageFeedback.source == source,
    )
    return {given.message_id: given for given in await scope.session.scalars(query)}


async def page(scope: Scope, app_id: str, *, page: int = 1, limit: int = 20) -> Page[MessageFeedback]:
    """Return one page of an app's ratings, newest first."""
    query = select(MessageFeedback).where(
        MessageFeedback.workspace_id == scope.workspace_id, MessageFeedback.app_id == app_id
    )
    query = query.order_by(MessageFeedback.created_at.desc(), MessageFeedback.id.desc())
    return await numbered(scope, query, page, limit)
