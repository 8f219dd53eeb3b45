"""Handlers of the tag Items."""

from __future__ import annotations

from typing import Any

from foundation.errors import ApiError
from handlers.call import Call

ID = "0193f0a2-6d1c-7c5e-9a57-2f0d6c6f0c01"
MISSING = "0193f0a2-6d1c-7c5e-9a57-2f0d6c6f0c99"
created: list[dict[str, Any]] = []


async def list_items(
    call: Call,
    *,
    limit: int,
    last_id: str | None = None,
    label: list[int] | None = None,
    csv: list[str] | None = None,
    pinned: bool | None = None,
    since: str | None = None,
    mail: str | None = None,
    link: str | None = None,
    either: int | str | None = None,
    filter: dict[str, Any] | None = None,
    x_depth: int | None = None,
    theme: str | None = None,
) -> dict[str, Any]:
    return {name: value for name, value in locals().items() if name != "call" and value is not None}


async def create_item(call: Call, *, body: dict[str, Any]) -> dict[str, Any]:
    created.append(body)
    return {"id": ID, "name": body["name"]}


async def get_item(call: Call, *, item_id: str) -> dict[str, Any]:
    if item_id == MISSING:
        raise ApiError("not_found", "There is no such item.")
    return {"id": item_id, "name": "kettle", "parent": {"id": ID, "name": "kitchen"}}


async def delete_item(call: Call, *, item_id: str) -> None:
    return None


async def get_latest_item(call: Call) -> dict[str, Any]:
    return {"latest": True, "trace": call.trace_id}


async def list_models(call: Call, *, provider: str) -> dict[str, Any]:
    return {"provider": provider}
