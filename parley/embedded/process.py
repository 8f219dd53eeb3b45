"""A child process that cannot outlive its parent, and the folders and locks that such children need."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from foundation.lifeline import die_with_parent

_SOCKET_PATH_LIMIT = 90
_POLL = 0.02


class ServiceError(Exception):
    """A service cannot be run here; the message says why, and which setting would avoid the need for it."""


class ChildProcess:
    """One child in a session of its own (a Ctrl-C at the terminal does not reach it), tied to our life."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        log: Path | None = None,
        keep_open: Sequence[int] = (),
        death_signal: signal.Signals = signal.SIGTERM,
        before_exec: Callable[[], None] | None = None,
        user: int | None = None,
        group: int | None = None,
    ) -> None:
        """Starts the child. Must be called from the main thread: the tie is to the thread that starts it.

        Args:
            arguments: the program and its arguments.
            environment: the child's whole environment; ours when None.
            folder: the child's working folder; ours when None.
            log: a file that takes its output; None shares our standard error.
            keep_open: descriptors that the child inherits (a lock that it shall hold as long as it lives).
            death_signal: what the kernel sends it when we die.
            before_exec: runs in the child before the program replaces it.
            user, group: ids to run as.
        """
        parent = os.getpid()

        def tie() -> None:
            if before_exec is not None:
                before_exec()
            die_with_parent(parent, death_signal)

        with contextlib.ExitStack() as stack:
            output = stack.enter_context(log.open("ab")) if log is not None else None
            self._process = subprocess.Popen(
                list(arguments),
                env=None if environment is None else dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output is not None else None,
                pass_fds=tuple(keep_open),
                start_new_session=True,
                preexec_fn=tie,
                user=user,
                group=group,
                extra_groups=None if user is None else [],
            )

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The child's exit code, or None while it runs."""
        return self._process.poll()

    def send(self, number: signal.Signals) -> None:
        """Sends a signal; nothing happens when the child has ended."""
        if self._process.poll() is None:
            self._process.send_signal(number)

    def wait(self, seconds: float) -> bool:
        """Waits for the child's end and tells whether it came in time."""
        try:
            self._process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self, *steps: tuple[signal.Signals, float]) -> int:
        """Sends each signal in turn and waits its seconds, until the child has ended; the last word is SIGKILL.

        Returns:
            The exit code.
        """
        for number, seconds in steps:
            self.send(number)
            if self.wait(seconds):
                break
        else:
            self._process.kill()
        return self._process.wait()

    def sweep(self) -> None:
        """Kills what the child started in its process group and left behind."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


class FolderLock:
    """An exclusive lock on a data folder, held by us and by the children that inherit it.

    The kernel drops it when the last holder ends. Process ids prove nothing: a zombie still answers to them.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """The open descriptor, to be inherited by a child."""
        if self._descriptor is None:
            raise RuntimeError("the lock is not held")
        return self._descriptor

    def acquire(self, seconds: float) -> None:
        """Takes the lock, waiting for a predecessor that is just ending.

        Raises:
            ServiceError: somebody else still holds it.
        """
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() < deadline:
                    time.sleep(_POLL)
                    continue
                os.close(descriptor)
                message = (
                    f"The folder {self._file.parent} is in use by another running Parley. Stop it, or set PARLEY_HOME."
                )
                raise ServiceError(message) from None
            self._descriptor = descriptor
            return

    def release(self) -> None:
        """Lets go of our share of the lock; children that inherited it keep theirs."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def private_folder(folder: Path) -> Path:
    """Makes `folder` with mode 0700, or checks that it is ours alone, and returns it.

    Raises:
        ServiceError: somebody else owns it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid():
        raise ServiceError(f"{folder} is not a folder of this user; remove it or set PARLEY_HOME to another place.")
    if stat.S_IMODE(state.st_mode) & 0o077:
        folder.chmod(0o700)
    return folder


def socket_folder(folder: Path) -> Path:
    """Returns a private folder for unix sockets: `folder` itself, or one with a short path that belongs to it.

    A socket's path may have about 100 bytes.
    """
    private_folder(folder)
    if len(os.fsencode(folder)) <= _SOCKET_PATH_LIMIT - len(".s.PGSQL.5432"):
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return private_folder(Path(tempfile.gettempdir()) / f"parley-{os.geteuid()}-{digest}")
