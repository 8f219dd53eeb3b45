"""Ties a process to its parent's life, so that killing the program leaves nothing behind."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int | None = None, with_signal: signal.Signals = signal.SIGTERM) -> None:
    """Asks the kernel to send this process a signal when the thread that started it ends (Linux only).

    Args:
        parent: the process id of the expected parent; when it is already gone this process ends at once.
        with_signal: the signal to be sent.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os._exit(1)
