"""Conversation variables as the contract shows them."""

from __future__ import annotations

import orjson

from handlers.contract import schemas
from handlers.rendering.times import unix
from models.conversation_variable import ConversationVariable
from models.page import CursorPage


def render_variable(variable: ConversationVariable) -> schemas.ConversationVariable:
    """Render a `ConversationVariable`; what is no text is written as JSON, and a secret is hidden."""
    value = variable.value
    text = value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
    return {
        "id": variable.id,
        "name": variable.name,
        "value_type": variable.value_type,
        "type": variable.value_type,
        "value": "*" * 20 if variable.value_type == "secret" and text else text,
        "description": variable.description,
        "created_at": unix(variable.created_at),
        "updated_at": unix(variable.updated_at),
    }


def render_variable_list(page: CursorPage[ConversationVariable]) -> schemas.ConversationVariableList:
    """Render a `ConversationVariableList`."""
    return {
        "limit": page.limit,
        "has_more": page.has_more,
        "data": [render_variable(variable) for variable in page.items],
    }
