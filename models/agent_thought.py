"""An agent's thoughts: what its model said, which tools it used, and what they answered, step by step."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column

from models.message import Message
from models.scope import Scope
from models.table import Created, Id, Identified, Json, Owned, Table, Updated, belongs_to


class AgentThought(Identified, Created, Updated, Owned, Table):
    """One turn of the model; `tool` names its tools with `;` between them, input and observation are JSON texts."""

    __tablename__ = "agent_thought"
    __table_args__ = (belongs_to("message"), UniqueConstraint("message_id", "position"))

    message_id: Mapped[str] = mapped_column(Id)
    position: Mapped[int]
    thought: Mapped[str] = mapped_column(default="")
    tool: Mapped[str] = mapped_column(default="")
    tool_labels: Mapped[Json] = mapped_column(default=dict)
    tool_input: Mapped[str] = mapped_column(default="")
    observation: Mapped[str] = mapped_column(default="")
    files: Mapped[list[str]] = mapped_column(default=list)


async def begin(scope: Scope, message_id: str, attempt: int, position: int) -> AgentThought | None:
    """Store a thought that is about to be had.

    Args:
        scope: the workspace's transaction.
        message_id: whose run.
        attempt: which attempt writes.
        position: the thought's place, from 1.

    Returns:
        The thought; None if the run is no longer this attempt's.
    """
    if not await _runs(scope, message_id, attempt):
        return None
    made = AgentThought(workspace_id=scope.workspace_id, message_id=message_id, position=position)
    scope.session.add(made)
    await scope.session.flush()
    return made


async def fill(scope: Scope, thought_id: str, values: Mapping[str, Any]) -> AgentThought | None:
    """Say more about a thought.

    Args:
        scope: the workspace's transaction.
        thought_id: which thought.
        values: columns with their new values.

    Returns:
        The thought as it is now; None if it is gone with its message.
    """
    statement = (
        update(AgentThought)
        .where(AgentThought.workspace_id == scope.workspace_id, AgentThought.id == thought_id)
        .values(**values)
        .returning(AgentThought)
    )
    return (await scope.session.execute(statement)).scalar_one_or_none()


async def replace_texts(scope: Scope, message_id: str, attempt: int, said: str) -> list[AgentThought]:
    """Let the last thought of a message say something else, and those before it nothing.

    Args:
        scope: the workspace's transaction.
        message_id: whose run.
        attempt: which attempt writes.
        said: what the last thought says.

    Returns:
        The thoughts that changed, in their order; none if the run is no longer this attempt's.
    """
    if not await _runs(scope, message_id, attempt):
        return []
    had = (await of_messages(scope, [message_id])).get(message_id, [])
    wanted = ["" for _ in had[:-1]] + [said]
    changed = [thought for thought, text in zip(had, wanted, strict=False) if thought.thought != text]
    for thought, text in zip(had, wanted, strict=False):
        thought.thought = text
    await scope.session.flush()
    return changed


async def of_messages(scope: Scope, message_ids: Sequence[str]) -> dict[str, list[AgentThought]]:
    """Return the thoughts of each of these messages that has any, in their order."""
    if not message_ids:
        return {}
    query = (
        select(AgentThought)
        .where(AgentThought.workspace_id == scope.workspace_id, AgentThought.message_id.in_(message_ids))
        .order_by(AgentThought.message_id, AgentThought.position)
    )
    found: dict[str, list[AgentThought]] = {}
    for thought in await scope.session.scalars(query):
        found.setdefault(thought.message_id, []).append(thought)
    return found


async def _runs(scope: Scope, message_id: str, attempt: int) -> bool:
    query = select(Message.id).where(
        Message.workspace_id == scope.workspace_id,
        Message.id == message_id,
        Message.attempt == attempt,
        Message.status == "running",
    )
    return await scope.session.scalar(query) is not None
