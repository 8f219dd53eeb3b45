"""Is the process alive, and can it serve: the two questions that a supervisor or a load balancer asks."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

ANSWER_WITHIN = 2.0

Probe = Callable[[], Awaitable[object]]


def health_routes(probes: dict[str, Probe]) -> list[BaseRoute]:
    """Return `/healthz`, which answers as long as the process does, and `/readyz`, which asks every service.

    Args:
        probes: for each service a function that raises, or stays silent for two seconds, when it cannot serve.
    """

    async def healthz(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(request: Request) -> Response:
        states = dict(zip(probes, await asyncio.gather(*map(state, probes.values())), strict=True))
        if all(found == "ok" for found in states.values()):
            return JSONResponse({"status": "ok", "services": states})
        return JSONResponse({"status": "unavailable", "services": states}, 503, {"Retry-After": "1"})

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


async def state(probe: Probe) -> str:
    """Return `ok`, or what kind of failure the probe met. Its text stays inside: it may name hosts and users."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            await probe()
    except Exception as failure:
        return type(failure).__name__
    return "ok"
