"""Questions to the app."""

from __future__ import annotations

from handlers import generation, stopping
from handlers.call import Call
from handlers.contract import schemas
from handlers.replies import EventStream
from handlers.web_manner import invoke_from, is_visitor, person


async def create_chat_message(call: Call, *, body: schemas.WebChatRequest) -> EventStream | schemas.ChatAnswer:
    """Ask, and answer as a stream or at once."""
    asked = {**body, "user": person(call, body.get("user"))}
    await generation.check_chat_app(call, call.app_id)
    return await generation.answer(call, call.app_id, asked, invoke_from(call), simple=is_visitor(call))


async def stop_chat_message(
    call: Call, *, task_id: str, body: schemas.OptionalUserBody | None = None
) -> schemas.Result:
    """Stop a run of the person's own."""
    user = person(call, (body or {}).get("user"))
    await generation.check_chat_app(call, call.app_id)
    return await stopping.stop_message(call, call.app_id, task_id, user)
