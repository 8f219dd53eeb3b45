"""A question as it is asked: its message and what its conversation gains by it, in one statement, as every run begins.

Its statement names the columns that something is said of, and goes to the driver itself: what SQLAlchemy does for the
sixty columns of both rows costs more than the rows do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import orjson

from models.conversation import Conversation
from models.direct import run
from models.message import Message
from models.parameters import sender
from models.scope import Scope
from models.table import Table as Row
from models.table import now

_ASKED, _BEGUN = "asked_", "begun_"
_KINDS = 64
"""How many statements are kept: they differ by the columns that are left out."""

_CONTINUES = """UPDATE conversation SET dialogue_count = dialogue_count + 1, updated_at = %(moment)s
    WHERE workspace_id = %(counted_workspace)s AND id = %(counted)s"""


@dataclass(frozen=True, slots=True)
class _Place:
    """A column: the row's attribute, what sends its values, what it holds where nothing is said, and that in SQL."""

    key: str
    name: str
    send: Callable[[Any], Any]
    default: Callable[[], Any] | None
    constant: str | None


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
    beside: tuple[str, ...] | None = None
    if begun is not None:
        beside = _hand_over(begun, _BEGUN, given)
        message.conversation_id = begun.id
    elif message.conversation_id is not None:
        given = {"counted_workspace": scope.workspace_id, "counted": message.conversation_id, "moment": now()}
    asked = _hand_over(message, _ASKED, given)
    await run(scope, _statement(asked, beside, begun is None and message.conversation_id is not None), given)
    return message


def _hand_over(row: Row, prefix: str, given: dict[str, Any]) -> tuple[str, ...]:
    """Fill in a row's defaults and add what it holds to a statement's parameters.

    Returns:
        The attributes that have a parameter; all others hold nothing, or their column's constant.
    """
    held, named = vars(row), []
    for place in _places(type(row)):
        value = held.get(place.key)
        if value is None:
            if place.default is None:
                continue
            value = place.default()
            setattr(row, place.key, value)
            if place.constant is not None:
                continue
        given[prefix + place.key] = place.send(value)
        named.append(place.key)
    return tuple(named)


@lru_cache(maxsize=_KINDS)
def _statement(asked: tuple[str, ...], begun: tuple[str, ...] | None, continues: bool) -> str:
    insert = _insert(Message, _ASKED, asked)
    if begun is not None:
        return f"WITH begun AS ({_insert(Conversation, _BEGUN, begun)}) {insert}"
    return f"WITH counted AS ({_CONTINUES}) {insert}" if continues else insert


def _insert(row: type[Row], prefix: str, named: Sequence[str]) -> str:
    values = {
        place.name: f"%({prefix}{place.key})s" if place.key in named else place.constant for place in _places(row)
    }
    told = {name: value for name, value in values.items() if value is not None}
    return f"INSERT INTO {row.__tablename__} ({', '.join(told)}) VALUES ({', '.join(told.values())})"  # noqa: S608


@cache
def _places(row: type[Row]) -> tuple[_Place, ...]:
    return tuple(_place(attribute.key, attribute.columns[0]) for attribute in row.__mapper__.column_attrs)


def _place(key: str, column: Any) -> _Place:
    send = sender(column)
    if column.default is None:
        return _Place(key, column.name, send, None, None)
    said = column.default.arg
    if not column.default.is_callable:
        return _Place(key, column.name, send, lambda: said, _constant(said))
    made = said(None)
    constant = _constant(orjson.dumps(made).decode()) if isinstance(made, dict | list) else None
    return _Place(key, column.name, send, lambda: said(None), constant)


def _constant(value: Any) -> str:
    """Return a column's default as it stands in a statement; it is a number or a word of this program."""
    return f"'{value}'"
