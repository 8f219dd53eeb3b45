"""Work that must be done whole: through a moment without the database, and through a cancellation that is too late."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from models.database import DATABASE_AWAY

log = logging.getLogger(__name__)
R = TypeVar("R")

DATABASE_TRIES = 40
LONGEST_PAUSE = 3.0


async def persistently(call: Callable[[], Awaitable[R]]) -> R:
    """Do a short transaction, tried again for about two minutes while the database is away."""
    for attempt in range(DATABASE_TRIES - 1):
        try:
            return await call()
        except (*DATABASE_AWAY, OSError) as error:
            log.warning("the database is away: %s", error)
            await asyncio.sleep(min(0.2 * 2**attempt, LONGEST_PAUSE))
    return await call()


async def to_the_end(work: Coroutine[Any, Any, R]) -> R:
    """Do something to its end, though the task that waits for it is cancelled in the meantime."""
    task = asyncio.ensure_future(work)
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                raise
            if waiting := asyncio.current_task():
                waiting.uncancel()
    return task.result()
