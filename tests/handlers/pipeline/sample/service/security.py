"""Handlers of the tag Security."""

from __future__ import annotations

from typing import Any

from handlers.call import Call


async def get_open(call: Call) -> dict[str, Any]:
    return {"caller": type(call.caller).__name__}


async def get_either(call: Call) -> dict[str, Any]:
    return {"caller": type(call.caller).__name__}


async def get_both(call: Call) -> dict[str, Any]:
    return {"caller": type(call.caller).__name__}


async def do_admin(call: Call) -> dict[str, Any]:
    return {"done": True}


async def create_secret(call: Call) -> dict[str, Any]:
    return {"secret": "once"}
