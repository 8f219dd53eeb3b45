"""Bodies of knowledge."""

from __future__ import annotations

from handlers import datasets
from handlers.call import Call
from handlers.contract import schemas


async def list_datasets(
    call: Call,
    *,
    page: int = 1,
    limit: int = 20,
    keyword: str | None = None,
    tag_ids: list[str] | None = None,
    include_all: bool = False,
) -> schemas.DatasetList:
    """List the datasets that the key may use; a key acts as the owner, who sees all of them anyway."""
    return await datasets.list_datasets(call, page=page, limit=limit, keyword=keyword, tag_ids=tag_ids)


async def create_dataset(call: Call, *, body: schemas.DatasetCreate) -> schemas.Dataset:
    """Make a dataset."""
    return await datasets.create(call, body)


async def get_dataset(call: Call, *, dataset_id: str) -> schemas.Dataset:
    """Get a dataset."""
    return await datasets.get(call, dataset_id)


async def update_dataset(call: Call, *, dataset_id: str, body: schemas.DatasetUpdate) -> schemas.Dataset:
    """Change a dataset."""
    return await datasets.update(call, dataset_id, body)


async def delete_dataset(call: Call, *, dataset_id: str) -> None:
    """Delete a dataset."""
    await datasets.delete(call, dataset_id)
