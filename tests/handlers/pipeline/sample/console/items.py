"""Handlers of the tag Items."""

from __future__ import annotations

from typing import Any

from handlers.call import Call


async def list_items(call: Call) -> dict[str, Any]:
    return {"role": call.account.role}
