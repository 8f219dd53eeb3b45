"""Python in Monty: an interpreter that knows no files, no network and no processes, in worker processes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

import pydantic_monty as monty

from engine.workflow.failure import CodeFailure
from engine.workflow.sandbox.limits import SandboxLimits
from engine.workflow.values import Value

_CALL = "\n\n__parley_result = main(**__parley_values)\n__parley_result\n"
_GRACE = 1.0
_PRINTED = 1024 * 1024


class PythonCode:
    """A pool of workers. Make one for each event loop (after a fork), and close it at the end."""

    def __init__(self, limits: SandboxLimits | None = None) -> None:
        self._limits = limits or SandboxLimits()
        self._pool: monty.AsyncMonty | None = None
        self._starting = asyncio.Lock()
        self._gate = asyncio.Semaphore(max(1, self._limits.children))

    async def run(self, code: str, values: Mapping[str, Value]) -> Value:
        """Calls `main` with the values by name and returns what it returned.

        Raises:
            CodeFailure: the code is wrong, raised, or broke a limit.
        """
        pool = await self._started()
        limits: monty.ResourceLimits = {
            "max_feed_duration_secs": self._limits.seconds,
            "max_memory": self._limits.python_bytes,
            "max_recursion_depth": 500,
        }
        try:
            async with (
                self._gate,
                asyncio.timeout(self._limits.seconds + _GRACE * 2),
                pool.checkout(limits=limits, os_policy={"sleep": "zero"}) as session,
            ):
                return await session.feed_run(
                    code + _CALL,
                    inputs={"__parley_values": dict(values)},
                    print_callback=monty.CollectString(_PRINTED),
                )
        except TimeoutError:
            raise CodeFailure(f"It takes longer than {self._limits.seconds:g} seconds.", "TimeoutError") from None
        except monty.MontyCrashedError as error:
            raise CodeFailure("It broke a limit of memory or time and was ended.", "MemoryError") from error
        except monty.MontyError as error:
            raise _failure(error) from error
        except (ValueError, TypeError) as error:
            raise CodeFailure(f"main() returned what is no JSON: {error}", "OutputValidationError") from error

    async def close(self) -> None:
        """Ends the workers."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.__aexit__(None, None, None)

    async def _started(self) -> monty.AsyncMonty:
        async with self._starting:
            if self._pool is None:
                pool = monty.AsyncMonty(
                    min_processes=1,
                    max_processes=max(1, self._limits.children),
                    request_timeout=self._limits.seconds + _GRACE,
                    max_checkouts_per_worker=self._limits.jobs,
                )
                await pool.__aenter__()
                self._pool = pool
            return self._pool


def _failure(error: monty.MontyError) -> CodeFailure:
    text = str(error)
    named = re.match(r"(?:Exception: )?([A-Z][A-Za-z]*(?:Error|Exception)): ", text)
    kind = named.group(1) if named else type(error.exception()).__name__
    known = {"MemoryError", "TimeoutError", "RecursionError", "SyntaxError"}
    return CodeFailure(text[:2000] or kind, kind if kind in known else "CodeExecutionError")
