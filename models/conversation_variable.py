"""Conversation variables: what a conversation remembers beside its messages."""

from typing import Any

from sqlalchemy import Select, UniqueConstraint, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.page import CursorPage, continued
from models.scope import Scope
from models.table import Created, Id, Identified, Owned, Table, Updated, belongs_to


class ConversationVariable(Identified, Created, Updated, Owned, Table):
    """A named value of one conversation; `value_type` is a type of workflow variables, such as `array[string]`."""

    __tablename__ = "conversation_variable"
    __table_args__ = (belongs_to("conversation"), UniqueConstraint("conversation_id", "name"))

    conversation_id: Mapped[str] = mapped_column(Id)
    name: Mapped[str]
    value_type: Mapped[str]
    value: Mapped[Any] = mapped_column(JSONB, nullable=True)
    description: Mapped[str] = mapped_column(default="")


async def page_after(
    scope: Scope, conversation_id: str, *, limit: int = 20, last_id: str | None = None, name: str | None = None
) -> CursorPage[ConversationVariable]:
    """Return the variables of a conversation that follow one, the oldest first.

    Raises:
        ApiError: `not_found` for an unknown `last_id`.
    """
    query = _of(scope, conversation_id)
    if name:
        query = query.where(ConversationVariable.name == name)
    if last_id:
        last = await scope.session.scalar(_of(scope, conversation_id).where(ConversationVariable.id == last_id))
        if last is None:
            raise ApiError("not_found", "Last Conversation Variable Not Exists.")
        place = tuple_(ConversationVariable.created_at, ConversationVariable.id)
        types = [ConversationVariable.created_at.type, ConversationVariable.id.type]
        query = query.where(place > tuple_(last.created_at, last.id, types=types))
    query = query.order_by(ConversationVariable.created_at, ConversationVariable.id)
    return await continued(scope, query, limit)


async def get(scope: Scope, conversation_id: str, variable_id: str) -> ConversationVariable:
    """Return a variable of a conversation.

    Raises:
        ApiError: `not_found`.
    """
    found = await scope.session.scalar(_of(scope, conversation_id).where(ConversationVariable.id == variable_id))
    if found is None:
        raise ApiError("not_found", "Conversation Variable Not Exists.")
    return found


async def values(scope: Scope, conversation_id: str) -> dict[str, ConversationVariable]:
    """Return a conversation's variables by name."""
    return {each.name: each for each in await scope.session.scalars(_of(scope, conversation_id))}


async def put(
    scope: Scope, conversation_id: str, name: str, value_type: str, value: Any, description: str = ""
) -> ConversationVariable:
    """Give a variable its value; the first time makes it."""
    found = await scope.session.scalar(_of(scope, conversation_id).where(ConversationVariable.name == name))
    if found is None:
        found = ConversationVariable(
            workspace_id=scope.workspace_id, conversation_id=conversation_id, name=name, description=description
        )
        scope.session.add(found)
    found.value_type, found.value = value_type, value
    await scope.session.flush()
    return found


def _of(scope: Scope, conversation_id: str) -> Select[ConversationVariable]:
    return select(ConversationVariable).where(
        ConversationVariable.workspace_id == scope.workspace_id,
        ConversationVariable.conversation_id == conversation_id,
    )
