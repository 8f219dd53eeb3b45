"""Looks, for all workflow runs of a process, whether they were asked to stop or are no longer this process's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from models import workflow_run_state as state
from models.database import DATABASE_AWAY, Database
from workers.rq.interruption import FENCED, STOP

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class _Watched:
    attempt: int
    cancel: Callable[[str], object]


class WorkflowWatch:
    """One statement every second or two, however many runs there are."""

    def __init__(self, database: Database) -> None:
        """Begin to watch, on the running event loop."""
        self._database = database
        self._runs: dict[str, _Watched] = {}
        self._task = asyncio.create_task(self._keep_looking())

    def begin(self, run_id: str, attempt: int, cancel: Callable[[str], object]) -> None:
        """Add a run; `cancel` is called with `stop` or `fenced`."""
        self._runs[run_id] = _Watched(attempt, cancel)

    def end(self, run_id: str) -> None:
        """Forget a run."""
        self._runs.pop(run_id, None)

    async def aclose(self) -> None:
        """Stop watching."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not self._runs:
                continue
            try:
                await self._look()
            except DATABASE_AWAY as error:
                log.warning("workflow runs could not be watched: %s", error)

    async def _look(self) -> None:
        runs = dict(self._runs)
        async with self._database.system() as scope:
            states = await state.watched(scope, {run_id: watched.attempt for run_id, watched in runs.items()})
        for run_id, watched in runs.items():
            if self._runs.get(run_id) is not watched:
                continue
            to_stop = states.get(run_id)
            if to_stop is None:
                watched.cancel(FENCED)
            elif to_stop:
                watched.cancel(STOP)
