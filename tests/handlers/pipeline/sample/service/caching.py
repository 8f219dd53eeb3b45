"""Handlers of the tag Caching."""

from __future__ import annotations

from typing import Any

from handlers.call import Call


async def get_cached(call: Call) -> dict[str, Any]:
    return {"name": "kettle"}
