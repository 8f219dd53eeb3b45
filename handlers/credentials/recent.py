"""What the database said about credentials a moment ago, so that a busy caller does not ask it each time."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from models.database import Database

LIFETIME = 5.0
CAPACITY = 10_000

T = TypeVar("T")


class RecentAnswers:
    """Answers by key, each for at most `LIFETIME` seconds; the oldest leave first when there are too many."""

    def __init__(self, lifetime: float = LIFETIME, capacity: int = CAPACITY) -> None:
        self._lifetime = lifetime
        self._capacity = capacity
        self._answers: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._forgotten = 0

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Return the answer for a key, asking when there is none or it is too old.

        An answer during which something was to be forgotten may be from before that: it is not kept.
        """
        known = self._answers.get(key)
        if known is not None and known[0] > time.monotonic():
            answer: T = known[1]
            return answer
        forgotten = self._forgotten
        answer = await ask()
        if forgotten != self._forgotten:
            return answer
        self._answers[key] = (time.monotonic() + self._lifetime, answer)
        self._answers.move_to_end(key)
        if len(self._answers) > self._capacity:
            self._answers.popitem(last=False)
        return answer

    def forget(self, key: Hashable) -> None:
        """Drop the answer for a key."""
        self._forgotten += 1
        self._answers.pop(key, None)

    def clear(self) -> None:
        """Drop all answers."""
        self._forgotten += 1
        self._answers.clear()


_recent: WeakKeyDictionary[Database, RecentAnswers] = WeakKeyDictionary()


def recent_answers(database: Database) -> RecentAnswers:
    """Return the answers that this process has of a database."""
    found = _recent.get(database)
    if found is None:
        found = _recent[database] = RecentAnswers()
    return found


def forget_key(database: Database, token_hash: str) -> None:
    """Let the deletion of an API key count at once."""
    recent_answers(database).forget(("key", token_hash))


def forget_session(database: Database, sign_in_id: str) -> None:
    """Let a logout or a switch of the workspace count at once."""
    recent_answers(database).forget(("session", sign_in_id))


def forget_all(database: Database) -> None:
    """Let a change of an app, a site, a role or a workspace count at once."""
    recent_answers(database).clear()
