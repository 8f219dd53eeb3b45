"""A model that pauses in mid-answer until it is told to go on."""

import asyncio
from dataclasses import dataclass, field

from tests.workers.peer import Peer


@dataclass
class HeldModel(Peer):
    """Says its first words, then waits. `asked` counts the questions."""

    pause: float = 0.005
    first: int = 5
    asked: int = 0
    _go: asyncio.Event = field(default_factory=asyncio.Event)
    _loop: asyncio.AbstractEventLoop | None = None

    def begin(self) -> str:
        """Return what the first words are."""
        return "".join(f"w{number} " for number in range(self.first))

    def hold(self) -> None:
        """Wait in every answer that begins from now on."""
        self._go = asyncio.Event()

    def release(self) -> None:
        """Let all answers go on."""
        if self._loop is None:
            self._go.set()
        else:
            self._loop.call_soon_threadsafe(self._go.set)

    async def rest(self, number: int) -> None:
        """Wait after the word of that number."""
        self._loop = asyncio.get_running_loop()
        self.asked += number == 0
        await asyncio.sleep(self.pause)
        if number == self.first - 1:
            await self._go.wait()
