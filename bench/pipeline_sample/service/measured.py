"""The measured operations, and the others around them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench.pipeline_sample.data import ANSWER, CONVERSATION, OTHERS, PAGE
from handlers.call import Call


async def list_conversations(call: Call, *, limit: int) -> dict[str, Any]:
    return PAGE


async def get_conversation(call: Call, *, conversation_id: str) -> dict[str, Any]:
    return CONVERSATION


async def create_message(call: Call, *, conversation_id: str, body: dict[str, Any]) -> dict[str, Any]:
    return ANSWER


def _other() -> Callable[..., Any]:
    async def get_other(call: Call, *, other_id: str) -> dict[str, Any]:
        return CONVERSATION

    return get_other


for _number in range(OTHERS):
    globals()[f"get_other{_number}"] = _other()
