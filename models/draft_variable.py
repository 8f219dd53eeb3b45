"""Draft variables: what the nodes of a draft gave when they ran last, to be looked at, changed, and run on with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Index, Select, UniqueConstraint, delete, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from foundation.ids import new_id
from models.page import Page, numbered
from models.scope import Scope
from models.table import Created, Id, Identified, Json, Owned, Table, Updated, belongs_to, now

SYSTEM, CONVERSATION, ENVIRONMENT = "sys", "conversation", "env"


class DraftVariable(Identified, Created, Updated, Owned, Table):
    """One variable. `node_id` is the node that gave it, or `sys` or `conversation`.

    `node_execution_id` is the node's run that gave the value; `edited_at` is set where a person changed it since.
    `first_value` is what a reset brings back.
    """

    __tablename__ = "draft_variable"
    __table_args__ = (
        belongs_to("app"),
        UniqueConstraint("app_id", "node_id", "name"),
        Index(None, "app_id", "created_at", "id"),
    )

    app_id: Mapped[str] = mapped_column(Id)
    node_id: Mapped[str]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    value_type: Mapped[str]
    value: Mapped[Any] = mapped_column(JSONB, nullable=True)
    first_value: Mapped[Any] = mapped_column(JSONB, nullable=True)
    node_execution_id: Mapped[str | None] = mapped_column(Id)
    edited_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Given:
    """A variable as a run gave it; `value_type` is a type of workflow variables, such as `array[string]`."""

    name: str
    value: Any
    value_type: str
    description: str = ""


async def put(
    scope: Scope, app_id: str, node_id: str, given: Iterable[Given], *, node_execution_id: str | None = None
) -> None:
    """Write what a node of the draft gave; what it gave before and does not give now is gone.

    Args:
        scope: the workspace.
        app_id: the app whose draft ran.
        node_id: the node, or `sys` or `conversation`.
        given: its variables.
        node_execution_id: the node's run.
    """
    rows = [
        {
            "id": new_id(),
            "workspace_id": scope.workspace_id,
            "app_id": app_id,
            "node_id": node_id,
            "name": each.name,
            "description": each.description,
            "value_type": each.value_type,
            "value": each.value,
            "first_value": each.value,
            "node_execution_id": node_execution_id,
            "edited_at": None,
            "created_at": now(),
            "updated_at": now(),
        }
        for each in given
    ]
    names = [row["name"] for row in rows]
    await scope.session.execute(
        delete(DraftVariable).where(
            DraftVariable.workspace_id == scope.workspace_id,
            DraftVariable.app_id == app_id,
            DraftVariable.node_id == node_id,
            DraftVariable.name.not_in(names),
        )
    )
    if not rows:
        return
    statement = insert(DraftVariable).values(rows)
    kept = {"id", "workspace_id", "app_id", "node_id", "name", "created_at"}
    await scope.session.execute(
        statement.on_conflict_do_update(
            index_elements=["app_id", "node_id", "name"],
            set_={name: statement.excluded[name] for name in rows[0] if name not in kept},
        )
    )


async def values(scope: Scope, app_id: str) -> dict[str, dict[str, Any]]:
    """Return the values of all variables of an app's draft by node and name."""
    found: dict[str, dict[str, Any]] = {}
    for each in await scope.session.scalars(_of(scope, app_id)):
        found.setdefault(each.node_id, {})[each.name] = each.value
    return found


async def page(scope: Scope, app_id: str, *, page: int = 1, limit: int = 20) -> Page[DraftVariable]:
    """Return one page of an app's draft variables, the oldest first."""
    return await numbered(scope, _ordered(_of(scope, app_id)), page, limit)


async def of_node(scope: Scope, app_id: str, node_id: str) -> list[DraftVariable]:
    """Return the variables of one node, or of `sys` or `conversation`, the oldest first."""
    query = _ordered(_of(scope, app_id).where(DraftVariable.node_id == node_id))
    return list(await scope.session.scalars(query))


async def get(scope: Scope, app_id: str, variable_id: str) -> DraftVariable:
    """Return a variable.

    Raises:
        ApiError: `not_found`.
    """
    found = await scope.session.scalar(_of(scope, app_id).where(DraftVariable.id == variable_id))
    if found is None:
        raise ApiError("not_found", "Variable not found.")
    return found


async def change(scope: Scope, found: DraftVariable, changes: Mapping[str, Any]) -> None:
    """Give a variable another name or another value.

    Raises:
        ApiError: `invalid_variable` where the node has another variable of that name.
    """
    name = changes.get("name", found.name)
    if name != found.name:
        query = _of(scope, found.app_id).where(DraftVariable.node_id == found.node_id, DraftVariable.name == name)
        if await scope.session.scalar(select(func.count()).select_from(query.subquery())):
            raise ApiError("invalid_variable", f"{found.node_id} has a variable {name} already.")
    for column, value in changes.items():
        setattr(found, column, value)
    found.edited_at = now()
    await scope.session.flush()


async def reset(scope: Scope, found: DraftVariable) -> None:
    """Give a variable the value again that it had before a person changed it."""
    found.value, found.edited_at = found.first_value, None
    await scope.session.flush()


async def declare_conversation(scope: Scope, app_id: str, declared: Sequence[Json]) -> None:
    """Keep the draft's conversation variables as they are declared: those that remain keep what test runs left in them.

    Args:
        scope: the workspace.
        app_id: the app whose draft declares them.
        declared: `conversation_variables` of the draft.
    """
    before = {each.name: each for each in await of_node(scope, app_id, CONVERSATION)}
    for each in declared:
        name, kind, value = str(each["name"]), str(each["value_type"]), each.get("value")
        found = before.pop(name, None)
        if found is None or found.value_type != kind:
            if found is not None:
                await scope.session.delete(found)
                await scope.session.flush()
            found = DraftVariable(
                workspace_id=scope.workspace_id,
                app_id=app_id,
                node_id=CONVERSATION,
                name=name,
                value_type=kind,
                value=value,
            )
            scope.session.add(found)
        elif found.value == found.first_value:
            found.value = value
        found.first_value, found.description = value, str(each.get("description") or "")
    for gone in before.values():
        await scope.session.delete(gone)
    await scope.session.flush()


async def remove(scope: Scope, app_id: str, *, node_id: str | None = None, variable_id: str | None = None) -> int:
    """Delete draft variables of an app.

    Args:
        scope: the workspace.
        app_id: the app.
        node_id: only those of one node.
        variable_id: only this one.

    Returns:
        How many there were.
    """
    query = delete(DraftVariable).where(
        DraftVariable.workspace_id == scope.workspace_id, DraftVariable.app_id == app_id
    )
    if node_id is not None:
        query = query.where(DraftVariable.node_id == node_id)
    if variable_id is not None:
        query = query.where(DraftVariable.id == variable_id)
    removed = await scope.session.scalars(query.returning(DraftVariable.id))
    return len(removed.all())


def _of(scope: Scope, app_id: str) -> Select[DraftVariable]:
    return select(DraftVariable).where(DraftVariable.workspace_id == scope.workspace_id, DraftVariable.app_id == app_id)


def _ordered(query: Select[DraftVariable]) -> Select[DraftVariable]:
    return query.order_by(DraftVariable.created_at, DraftVariable.id)
