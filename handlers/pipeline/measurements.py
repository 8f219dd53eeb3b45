"""What this process's requests have been: counted as they end, read by whoever exports the figures.

A request costs two dictionary look-ups and a bisection. Only the event loop writes, so nothing is locked.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from handlers.pipeline.operation import Operation

BOUNDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)
"""Upper ends of the latency classes, in seconds; one more class holds what took longer."""

_BOUNDS_NS = tuple(int(bound * 1e9) for bound in BOUNDS)


@dataclass(slots=True)
class Tally:
    """The requests of one operation: how many by status, and how long they took by class."""

    statuses: Counter[int] = field(default_factory=Counter)
    classes: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    nanoseconds: int = 0

    def add(self, status: int, nanoseconds: int) -> None:
        """Count one request.

        Args:
            status: what was answered.
            nanoseconds: how long it took; a stream counts until it began.
        """
        self.statuses[status] += 1
        self.classes[bisect_left(_BOUNDS_NS, nanoseconds)] += 1
        self.nanoseconds += nanoseconds


@dataclass(slots=True)
class Measurements:
    """Everything counted since the process began.

    Attributes:
        operations: by compiled operation; None holds what is outside the documents.
        breaches: answers that broke their contract, by operationId.
        streams: how many event streams are open now.
    """

    operations: dict[Operation | None, Tally] = field(default_factory=dict)
    breaches: Counter[str] = field(default_factory=Counter)
    streams: int = 0

    def count(self, operation: Operation | None, status: int, nanoseconds: int) -> None:
        """Count one request of an operation; see `Tally.add`."""
        tally = self.operations.get(operation)
        if tally is None:
            tally = self.operations[operation] = Tally()
        tally.add(status, nanoseconds)
