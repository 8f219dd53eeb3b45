"""Keeps the program's processes alive, and ends them in order."""

from __future__ import annotations

import http.client
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from foundation.settings import CHECKOUT, Settings
from parley.embedded.process import ChildProcess, ServiceError
from parley.embedded.services import EmbeddedServices

log = logging.getLogger(__name__)

_TICK = 0.1
_STEADY_SECONDS = 10.0
_FIRST_DELAY = 0.2
_LONGEST_DELAY = 10.0
_API_SECONDS = 3.0
_WORKER_SECONDS = 1.5
_INTERRUPT_SECONDS = 1.5
_READY_EVERY = 0.2
_HIDDEN_FROM_CHILDREN = ("PARLEY_OWNER_EMAIL", "PARLEY_OWNER_PASSWORD")


@dataclass
class Role:
    """One process of the program that is kept running."""

    name: str
    arguments: Sequence[str]
    on_death: Callable[[int], None] | None = None
    child: ChildProcess | None = None
    started: float = 0.0
    delay: float = _FIRST_DELAY
    due: float = field(default_factory=time.monotonic)


class Supervisor:
    """Starts the processes, starts those anew that end, announces readiness, and ends everything on a signal."""

    def __init__(
        self,
        settings: Settings,
        services: EmbeddedServices,
        api: Sequence[Role],
        workers: Sequence[Role],
        on_ready: Callable[[], None],
    ) -> None:
        """Takes what it is to start and to watch; nothing runs before it is told.

        Args:
            settings: with the addresses of every service.
            services: the embedded ones, already started.
            api: processes that end first.
            workers: processes that end second.
            on_ready: called once, when the API can serve.
        """
        self._settings = settings
        self._services = services
        self._api = api
        self._workers = workers
        self._on_ready = on_ready
        self._ending = threading.Event()
        self._environment = child_environment(settings)
        self._ready_due: float | None = 0.0

    def run(self) -> None:
        """Keeps everything running until SIGINT or SIGTERM, then ends it: API, workers, services."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._ending.set())
        try:
            while not self._ending.is_set():
                self._watch_services()
                for role in (*self._api, *self._workers):
                    self._watch(role)
                self._watch_readiness()
                self._ending.wait(_TICK)
        finally:
            log.info("ending")
            self.end()
            log.info("ended")

    def end(self) -> None:
        """Ends API, workers and embedded services, in this order and within ten seconds."""
        _end(self._api, _API_SECONDS)
        _end(self._workers, _WORKER_SECONDS, _INTERRUPT_SECONDS)
        self._services.stop()

    def _watch(self, role: Role) -> None:
        now = time.monotonic()
        if role.child is not None:
            code = role.child.exit_code
            if code is None:
                if now - role.started > _STEADY_SECONDS:
                    role.delay = _FIRST_DELAY
                return
            log.warning("%s ended with code %s; it starts again in %.1f s", role.name, code, role.delay)
            self._mourn(role, role.child)
            role.child = None
            role.due = now + role.delay
            role.delay = min(role.delay * 2, _LONGEST_DELAY)
        if now >= role.due:
            role.started = now
            role.child = ChildProcess(
                [sys.executable, "-m", "parley", *role.arguments],
                environment=self._environment,
                folder=CHECKOUT,
            )

    def _mourn(self, role: Role, child: ChildProcess) -> None:
        child.sweep()
        if role.on_death is not None:
            try:
                role.on_death(child.pid)
            except Exception:
                log.exception("the jobs of %s could not be released; their lease will end", role.name)

    def _watch_services(self) -> None:
        for service in self._services.ended():
            log.error("%s has ended; starting it again", service.name)
            try:
                service.start()
            except ServiceError:
                log.exception("%s could not be started again", service.name)
                self._ending.wait(1.0)

    def _watch_readiness(self) -> None:
        now = time.monotonic()
        if self._ready_due is None or now < self._ready_due:
            return
        self._ready_due = now + _READY_EVERY
        if answers(self._settings, "/readyz"):
            self._ready_due = None
            self._on_ready()


def child_environment(settings: Settings) -> dict[str, str]:
    """Returns our environment with the addresses that were found, and without the owner's password."""
    kept = {name: value for name, value in os.environ.items() if name not in _HIDDEN_FROM_CHILDREN}
    return {
        **kept,
        "PARLEY_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
    }


def answers(settings: Settings, path: str) -> bool:
    """Tells whether the API answers 200 to a GET of `path` within two seconds."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - called
    connection = http.client.HTTPConnection(host, settings.port, timeout=2.0)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(roles: Sequence[Role], *seconds: float) -> None:
    """Asks all of them to end, waits together, asks those again that did not, and kills what remains.

    A worker that is asked again ends its runs: their rows say so, and what was written is kept.
    """
    children = [role.child for role in roles if role.child is not None]
    for step in seconds:
        for child in children:
            child.send(signal.SIGTERM)
        deadline = time.monotonic() + step
        for child in children:
            child.wait(deadline - time.monotonic())
    for child in children:
        child.stop()
        child.sweep()
    for role in roles:
        role.child = None
