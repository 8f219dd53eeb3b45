"""Questions to an app while it is being built."""

from __future__ import annotations

from typing import Any

from handlers import app_config, conversations, generation, stopping
from handlers.call import Call
from handlers.contract import schemas
from handlers.questions import Question
from handlers.replies import EventStream
from models import app as apps


async def create_debug_chat_message(
    call: Call, *, app_id: str, body: schemas.DebugChatRequest
) -> EventStream | schemas.ChatAnswer:
    """Ask with the configuration that the body brings, or with the saved one; stream unless told to wait."""
    await generation.check_chat_app(call, app_id)
    return await _answer(call, app_id, dict(body))


async def stop_debug_chat_message(call: Call, *, app_id: str, task_id: str) -> schemas.Result:
    """Stop a run that the caller began here."""
    await generation.check_chat_app(call, app_id)
    return await stopping.stop_message(call, app_id, task_id)


async def create_debug_completion_message(
    call: Call, *, app_id: str, body: schemas.DebugCompletionRequest
) -> EventStream | schemas.CompletionAnswer:
    """Fill in the prompt of the configuration that the body brings, or of the saved one."""
    await generation.check_completion_app(call, app_id)
    return await _answer(call, app_id, dict(body))


async def stop_debug_completion_message(call: Call, *, app_id: str, task_id: str) -> schemas.Result:
    """Stop a run that the caller began here."""
    await generation.check_completion_app(call, app_id)
    return await stopping.stop_message(call, app_id, task_id)


async def list_chat_messages(
    call: Call, *, app_id: str, conversation_id: str, first_id: str | None = None, limit: int = 20
) -> schemas.MessageList:
    """List the messages of anybody's conversation."""
    return await conversations.all_messages_of(call, app_id, conversation_id, first_id, limit)


async def _answer(call: Call, app_id: str, asked: dict[str, Any]) -> EventStream | schemas.ChatAnswer:
    if asked.get("model_config"):
        async with call.services.database.workspace(call.workspace_id) as scope:
            app = await apps.get(scope, app_id)
            config = app_config.complete(asked["model_config"], app.mode)
            await app_config.check(scope, config)
        asked["model_config"] = config
    streaming = asked.get("response_mode") != "blocking"
    message = await generation.start(call, app_id, Question.read(asked), "debugger", streaming)
    return generation.stream(call, message) if streaming else await generation.wait(call, message)
