"""What runs CPython's side of a code node: `python -I -S -c THIS`, inside the limits of sandlock.

It closes what sandlock leaves open (sockets, programs, processes, what Landlock does not see of files, other processes'
priorities, memory that no limit counts, the rights of root, its own limits), says `ready`, reads one JSON object
`{"source", "values"}`, and writes `{"value"}` or `{"error", "type"}`. It has the standard library alone.

System calls: Linux's `asm/unistd_64.h` and `asm-generic/unistd.h`; filters: seccomp(2), `linux/audit.h`; rights:
capset(2), `linux/capability.h`.
"""

import ctypes
import json
import math
import os
import platform
import resource
import sys
import threading
import types
from typing import Any

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOWED, _REFUSED, _UNKNOWN_CALL = 0x7FFF0000, 0x00050001, 0x00050026
_NUMBER_AT, _MACHINE_AT, _FIRST_AT, _SECOND_AT = 0, 4, 16, 24
_THREAD = 0x10000
_UNIX, _STREAM, _KIND_OF_SOCKET = 1, 1, 0xF
_NEW_CALLS = 424
"""Calls from here on have the same number on all machines, and are so new that libraries do without them: clone3, whose
arguments no filter can read, io_uring, handles of processes, mounts, secret memory.
"""

_STARTS = {"x86_64": (41, 59, 322, 57, 58), "aarch64": (198, 221, 281)}
"""socket, execve, execveat, (fork, vfork)."""

_RAISES = {"x86_64": (302, 160, 319), "aarch64": (261, 164, 279)}
"""prlimit64, setrlimit; memfd_create, whose memory no limit counts."""

_CHANGES = {
    "x86_64": (90, 91, 268, 92, 93, 94, 260, 132, 235, 261, 280, 188, 189, 190, 197, 198, 199, 161),
    "aarch64": (52, 53, 54, 55, 88, 5, 6, 7, 14, 15, 16, 51),
}
"""What Landlock leaves open of files: (chmod,) fchmod, fchmodat, (chown,) fchown, (lchown,) fchownat, (utime, utimes,
futimesat,) utimensat, [lf]setxattr, [lf]removexattr, chroot.
"""

_WATCHES = {"x86_64": (253, 294, 300, 103), "aarch64": (26, 262, 116)}
"""(inotify_init,) inotify_init1, fanotify_init, syslog."""

_DISTURBS = {
    "x86_64": (141, 142, 144, 203, 314, 251, 256, 279, 164, 159, 227, 305, 153),
    "aarch64": (140, 118, 119, 122, 274, 30, 238, 239, 170, 171, 112, 266, 58),
}
"""setpriority, sched_setparam, sched_setscheduler, sched_setaffinity, sched_setattr, ioprio_set, migrate_pages,
move_pages; settimeofday, adjtimex, clock_settime, clock_adjtime, vhangup.
"""

_MACHINES = {"x86_64": (0xC000003E, 56, 53), "aarch64": (0xC00000B7, 220, 199)}
"""The number for audits, clone, socketpair."""

_CAPABILITIES_3 = 0x20080522
_STACK = 1024 * 1024
_SIXTY_FOUR_BITS = range(-(2**63), 2**63)


class _Step(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte), ("value", ctypes.c_uint32))


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(_Step)))


class _NoJsonError(Exception):
    """The result is no JSON."""


class _Nowhere:
    """Where `print` writes to."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        """There is nothing to write out."""


def main() -> None:
    """Gives up what it may, then runs one piece of code."""
    limits = json.loads(sys.argv[1])
    result = os.dup(1)
    os.close(1)
    os.close(2)
    os.environ.clear()
    threading.stack_size(_STACK)
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    seconds = math.ceil(limits["seconds"]) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    _seal()
    os.write(result, b"ready\n")
    with os.fdopen(0, "rb") as given:
        job = json.load(given)
    sys.stdin = None
    sys.stdout = sys.__stdout__ = sys.stderr = sys.__stderr__ = _Nowhere()  # type: ignore[assignment,misc]
    said = json.dumps(_answer(job)).encode()
    while said:
        said = said[os.write(result, said) :]
    os._exit(0)


def _seal() -> None:
    """Refuses system calls from here on, and gives up the rights of root, for good; threads inherit both.

    Raises:
        OSError: the kernel refuses that, or this machine is none whose system calls are known.
    """
    machine = platform.machine()
    if machine not in _MACHINES:
        raise OSError(f"no filter for {machine}")
    audit, clone, pair = _MACHINES[machine]
    refused = [number for calls in (_STARTS, _RAISES, _CHANGES, _WATCHES, _DISTURBS) for number in calls[machine]]
    steps = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_EQUAL, 1, 0, audit),
        (_RETURN, 0, 0, _REFUSED),
        (_LOAD, 0, 0, _NUMBER_AT),
        # The other numbering of x86_64 (x32) has this bit; nothing here uses it.
        (_ANY_BIT, 0, 1, 0x40000000),
        (_RETURN, 0, 0, _REFUSED),
        (_AT_LEAST, 0, 1, _NEW_CALLS),
        (_RETURN, 0, 0, _UNKNOWN_CALL),
    ]
    for number in refused:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSED)]
    steps += [
        # A thread may begin, a process may not.
        (_EQUAL, 0, 4, clone),
        (_LOAD, 0, 0, _FIRST_AT),
        (_ANY_BIT, 1, 0, _THREAD),
        (_RETURN, 0, 0, _REFUSED),
        (_RETURN, 0, 0, _ALLOWED),
        # Two ends of one stream lead nowhere, and event loops want them; other kinds can be sent to an address.
        (_EQUAL, 0, 6, pair),
        (_LOAD, 0, 0, _FIRST_AT),
        (_EQUAL, 0, 3, _UNIX),
        (_LOAD, 0, 0, _SECOND_AT),
        (_AND, 0, 0, _KIND_OF_SOCKET),
        (_EQUAL, 1, 0, _STREAM),
        (_RETURN, 0, 0, _REFUSED),
        (_RETURN, 0, 0, _ALLOWED),
    ]
    program = (_Step * len(steps))(*(_Step(*step) for step in steps))
    library = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_seccomp, by_filter = 38, 22, 2
    given = _Filter(len(steps), program)
    if library.capset((ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0), (ctypes.c_uint32 * 6)()):
        raise OSError(ctypes.get_errno(), "the kernel does not take the rights of root away")
    if library.prctl(no_new_privileges, 1, 0, 0, 0) or library.prctl(set_seccomp, by_filter, ctypes.byref(given), 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter")


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    module = types.ModuleType("main")
    sys.modules["main"] = module
    try:
        exec(compile(job["source"], "main.py", "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - it is what runs
        if not callable(getattr(module, "main", None)):
            return {"error": "There is no function main.", "type": "NameError"}
        return {"value": _plain(module.main(**job["values"]))}
    except _NoJsonError as error:
        return {"error": f"main() returned what is no JSON: {error}", "type": "OutputValidationError"}
    except MemoryError:
        return {"error": "It needs more memory than is allowed.", "type": "MemoryError"}
    except RecursionError:
        return {"error": "It calls itself too deeply.", "type": "RecursionError"}
    except BaseException as error:
        return {"error": _told(error), "type": type(error).__name__}


def _told(error: BaseException) -> str:
    """Returns an error as one line, with the line of the code that it comes from."""
    try:
        said = str(error)
    except BaseException:
        said = ""
    line, place = None, error.__traceback__
    while place is not None:
        if place.tb_frame.f_code.co_filename == "main.py":
            line = place.tb_lineno
        place = place.tb_next
    name = type(error).__name__
    where = f" (line {line})" if line is not None else ""
    return f"{name}: {said[:1900]}{where}" if said else f"{name}{where}"


def _plain(value: Any) -> Any:
    """Returns a result as JSON has it.

    Raises:
        _NoJsonError: JSON has no such thing.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return str.encode(value).decode()
        except UnicodeEncodeError:
            raise _NoJsonError("a text with half of a character") from None
    if isinstance(value, int):
        if int(value) not in _SIXTY_FOUR_BITS:
            raise _NoJsonError("a whole number of more than 64 bits")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _NoJsonError("a number that is not finite")
        return float(value)
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise _NoJsonError(f"a key that is a {type(key).__name__}")
        return {_plain(key): _plain(entry) for key, entry in value.items()}
    raise _NoJsonError(f"a {type(value).__name__}")


if __name__ == "__main__":
    main()
