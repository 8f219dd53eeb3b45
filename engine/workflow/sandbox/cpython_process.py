"""The child that runs Python code under sandlock: `python -I cpython_process.py LIMITS`.

It answers one JSON line for each JSON line, as `isolate_process.py` does, and starts a confined CPython for each: no
files but the standard library, no network, no other processes. It imports nothing of the program. Killed, it takes
the confined process with it (PR_SET_PDEATHSIG, by sandlock).
"""

import contextlib
import json
import os
import sys
import sysconfig
import threading
from pathlib import Path
from typing import Any

_PROGRAM = Path(__file__).with_name("cpython_program.py")
_START_SECONDS = 15.0
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo")
_PROBE = """
import socket
def main():
    for family in (socket.AF_UNIX, socket.AF_INET):
        try:
            socket.socket(family)
        except PermissionError:
            continue
        return {"closed": False}
    try:
        open("/proc/self/environ")
    except PermissionError:
        return {"closed": True}
    return {"closed": False}
"""


def main() -> None:
    """Answers until its input ends."""
    limits = json.loads(sys.argv[1])
    for line in sys.stdin:
        job = json.loads(line)
        try:
            answer = _examine(limits) if job["kind"] == "examine" else _run(job["source"], job["values"], limits)
        except (RuntimeError, OSError) as error:
            answer = _failed(f"The interpreter did not start: {error}.", "CodeExecutionError")
        sys.stdout.write(json.dumps(answer, allow_nan=False) + "\n")
        sys.stdout.flush()


def _examine(limits: dict[str, Any]) -> dict[str, Any]:
    """Returns the kernel's version of Landlock, or why code cannot be confined here."""
    try:
        import sandlock
    except (ImportError, OSError) as error:
        return _failed(f"the package sandlock cannot be loaded ({error})", "Unavailable")
    here, needed = sandlock.landlock_abi_version(), sandlock.min_landlock_abi()
    if here < needed:
        has = f"version {here}" if here > 0 else "none"
        return _failed(f"the kernel needs Landlock version {needed} (Linux 6.12); it has {has}", "Unavailable")
    answer = _run(_PROBE, {}, {**limits, "seconds": _START_SECONDS})
    if answer.get("value") != {"closed": True}:
        return _failed(
            f"a probe was not confined: {answer.get('error', 'it could open what it must not')}", "Unavailable"
        )
    return {"value": here}


def _run(source: str, values: dict[str, Any], limits: dict[str, Any]) -> dict[str, Any]:
    import sandlock

    given = json.dumps({"source": source, "values": values}).encode()
    command = [_interpreter(), "-I", "-S", "-B", "-X", "utf8", "-c", _PROGRAM.read_text(), json.dumps(limits)]
    piped, nowhere = sandlock.StdioMode.PIPED, sandlock.StdioMode.NULL
    late = threading.Event()
    with _policy(limits["memory"]).popen(command, stdin=piped, stdout=piped, stderr=nowhere) as process:

        def end() -> None:
            late.set()
            process.kill()

        starting = threading.Timer(_START_SECONDS, end)
        starting.start()
        said = _first(process.stdout)
        starting.cancel()
        if said == b"ready\n" and not late.is_set():
            running = threading.Timer(limits["seconds"], end)
            running.start()
            threading.Thread(target=_give, args=(process.stdin, given), daemon=True).start()
            said = _all(process.stdout, limits["wire"])
            if len(said) > limits["wire"]:
                process.kill()
            process.wait()
            running.cancel()
        else:
            process.kill()
            return _failed("The interpreter did not start.", "CodeExecutionError")
    if late.is_set():
        return _failed(f"It takes longer than {limits['seconds']:g} seconds.", "TimeoutError")
    if len(said) > limits["wire"]:
        return _failed(f"The result is larger than {limits['wire']} characters.", "OutputLimit")
    return _read(said)


def _policy(memory: int) -> Any:
    import sandlock

    readable = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), _interpreter(), *_LIBRARIES]
    if sysconfig.get_config_var("Py_ENABLE_SHARED") and (folder := sysconfig.get_config_var("LIBDIR")):
        readable.append(str(folder))
    return sandlock.Sandbox(
        fs_readable=sorted({path for path in readable if os.path.exists(path)}),
        max_memory=2 * memory,
        max_processes=1,
        max_open_files=64,
        no_coredump=True,
        clean_env=True,
        env={"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1"},
        cwd="/",
    )


def _interpreter() -> str:
    """Returns the interpreter itself, whatever environment this process runs in."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def _give(stream: Any, given: bytes) -> None:
    left = memoryview(given)
    with contextlib.suppress(OSError, ValueError):
        while left:
            left = left[stream.write(left) :]
        stream.close()


def _first(stream: Any) -> bytes:
    said = b""
    while not said.endswith(b"\n") and len(said) < len(b"ready\n"):
        piece: bytes = stream.read(1)
        if not piece:
            break
        said += piece
    return said


def _all(stream: Any, most: int) -> bytes:
    pieces, length = [], 0
    while length <= most:
        piece: bytes = stream.read(65_536)
        if not piece:
            break
        pieces.append(piece)
        length += len(piece)
    return b"".join(pieces)


def _read(said: bytes) -> dict[str, Any]:
    """Returns what a confined process said, which may be anything at all."""
    try:
        answer = json.loads(said, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return _failed("It broke a limit and was ended, or ended itself.", "MemoryError")
    if isinstance(answer, dict) and isinstance(answer.get("error"), str) and isinstance(answer.get("type"), str):
        return _failed(answer["error"][:2000], answer["type"][:100])
    if isinstance(answer, dict) and "value" in answer:
        return {"value": answer["value"]}
    return _failed("It returned nothing.", "OutputValidationError")


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _failed(message: str, kind: str) -> dict[str, Any]:
    return {"error": message, "type": kind}


if __name__ == "__main__":
    main()
