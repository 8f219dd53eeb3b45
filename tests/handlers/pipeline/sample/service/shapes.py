"""Handlers of the tag Shapes."""

from __future__ import annotations

from typing import Any

from handlers.call import Call


async def add_shape(call: Call, *, body: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"shape": body}
