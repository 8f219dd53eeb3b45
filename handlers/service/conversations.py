"""The conversations of one person with the app."""

from __future__ import annotations

from handlers import conversations, variables
from handlers.call import Call
from handlers.contract import schemas
from models.conversation import SortBy


async def list_conversations(
    call: Call,
    *,
    user: str | None = None,
    last_id: str | None = None,
    limit: int = 20,
    sort_by: SortBy = "-updated_at",
) -> schemas.ConversationList:
    """List the person's conversations."""
    return await conversations.list_of(call, call.app_id, user, last_id, limit, sort_by)


async def rename_conversation(
    call: Call, *, conversation_id: str, body: schemas.ConversationRename
) -> schemas.RenamedConversation:
    """Give a conversation another name."""
    return await conversations.rename(call, call.app_id, conversation_id, body.get("user"), body)


async def delete_conversation(
    call: Call, *, conversation_id: str, user: str | None = None, body: schemas.OptionalUserBody | None = None
) -> None:
    """Delete a conversation; the person is named in the body or in the query."""
    await conversations.delete(call, call.app_id, conversation_id, (body or {}).get("user") or user)


async def list_conversation_variables(
    call: Call,
    *,
    conversation_id: str,
    user: str | None = None,
    last_id: str | None = None,
    limit: int = 20,
    variable_name: str | None = None,
) -> schemas.ConversationVariableList:
    """List the variables of a conversation."""
    return await variables.list_of(
        call, call.app_id, conversation_id, user, last_id=last_id, limit=limit, name=variable_name
    )


async def update_conversation_variable(
    call: Call, *, conversation_id: str, variable_id: str, body: schemas.ConversationVariableUpdate
) -> schemas.ConversationVariable:
    """Change a variable of a conversation."""
    return await variables.change(call, call.app_id, conversation_id, variable_id, body.get("user"), body["value"])
