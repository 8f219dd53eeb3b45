"""A question as it is asked: its message and what its conversation gains by it, in one statement, as every run begins.

Each statement is built once: to build one costs more than the rows do.
"""

from functools import cache
from typing import Any, cast

from sqlalchemy import CTE, Insert, Table, bindparam, insert, update

from models.conversation import Conversation
from models.message import Message
from models.scope import Scope
from models.table import Table as Row
from models.table import now, values_of

_ASKED, _BEGUN = "asked_", "begun_"


async def ask(scope: Scope, message: Message, begun: Conversation | None = None) -> Message:
    """Store a new message as queued, with the conversation that it begins or counted in the one that it continues.

    Args:
        scope: the workspace; no transaction is needed.
        message: the message with its app, author, task, mode, query and model configuration, and with its conversation
            where it continues one.
        begun: the conversation that begins with it, as `models.conversation.draft` made it.

    Returns:
        The message; it belongs to no session.
    """
    message.workspace_id, message.status = scope.workspace_id, "queued"
    given: dict[str, Any] = {}
    if begun is not None:
        given = {_BEGUN + name: value for name, value in values_of(begun).items()}
        message.conversation_id = begun.id
        statement = _beginning()
    elif message.conversation_id is not None:
        given = {"counted_workspace": scope.workspace_id, "counted": message.conversation_id, "moment": now()}
        statement = _continuing()
    else:
        statement = _insert(Message, _ASKED)
    given |= {_ASKED + name: value for name, value in values_of(message).items()}
    await scope.session.execute(statement, given)
    return message


@cache
def _beginning() -> Insert:
    return _insert(Message, _ASKED).add_cte(_as_part(_insert(Conversation, _BEGUN), "begun"))


@cache
def _continuing() -> Insert:
    table = _table(Conversation)
    counted = (
        update(table)
        .where(table.c.workspace_id == bindparam("counted_workspace"), table.c.id == bindparam("counted"))
        .values(dialogue_count=table.c.dialogue_count + 1, updated_at=bindparam("moment"))
    )
    return _insert(Message, _ASKED).add_cte(_as_part(counted, "counted"))


@cache
def _insert(row: type[Row], prefix: str) -> Insert:
    table = _table(row)
    return insert(table).values({place: bindparam(prefix + place.key, type_=place.type) for place in table.columns})


def _as_part(statement: Any, name: str) -> CTE:
    return cast("CTE", statement.cte(name))


def _table(row: type[Row]) -> Table:
    return cast("Table", row.__table__)
