"""The search that apps use, on its own."""

from __future__ import annotations

from handlers import datasets
from handlers.call import Call
from handlers.contract import schemas


async def retrieve(call: Call, *, dataset_id: str, body: schemas.RetrieveRequest) -> schemas.RetrieveAnswer:
    """Search a dataset."""
    return await datasets.search(call, dataset_id, body)
