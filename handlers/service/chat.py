"""Questions to apps that hold conversations."""

from __future__ import annotations

from handlers import generation, runs, stopping
from handlers.call import Call
from handlers.contract import schemas
from handlers.replies import EventStream, Reply


async def create_chat_message(
    call: Call, *, body: schemas.ChatRequest
) -> EventStream | Reply[schemas.Task] | schemas.ChatAnswer:
    """Ask, and answer as a stream, at once, or later."""
    await generation.check_chat_app(call, call.app_id)
    return await generation.answer_program(call, call.app_id, body)


async def stop_chat_message(call: Call, *, task_id: str, body: schemas.StopRequest) -> schemas.Result:
    """Stop a run of the person's own."""
    await generation.check_chat_app(call, call.app_id)
    return await stopping.stop_message(call, call.app_id, task_id, body["user"])


async def follow_chat_message(call: Call, *, task_id: str, user: str | None = None) -> EventStream:
    """Join the stream of a run of the person's own."""
    await generation.check_chat_app(call, call.app_id)
    return await runs.follow(call, call.app_id, task_id, user)
