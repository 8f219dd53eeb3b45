"""The search that apps use, on its own."""

from __future__ import annotations

from typing import Any

from handlers import datasets
from handlers.call import Call


async def retrieve(call: Call, *, dataset_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Search a dataset."""
    return await datasets.search(call, dataset_id, body)
