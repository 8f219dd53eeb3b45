"""`parley up`: the whole program on one machine."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import sys
from functools import partial

from rich.console import Console

from engine.workflow import examine_cpython
from foundation.settings import Settings
from models.migration import upgrade
from parley.embedded.process import ServiceError
from parley.embedded.services import EmbeddedServices
from parley.given_services import require_given
from parley.owner import ensure_owner
from parley.supervisor import Role, Supervisor
from workers.pool import release_dead
from workers.queues import DELIVERIES, GENERATION, INDEXING

log = logging.getLogger(__name__)


def run(given: Settings) -> None:
    """Starts services, migrates, creates the owner, keeps every process running, and ends all on a signal.

    Args:
        given: the settings as read; services they do not name are run here.

    Raises:
        ServiceError: the port is taken or a service cannot be run.
        SettingsError: a setting asks for what this machine does not have.
        MigrationError: the database cannot be used.
    """
    require_free_port(given.host, given.port)
    log.info("starting; the data is in %s", given.home)
    require_given(given)
    if given.code_python == "sandlock":
        examine_cpython()
    services = EmbeddedServices(given)
    settings = services.start()
    try:
        upgrade(settings.database_url)
        if asyncio.run(ensure_owner(settings)):
            log.info("the owner %s was created", settings.owner_email)
        supervisor = Supervisor(
            settings,
            services,
            api=[Role("the API", ("api",))],
            workers=_worker_roles(settings),
            on_ready=partial(_announce, settings),
        )
    except BaseException:
        services.stop()
        raise
    supervisor.run()


def require_free_port(host: str, port: int) -> None:
    """Refuses a port that somebody listens on.

    Raises:
        ServiceError: naming the port and the setting; also for a host that is none of this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise _no_address(host, error) from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise _no_address(host, error) from error
            message = f"Parley cannot listen on {host}:{port} ({error.strerror}). Set PARLEY_PORT to another port."
            raise ServiceError(message) from error


def _no_address(host: str, error: Exception) -> ServiceError:
    return ServiceError(f"PARLEY_HOST: {host} is no address of this machine ({error}). Set it to 127.0.0.1 or 0.0.0.0.")


def _worker_roles(settings: Settings) -> list[Role]:
    return [
        Role(
            f"{queue} worker {number}",
            ("worker", queue, "--number", str(number)),
            partial(_release, settings, queue),
        )
        for queue, count in (
            (GENERATION, settings.generation_processes),
            (INDEXING, settings.indexing_processes),
            (DELIVERIES, settings.delivery_processes),
        )
        for number in range(1, count + 1)
    ]


def _release(settings: Settings, queue: str, pid: int) -> None:
    release_dead(settings, queue, pid)


def _announce(settings: Settings) -> None:
    sys.stdout.write(f"PARLEY READY http://{_spoken(settings.host)}:{settings.port}\n")
    sys.stdout.flush()
    screen = Console(stderr=True)
    lines = (
        ("first answer", "make demo, in a second terminal"),
        ("reference", f"{settings.url}/docs"),
        ("data, logs", str(settings.home)),
        ("end", "Ctrl-C"),
    )
    screen.print(f"\n  [bold]Parley serves at {settings.url}[/bold]", highlight=False, soft_wrap=True)
    for name, text in lines:
        screen.print(f"  {name:<14}{text}", markup=False, highlight=False, soft_wrap=True)
    screen.print()


def _spoken(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 - spoken, never bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
