"""Keeps the partial answers of all runs of a process, in one statement every second or two."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from models import message_run
from models.database import Database
from workers.rq.interruption import FENCED, STOP

log = logging.getLogger(__name__)

SAVE_SECONDS = 1.5


@dataclass(slots=True)
class PartialAnswer:
    """One run's answer so far; `saved` is the length that its row has."""

    message_id: str
    attempt: int
    cancel: Callable[[str], object]
    pieces: list[str] = field(default_factory=list)
    saved: int = 0

    def text(self) -> str:
        """Return the whole answer so far."""
        if len(self.pieces) > 1:
            self.pieces[:] = ["".join(self.pieces)]
        return self.pieces[0] if self.pieces else ""


class PartialAnswers:
    """Saves what grew, and cancels runs that were asked to stop or are no longer this process's."""

    def __init__(self, database: Database) -> None:
        """Begin to save, on the running event loop."""
        self._database = database
        self._answers: dict[str, PartialAnswer] = {}
        self._task = asyncio.create_task(self._keep_saving())

    def begin(self, message_id: str, attempt: int, cancel: Callable[[str], object]) -> PartialAnswer:
        """Add a run; `cancel` is called with `stop` or `fenced`."""
        answer = self._answers[message_id] = PartialAnswer(message_id, attempt, cancel)
        return answer

    def end(self, message_id: str) -> None:
        """Forget a run; its end state is written by the run itself."""
        self._answers.pop(message_id, None)

    async def aclose(self) -> None:
        """Stop saving."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_saving(self) -> None:
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            if not self._answers:
                continue
            try:
                await self._save()
            except (SQLAlchemyError, OSError) as error:
                log.warning("partial answers could not be saved: %s", error)

    async def _save(self) -> None:
        answers = list(self._answers.values())
        lengths: dict[str, int] = {}
        partials: list[message_run.Partial] = []
        for answer in answers:
            text = answer.text()
            lengths[answer.message_id] = len(text)
            grown = text if len(text) != answer.saved else None
            partials.append(message_run.Partial(answer.message_id, answer.attempt, grown))
        async with self._database.system() as scope:
            states = await message_run.save_partials(scope, partials)
        for answer in answers:
            if self._answers.get(answer.message_id) is not answer:
                continue
            to_stop = states.get(answer.message_id)
            if to_stop is None:
                answer.cancel(FENCED)
            elif to_stop:
                answer.cancel(STOP)
            else:
                answer.saved = lengths[answer.message_id]
