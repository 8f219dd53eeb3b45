"""What people keep within reach: pinned conversations and saved answers."""

from sqlalchemy import ColumnElement, Index, Select, UniqueConstraint, delete, exists, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from foundation.ids import new_id
from models.author import Author, Authored
from models.conversation import Conversation
from models.message import Message
from models.page import CursorPage
from models.scope import Scope
from models.table import Created, Id, Identified, Owned, Table, belongs_to, now


class PinnedConversation(Identified, Created, Owned, Authored, Table):
    """A conversation that its person keeps at the top."""

    __tablename__ = "pinned_conversation"
    __table_args__ = (belongs_to("conversation"), UniqueConstraint("conversation_id"))

    conversation_id: Mapped[str] = mapped_column(Id)

    @staticmethod
    def holds(pinned: bool) -> ColumnElement[bool]:
        """Return the condition that a conversation is pinned, or that it is not."""
        found = exists().where(PinnedConversation.conversation_id == Conversation.id)
        return found if pinned else ~found


class SavedMessage(Identified, Created, Owned, Authored, Table):
    """An answer of a completion app that its person keeps."""

    __tablename__ = "saved_message"
    __table_args__ = (
        belongs_to("app"),
        belongs_to("message"),
        UniqueConstraint("message_id"),
        Index(None, "app_id", "created_at", "id"),
    )

    app_id: Mapped[str] = mapped_column(Id)
    message_id: Mapped[str] = mapped_column(Id)


async def pin(scope: Scope, conversation_id: str, author: Author) -> None:
    """Keep a conversation at the top; doing it twice changes nothing."""
    statement = insert(PinnedConversation).values(
        id=new_id(),
        workspace_id=scope.workspace_id,
        conversation_id=conversation_id,
        created_at=now(),
        **author.columns(),
    )
    await scope.session.execute(statement.on_conflict_do_nothing())


async def unpin(scope: Scope, conversation_id: str) -> None:
    """Let a conversation take its place in the list again."""
    await scope.session.execute(
        delete(PinnedConversation).where(
            PinnedConversation.workspace_id == scope.workspace_id,
            PinnedConversation.conversation_id == conversation_id,
        )
    )


async def save(scope: Scope, message: Message, author: Author) -> None:
    """Keep an answer; doing it twice changes nothing."""
    statement = insert(SavedMessage).values(
        id=new_id(),
        workspace_id=scope.workspace_id,
        app_id=message.app_id,
        message_id=message.id,
        created_at=now(),
        **author.columns(),
    )
    await scope.session.execute(statement.on_conflict_do_nothing())


async def unsave(scope: Scope, app_id: str, message_id: str, author: Author) -> None:
    """Keep an answer no longer; one that was not kept is left alone."""
    await scope.session.execute(
        delete(SavedMessage).where(
            SavedMessage.workspace_id == scope.workspace_id,
            SavedMessage.app_id == app_id,
            SavedMessage.message_id == message_id,
            author.wrote(SavedMessage),
        )
    )


async def saved_after(
    scope: Scope, app_id: str, author: Author, *, limit: int = 20, last_id: str | None = None
) -> CursorPage[Message]:
    """Return the answers that a person saved, the latest first, after the one with the message id `last_id`.

    Raises:
        ApiError: `not_found` for an unknown `last_id`.
    """
    query = _saved(scope, app_id, author)
    if last_id:
        last = await scope.session.scalar(query.where(SavedMessage.message_id == last_id))
        if last is None:
            raise ApiError("not_found", "Last Message Not Exists.")
        place = tuple_(SavedMessage.created_at, SavedMessage.id)
        types = [SavedMessage.created_at.type, SavedMessage.id.type]
        query = query.where(place < tuple_(last.created_at, last.id, types=types))
    query = query.order_by(SavedMessage.created_at.desc(), SavedMessage.id.desc()).limit(limit + 1)
    ids = [saved.message_id for saved in await scope.session.scalars(query)]
    found = select(Message).where(Message.workspace_id == scope.workspace_id, Message.id.in_(ids))
    by_id = {message.id: message for message in await scope.session.scalars(found)}
    return CursorPage([by_id[message_id] for message_id in ids[:limit]], limit, len(ids) > limit)


def _saved(scope: Scope, app_id: str, author: Author) -> Select[SavedMessage]:
    return select(SavedMessage).where(
        SavedMessage.workspace_id == scope.workspace_id,
        SavedMessage.app_id == app_id,
        author.wrote(SavedMessage),
    )
