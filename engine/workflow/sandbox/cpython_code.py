"""Python in CPython itself, under Landlock and seccomp: all of the language and its standard library (sandlock)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from engine.workflow.sandbox.isolate import Isolate, limits_of
from engine.workflow.sandbox.limits import SandboxLimits
from engine.workflow.values import Value
from foundation.settings import SettingsError

_CHILD = Path(__file__).with_name("cpython_process.py")
_GRACE = 20.0
_EXAMINED = 60.0


class CPythonCode:
    """A pool of children that confine. Make one for each event loop, and close it at the end."""

    def __init__(self, limits: SandboxLimits | None = None) -> None:
        self._isolate = Isolate(limits, _CHILD, _GRACE)

    async def run(self, code: str, values: Mapping[str, Value]) -> Any:
        """Calls `main` with the values by name and returns what it returned; each call is a process of its own.

        Raises:
            CodeFailure: the code is wrong, raised, or broke a limit.
        """
        return await self._isolate.run("python", code, values)

    async def close(self) -> None:
        """Ends the children and what they run."""
        await self._isolate.close()


def examine_cpython(limits: SandboxLimits | None = None) -> int:
    """Runs a probe that tries what code must not do.

    Returns:
        The kernel's version of Landlock.

    Raises:
        SettingsError: the package or the kernel's Landlock is missing, or the probe got out.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_CHILD), orjson.dumps(limits_of(limits or SandboxLimits())).decode()],
            input=b'{"kind": "examine"}\n',
            capture_output=True,
            timeout=_EXAMINED,
            check=False,
            env={"LANG": "C.UTF-8"},
            cwd="/",
        )
        answer = orjson.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise SettingsError(_refusal(f"its process cannot run ({error})")) from error
    if "error" in answer:
        raise SettingsError(_refusal(answer["error"]))
    return int(answer["value"])


def _refusal(cause: str) -> str:
    return f"CODE_PYTHON=sandlock: {cause}. Leave CODE_PYTHON out to run the code of workflows in monty."
