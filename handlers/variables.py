"""The variables of a person's conversation: listed, and set to values of their type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from foundation.errors import ApiError, ErrorDetail
from handlers import generation
from handlers.authors import author_of
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.variables import render_variable, render_variable_list
from models import conversation as conversations
from models import conversation_variable as variables


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_SINGLE: Final[Mapping[str, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "secret": lambda value: isinstance(value, str),
    "number": _is_number,
    "float": _is_number,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, Mapping),
    "any": lambda value: True,
}


async def list_of(
    call: Call,
    app_id: str,
    conversation_id: str,
    user: str | None,
    *,
    last_id: str | None,
    limit: int,
    name: str | None,
) -> schemas.ConversationVariableList:
    """Return part of the variables of a person's conversation.

    Raises:
        ApiError: `not_chat_app` or `not_found`.
    """
    await generation.check_chat_app(call, app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        conversation = await conversations.get(scope, app_id, conversation_id, await author_of(call, scope, user))
        page = await variables.page_after(scope, conversation.id, limit=limit, last_id=last_id, name=name)
    return render_variable_list(page)


async def change(
    call: Call, app_id: str, conversation_id: str, variable_id: str, user: str | None, value: Any
) -> schemas.ConversationVariable:
    """Give a variable of a person's conversation another value.

    Raises:
        ApiError: `not_chat_app`, `not_found`, or `invalid_variable` for a value of another type.
    """
    await generation.check_chat_app(call, app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        conversation = await conversations.get(scope, app_id, conversation_id, await author_of(call, scope, user))
        variable = await variables.get(scope, conversation.id, variable_id)
        if not fits(variable.value_type, value):
            message = f"The variable {variable.name} holds {variable.value_type}; this value is of another type."
            wrong = ErrorDetail(field="value", type="type", message=message)
            raise ApiError("invalid_variable", message, details=[wrong])
        kept = await variables.put(scope, conversation.id, variable.name, variable.value_type, value)
    return render_variable(kept)


def fits(value_type: str, value: Any) -> bool:
    """Tell whether a value has a variable's type; `array[…]` is a list of the type within."""
    if value_type.startswith("array"):
        within = value_type.removeprefix("array").strip("[]") or "any"
        return isinstance(value, list) and all(fits(within, entry) for entry in value)
    check = _SINGLE.get(value_type)
    return check is None or check(value)
