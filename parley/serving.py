"""The API process: granian in front of the ASGI application."""

from __future__ import annotations

from granian.constants import HTTPModes, Interfaces, Loops
from granian.server import Server
from starlette.types import ASGIApp

from foundation.lifeline import die_with_parent
from foundation.settings import Settings

_STOP_SECONDS = 3


def serve(settings: Settings) -> None:
    """Serves the API until SIGTERM or SIGINT.

    Args:
        settings: with `database_url` and `redis_url` of services that are running.
    """
    Server(
        "parley.serving:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        loop=Loops.uvloop,
        websockets=False,
        factory=True,
        backlog=2048,
        backpressure=4096,
        log_enabled=False,
        workers_kill_timeout=_STOP_SECONDS,
    ).serve()


def application() -> ASGIApp:
    """Builds the application in granian's worker process, which must not outlive the process that made it."""
    die_with_parent()
    from parley.assembly import create_app

    return create_app()
