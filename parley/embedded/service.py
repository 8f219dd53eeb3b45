"""A server that the program runs as its child, on a data folder that only one such server may have."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from parley.embedded.process import ChildProcess, FolderLock, private_folder

_LOCK_SECONDS = 10.0


class EmbeddedService(ABC):
    """One server for one data folder."""

    name: ClassVar[str]
    """What the service is called in messages."""

    def __init__(self, folder: Path, log: Path) -> None:
        """Prepares the server; nothing runs before `start`.

        Args:
            folder: where data, lock and socket live.
            log: the file that takes the server's log.
        """
        self._folder = folder
        self._log = log
        self._lock = FolderLock(folder / "lock")
        self._child: ChildProcess | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The address for clients."""

    @property
    def pid(self) -> int | None:
        """The server's process id while there is one."""
        return self._child.pid if self._child else None

    @property
    def running(self) -> bool:
        """Whether the server process lives."""
        return self._child is not None and self._child.exit_code is None

    @abstractmethod
    def start(self) -> None:
        """Starts the server and waits until it answers; a predecessor on the same folder is waited for.

        Raises:
            ServiceError: no server program is found, the folder is in use, or the server does not come up.
        """

    @abstractmethod
    def stop(self, seconds: float = 5.0) -> None:
        """Ends the server; after so many seconds with force."""

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """Holds the folder while the server comes up, and ends what came up if it fails."""
        private_folder(self._folder)
        self._log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock.release()
        self._lock.acquire(_LOCK_SECONDS)
        try:
            yield
        except BaseException:
            self.stop()
            raise
