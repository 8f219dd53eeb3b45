"""The search that apps use, on its own."""

from __future__ import annotations

from typing import Any

from handlers import datasets
from handlers.call import Call


async def test_retrieval(call: Call, *, dataset_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Search a knowledge base."""
    return await datasets.search(call, dataset_id, body)
