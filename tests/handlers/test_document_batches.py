"""The contents of a batch of documents: stored some at a time, and all ended once one of them fails."""

from __future__ import annotations

import asyncio

import pytest

from foundation.errors import ApiError
from handlers.document_batches import AT_ONCE, _each
from handlers.document_sources import Source


async def test_sources_come_in_their_order() -> None:
    async def make(number: int) -> Source:
        await asyncio.sleep(0.001 * (number % 3))
        return Source(str(number), None)  # type: ignore[arg-type]

    made = await _each(range(AT_ONCE + 2), make)
    assert [source.name for source in made] == [str(number) for number in range(AT_ONCE + 2)]


async def test_a_failure_ends_the_others_before_it_is_told() -> None:
    ended: list[int] = []

    async def make(number: int) -> Source:
        if number == 1:
            raise ApiError("unsupported_file_type", "No.")
        try:
            await asyncio.sleep(30)
        finally:
            ended.append(number)
        raise AssertionError("unreachable")

    with pytest.raises(ApiError) as failure:
        await _each(range(3), make)
    assert failure.value.code == "unsupported_file_type"
    assert sorted(ended) == [0, 2]
