"""Waiting for what comes about at some time, on machines that may be busy."""

import asyncio
import time
from collections.abc import Callable

PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.01
CONTROL_SECONDS = 0.1


async def until(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is true, and leave the event loop free meanwhile.

    Raises:
        AssertionError: it did not become true in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        if condition():
            return
        assert time.monotonic() < deadline, f"not within {seconds} s"
        await asyncio.sleep(LOOK_SECONDS)


def slowness() -> float:
    """Return how many times as long as on an idle machine a process takes for its work now, at least 1.

    It is the control for what is promised in seconds: a bound is multiplied by it.
    """
    began, worked = time.perf_counter(), time.process_time()
    while time.process_time() - worked < CONTROL_SECONDS:
        pass
    return max(1.0, (time.perf_counter() - began) / CONTROL_SECONDS)
