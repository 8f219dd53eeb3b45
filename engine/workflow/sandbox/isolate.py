"""The parent's side of the child that renders templates and runs JavaScript."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import orjson

from engine.workflow.failure import CodeFailure
from engine.workflow.sandbox.limits import SandboxLimits
from engine.workflow.values import Value

_CHILD = Path(__file__).with_name("isolate_process.py")


class _Child:
    """One process; it does one job at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.jobs = 0

    async def ask(self, line: bytes) -> bytes:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line)
        await self.process.stdin.drain()
        return await self.process.stdout.readline()

    async def end(self) -> None:
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
        await self.process.wait()


class Isolate:
    """Children that are started when they are needed. Make one for each event loop and close it at the end."""

    def __init__(self, limits: SandboxLimits | None = None, program: Path = _CHILD, grace: float = 0.0) -> None:
        """Starts nothing yet.

        Args:
            limits: of each job.
            program: what a child is.
            grace: how many seconds longer than a job's a child is waited for, where it ends jobs itself.
        """
        self._limits = limits or SandboxLimits()
        self._program = program
        self._seconds = self._limits.seconds + grace
        self._free: list[_Child] = []
        self._gate = asyncio.Semaphore(self._limits.children)

    async def run(self, kind: Literal["template", "script", "python"], source: str, values: Mapping[str, Value]) -> Any:
        """Returns what a template renders to, or what a `main` returns.

        A child that takes too long, says too much or dies is ended and replaced; so is one whose caller is cancelled,
        and one that has done its number of jobs.

        Raises:
            CodeFailure: the source is wrong, raised, or broke a limit.
        """
        line = orjson.dumps({"kind": kind, "source": source, "values": dict(values)}) + b"\n"
        async with self._gate:
            child = self._free.pop() if self._free else await self._start()
            done = False
            try:
                async with asyncio.timeout(self._seconds):
                    said = await child.ask(line)
                done = bool(said)
            except TimeoutError:
                raise CodeFailure(f"It takes longer than {self._limits.seconds:g} seconds.", "TimeoutError") from None
            except (ValueError, ConnectionError) as error:
                raise CodeFailure("It says more than is allowed.", "OutputLimit") from error
            finally:
                child.jobs += 1
                if done and child.jobs < self._limits.jobs:
                    self._free.append(child)
                else:
                    await child.end()
        if not said:
            raise CodeFailure("It broke a limit of memory and was ended.", "MemoryError")
        try:
            answer = orjson.loads(said)
        except ValueError as error:
            raise CodeFailure("main() returned what is no JSON.", "OutputValidationError") from error
        if "error" in answer:
            raise CodeFailure(answer["error"], _KINDS.get(answer["type"], "CodeExecutionError"))
        return answer["value"]

    async def close(self) -> None:
        """Ends the children."""
        free, self._free = self._free, []
        for child in free:
            await child.end()

    async def _start(self) -> _Child:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(self._program),
            orjson.dumps(limits_of(self._limits)).decode(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"LANG": "C.UTF-8"},
            cwd="/",
            limit=self._limits.wire_bytes,
            start_new_session=True,
        )
        return _Child(process)


def limits_of(limits: SandboxLimits) -> dict[str, float]:
    """Returns the limits as a child is told them."""
    return {
        "memory": limits.child_bytes,
        "script_memory": limits.script_bytes,
        "seconds": limits.seconds,
        "output": limits.output,
        "wire": limits.wire_bytes // 2,
    }


_KINDS = {
    "MemoryError": "MemoryError",
    "RecursionError": "RecursionError",
    "OutputLimit": "OutputLimit",
    "TimeoutError": "TimeoutError",
    "SyntaxError": "SyntaxError",
    "OutputValidationError": "OutputValidationError",
}
