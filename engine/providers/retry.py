"""When an attempt at a provider is repeated: only before the first piece of an answer was passed on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from engine.providers.events import ModelEvent
from engine.providers.failure import ProviderFailure


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently: `longest_wait` also bounds a Retry-After that is obeyed, in seconds."""

    attempts: int = 3
    first_wait: float = 0.5
    longest_wait: float = 30.0

    def wait(self, attempt: int, failure: ProviderFailure) -> float | None:
        """Returns the seconds before the attempt after number `attempt` (from 1), or None: give up."""
        if not failure.retryable or attempt >= self.attempts:
            return None
        wait = self.first_wait * 2.0 ** (attempt - 1) * random.uniform(1.0, 1.5)  # noqa: S311 - jitter
        if failure.retry_after is not None:
            if failure.retry_after > self.longest_wait:
                return None
            wait = max(wait, failure.retry_after)
        return min(wait, self.longest_wait)


async def with_retries(
    attempt: Callable[[], AsyncGenerator[ModelEvent, None]], policy: RetryPolicy, provider: str, model: str
) -> AsyncGenerator[ModelEvent, None]:
    """Yields the events of the first attempt that begins to answer.

    Args:
        attempt: asks once.
        policy: when to ask again.
        provider: who is asked, as the error names it.
        model: which of its models, likewise.

    Raises:
        ApiError: the last attempt failed, or one failed after its first event.
    """
    number = 1
    while True:
        started = False
        try:
            async with aclosing(attempt()) as events:
                async for event in events:
                    started = True
                    yield event
            return
        except ProviderFailure as failure:
            wait = None if started else policy.wait(number, failure)
            if wait is None:
                raise failure.error(provider, model) from failure
        number += 1
        await asyncio.sleep(wait)
