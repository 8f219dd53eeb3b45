"""Notices a model that asks for the same thing again and again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from engine.agents.toolbox import Request

MOST_REPEATS = 3


class Repetition:
    """Counts equal requests of one run."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def stuck(self, requests: Iterable[Request]) -> bool:
        """Counts requests; returns whether one of them came for the third time."""
        keys = {request.key for request in requests}
        self._seen.update(keys)
        return any(self._seen[key] >= MOST_REPEATS for key in keys)
