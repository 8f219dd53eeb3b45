"""Texts from apps that answer once."""

from __future__ import annotations

from typing import Any

from handlers import generation
from handlers.call import Call
from handlers.replies import EventStream


async def create_completion_message(call: Call, *, body: dict[str, Any]) -> EventStream | dict[str, Any]:
    """Fill in the prompt, and answer as a stream or at once."""
    await generation.check_completion_app(call, call.app_id)
    return await generation.answer(call, call.app_id, body, "service-api")


async def stop_completion_message(call: Call, *, task_id: str, body: dict[str, Any]) -> dict[str, str]:
    """Stop a run of the person's own."""
    await generation.check_completion_app(call, call.app_id)
    return await generation.stop(call, call.app_id, task_id, body["user"])
