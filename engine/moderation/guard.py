"""Lets a run's answer pass as long as its moderator has nothing against it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any, TypeVar, cast

from engine.chat.events import Delta, Finished, Replaced
from engine.moderation.moderators import Moderator

Event = TypeVar("Event")

REASON = "output_moderation"
CHECK_EVERY = 300
"""Characters of an answer after which a moderator that takes a call is asked again."""


async def guard(
    events: AsyncIterator[Event], moderator: Moderator, cut_off: Callable[[str], Finished]
) -> AsyncGenerator[Event | Replaced | Finished, None]:
    """Passes the events of a run on, and ends it with a replacement as soon as its answer is not let through.

    A moderator that needs no call sees every piece before it leaves. One that does is asked beside the stream, every
    few hundred characters and at the end.

    Args:
        events: the run's events.
        moderator: who looks at the answer.
        cut_off: makes the end of a run that was cut off, from what it had said.

    Raises:
        ApiError: the run or its moderator failed.
    """
    answer = WatchedAnswer(moderator)
    async with contextlib.aclosing(cast("Any", events)) as source:
        try:
            async for event in source:
                replacement = None
                if isinstance(event, Delta):
                    replacement = await answer.grow(event.text)
                elif isinstance(event, Finished):
                    replacement = await answer.end()
                if replacement is not None:
                    yield Replaced(replacement, REASON)
                    yield event if isinstance(event, Finished) else cut_off(answer.text())
                    return
                yield event
        finally:
            answer.forget()


class WatchedAnswer:
    """What was said so far, and how much of it was looked at."""

    def __init__(self, moderator: Moderator, said: str = "") -> None:
        """Begins to watch a text.

        Args:
            moderator: who looks at it.
            said: what was said, and looked at, before.
        """
        self._moderator = moderator
        self._pieces = [said]
        self._tail = said[-moderator.window :] if moderator.window else ""
        self._length = len(said)
        self._seen = 0
        self._check: asyncio.Task[str | None] | None = None

    def restart(self) -> None:
        """Forgets what was said: something else takes its place."""
        self.forget()
        self._pieces, self._tail = [""], ""
        self._length = self._seen = 0

    def text(self) -> str:
        """Returns all that was said."""
        self._pieces[:] = ["".join(self._pieces)]
        return self._pieces[0]

    async def grow(self, piece: str) -> str | None:
        """Adds a piece and returns what is to take the answer's place."""
        self._pieces.append(piece)
        self._length += len(piece)
        if self._moderator.window:
            self._tail = (self._tail + piece)[-(self._moderator.window + len(piece)) :]
            return await self._moderator.check_output(self._tail)
        if self._check is not None and self._check.done():
            replacement, self._check = self._check.result(), None
            if replacement is not None:
                return replacement
        if self._check is None and self._length - self._seen >= CHECK_EVERY:
            self._seen = self._length
            self._check = asyncio.create_task(self._moderator.check_output(self.text()))
        return None

    async def end(self) -> str | None:
        """Returns what is to take the place of the whole answer."""
        if self._moderator.window:
            return None
        self.forget()
        return await self._moderator.check_output(self.text())

    def forget(self) -> None:
        """Asks no more."""
        if self._check is not None:
            self._check.cancel()
            self._check = None
