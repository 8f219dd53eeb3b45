"""Questions to an app while it is being built."""

from __future__ import annotations

from typing import Any

from handlers import app_config, generation
from handlers.call import Call
from handlers.generation import Question
from handlers.replies import EventStream
from models import app as apps


async def create_debug_chat_message(call: Call, *, app_id: str, body: dict[str, Any]) -> EventStream | dict[str, Any]:
    """Ask with the configuration that the body brings, or with the saved one; stream unless told to wait."""
    await generation.check_chat_app(call, app_id)
    asked = dict(body)
    if body.get("model_config"):
        async with call.services.database.workspace(call.workspace_id) as scope:
            app = await apps.get(scope, app_id)
            config = app_config.complete(body["model_config"], app.mode)
            await app_config.check(scope, config)
        asked["model_config"] = config
    streaming = body.get("response_mode") != "blocking"
    message = await generation.start(call, app_id, Question.read(asked), "debugger", streaming)
    return generation.stream(call, message) if streaming else await generation.wait(call, message)


async def stop_debug_chat_message(call: Call, *, app_id: str, task_id: str) -> dict[str, str]:
    """Stop a run that the caller began here."""
    await generation.check_chat_app(call, app_id)
    return await generation.stop(call, app_id, task_id)
