"""The knowledge bases of a workspace."""

from __future__ import annotations

from typing import Any

from handlers import datasets
from handlers.call import Call


async def list_datasets(
    call: Call,
    *,
    page: int = 1,
    limit: int = 20,
    keyword: str | None = None,
    name: str | None = None,
    search: str | None = None,
    ids: list[str] | None = None,
    tag_ids: list[str] | None = None,
    include_all: bool = False,
) -> dict[str, Any]:
    """List the knowledge bases that the caller may use, newest first; an owner sees all of them anyway."""
    wanted = keyword or name or search
    return await datasets.list_datasets(call, page=page, limit=limit, keyword=wanted, tag_ids=tag_ids, ids=ids)


async def create_dataset(call: Call, *, body: dict[str, Any]) -> dict[str, Any]:
    """Make an empty knowledge base."""
    return await datasets.create(call, body)


async def get_dataset(call: Call, *, dataset_id: str) -> dict[str, Any]:
    """Show a knowledge base."""
    return await datasets.get(call, dataset_id)


async def update_dataset(call: Call, *, dataset_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Change a knowledge base."""
    return await datasets.update(call, dataset_id, body)


async def delete_dataset(call: Call, *, dataset_id: str) -> None:
    """Delete a knowledge base with its documents."""
    await datasets.delete(call, dataset_id)
