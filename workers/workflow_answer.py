"""The text of a run on its way to the reader: looked at by a moderator if it is an answer, and read aloud."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from engine.moderation import Moderator, WatchedAnswer
from engine.moderation.guard import REASON
from engine.workflow import Emitted, Outcome
from engine.workflow.events import RunFinished, RunPaused, TextChunk, TextReplaced
from workers.narration import Narration

CUT_OFF = "The answer was not let through by the app's moderation."


class AnswerSink:
    """Takes the events of a run and passes them on, as far as its moderator has nothing against the answer.

    Attributes:
        replacement: what took the place of the answer, once it was not let through.
        narration: who reads the answer aloud, if anybody does.
    """

    def __init__(
        self,
        sink: Callable[[Emitted], Awaitable[None]],
        stop: Callable[[str], None],
        *,
        moderator: Moderator | None,
        narration: Narration | None,
        said: str = "",
    ) -> None:
        """Begin to listen.

        Args:
            sink: takes what is passed on.
            stop: ends the run, for a reason.
            moderator: who looks at the answer.
            narration: who reads it aloud.
            said: what was said before a pause.
        """
        self.replacement: str | None = None
        self.narration = narration
        self._sink = sink
        self._stop = stop
        self._watched = WatchedAnswer(moderator, said) if moderator else None

    async def __call__(self, emitted: Emitted) -> None:
        """Take an event.

        Raises:
            ApiError: the moderator failed; nothing that could not be looked at is let through.
            Fenced: the run is not this attempt's any more.
        """
        event = emitted.event
        if isinstance(event, TextChunk | TextReplaced):
            if self.replacement is not None:
                return
            if self._watched is not None:
                if isinstance(event, TextReplaced):
                    self._watched.restart()
                if (instead := await self._watched.grow(event.text)) is not None:
                    await self._cut_off(emitted, instead)
                    return
            self._read(event)
        elif isinstance(event, RunFinished | RunPaused):
            if (instead := await self._judgement()) is not None:
                await self._cut_off(emitted, instead)
            if isinstance(event, RunPaused) and self.replacement is not None:
                return
        await self._sink(emitted)

    def judged(self, outcome: Outcome) -> Outcome:
        """Return how the run ended, without what was not let through; a run that was to pause is stopped instead."""
        if self.replacement is None:
            return outcome
        judged = replace(outcome, answer=self.replacement, outputs={"answer": self.replacement})
        return replace(judged, status="stopped", error=CUT_OFF, snapshot=None) if outcome.status == "paused" else judged

    def close(self) -> None:
        """Ask the moderator no more, and read no more."""
        if self._watched is not None:
            self._watched.forget()
        if self.narration is not None:
            self.narration.abandon()

    async def _judgement(self) -> str | None:
        """Return what is to take the place of the whole answer."""
        return await self._watched.end() if self._watched is not None and self.replacement is None else None

    async def _cut_off(self, emitted: Emitted, instead: str) -> None:
        self.replacement = instead
        said = TextReplaced(instead, REASON)
        await self._sink(replace(emitted, event=said))
        self._read(said)
        self._stop(CUT_OFF)

    def _read(self, event: TextChunk | TextReplaced) -> None:
        if self.narration is None:
            return
        if isinstance(event, TextReplaced):
            self.narration.restart(event.text)
        else:
            self.narration.add(event.text)
