"""The whole program as a child process, on a data folder and a port of its own."""

import os
import random
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2

from parley.embedded.process import ChildProcess

ROOT = Path(__file__).resolve().parents[2]
OWNER = {"email": "mary@example.com", "password": "analytical engine 1843"}
START_SECONDS = 200.0
END_SECONDS = 30.0
_CHANCE = random.SystemRandom()
_PORTS = list(range(15_000, 32_000))
"""Those that this process has not used; others that test at the same time choose by chance, too."""


def free_port() -> int:
    """Return a TCP port of the loopback address that nobody listens on.

    It is none of those that the kernel gives to outgoing connections, one of which could take it in the meantime.
    """
    while True:
        port = _CHANCE.choice(_PORTS)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            _PORTS.remove(port)
            return port


@dataclass
class Program:
    """A running program.

    Attributes:
        url: where it serves, without a trailing slash.
        process: the supervisor, as started by `parley up`.
        home: its data folder.
        database_url: its database, where the test gave it one; empty where it runs a private one.
        redis_url: its Redis, likewise.
    """

    url: str
    process: ChildProcess
    home: Path
    database_url: str = ""
    redis_url: str = ""

    def client(self, tier: str = "", token: str | None = None) -> httpx2.Client:
        """Return a client of one tier (`/v1`, `/console/api`, `/api`), with a bearer token when one is given."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # Nothing here is encrypted; without this, each client reads the machine's certificates.
        return httpx2.Client(base_url=self.url + tier, headers=headers, timeout=60, trust_env=False, verify=False)

    def console(self, email: str = OWNER["email"], password: str = OWNER["password"]) -> httpx2.Client:
        """Return a Console client signed in as the owner, or as somebody else."""
        with self.client("/console/api") as anonymous:
            answer = anonymous.post("/login", json={"email": email, "password": password}).raise_for_status().json()
        return self.client("/console/api", answer["data"]["access_token"])

    def service(self, key: str) -> httpx2.Client:
        """Return a Service client that holds `key`."""
        return self.client("/v1", key)


@contextmanager
def running(home: Path, **environment: str) -> Iterator[Program]:
    """Start the program, wait for its ready line, and end it as Ctrl-C does.

    Args:
        home: the data folder.
        environment: settings beside the ones that every test needs.

    Raises:
        RuntimeError: the program was not ready in time; the message holds its log.
    """
    port = free_port()
    own = {
        "PARLEY_HOME": str(home),
        "PARLEY_PORT": str(port),
        "PARLEY_OWNER_EMAIL": OWNER["email"],
        "PARLEY_OWNER_PASSWORD": OWNER["password"],
        "PARLEY_DATABASE_FSYNC": "false",
        "PARLEY_STRICT_RESPONSES": "true",
        # Peers that count their calls are asked for answers alone.
        "PARLEY_CONVERSATION_NAMES": "question",
        "OLLAMA_HOST": f"http://127.0.0.1:{free_port()}",
        **environment,
    }
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.endswith(("_API_KEY", "_URL", "_HOST")) and not name.startswith("PARLEY_")
    }
    log = home / "program.log"
    log.unlink(missing_ok=True)
    process = ChildProcess(
        [sys.executable, "-m", "parley", "up"],
        environment=inherited | own,
        folder=ROOT,
        log=log,
        death_signal=signal.SIGINT,
    )
    try:
        _await_ready(process, log)
        yield Program(f"http://127.0.0.1:{port}", process, home, own.get("DATABASE_URL", ""), own.get("REDIS_URL", ""))
    finally:
        process.stop((signal.SIGINT, END_SECONDS))


def _await_ready(process: ChildProcess, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while "PARLEY READY " not in log.read_text():
        if process.exit_code is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text()[-4000:])
        time.sleep(0.05)
