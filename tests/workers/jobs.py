"""Jobs for the tests of the worker itself; what they did is left in Redis."""

import asyncio
import os
import time

from redis import Redis
from rq.job import Job

from foundation.telemetry import trace_id


def _redis() -> Redis:
    return Redis.from_url(os.environ["REDIS_URL"], protocol=2)


async def add(name: str) -> str:
    await asyncio.to_thread(lambda: _redis().incr(f"ran:{name}"))
    return name


async def sleep(name: str, seconds: float) -> str:
    await asyncio.to_thread(lambda: _redis().incr(f"ran:{name}"))
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError as cancelled:
        return f"cancelled by {cancelled.args[0]}"
    return "slept"


async def meet(name: str, number: int) -> None:
    """Wait until so many of these jobs run at the same time."""
    met = await asyncio.to_thread(lambda: _redis().incr(f"met:{name}"))
    while int(met or 0) < number:
        await asyncio.sleep(0.1)
        met = await asyncio.to_thread(lambda: _redis().get(f"met:{name}"))


async def trace(name: str) -> None:
    await asyncio.to_thread(lambda: _redis().set(f"trace:{name}", trace_id.get()))


def trace_here(name: str) -> None:
    """Leave the trace id of a job that has the process for itself."""
    _redis().set(f"trace:{name}", trace_id.get())


async def fail(name: str) -> None:
    raise ValueError(name)


def block(name: str, seconds: float) -> None:
    """Hold the process itself, as indexing does; its id is left in Redis."""
    _redis().set(f"process:{name}", os.getpid())
    time.sleep(seconds)


def note_failure(job: Job, connection: Redis, kind: type, value: BaseException, trace: object) -> None:
    connection.set(f"failed:{job.args[0]}", kind.__name__)
