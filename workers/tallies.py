"""What the workers have done, counted in Redis so that any API process can tell it.

A worker adds up in memory and sends the sums every second or two; a forked job sends its own at its end. The figures
are for charts and alarms: the rows are the truth, and a worker that is killed loses its last second.
"""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import redis.exceptions
from redis.asyncio import Redis

log = logging.getLogger(__name__)

KEY = "parley:tallies"
FLUSH_SECONDS = 2.0
SEPARATOR = "\x1f"
SUM = "sum"


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is counted, or measured in classes where it has bounds.

    Attributes:
        name: as it is exported, with its unit.
        meaning: one sentence.
        labels: what tells its series apart.
        bounds: upper ends of the classes; none for a counter.
    """

    name: str
    meaning: str
    labels: tuple[str, ...]
    bounds: tuple[float, ...] = ()


RUNS = Metric("parley_runs", "Runs that ended, by the app's mode and the end state.", ("mode", "status"))
RUN_SECONDS = Metric(
    "parley_run_seconds", "From the start of a run to its end.", ("mode",), (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300)
)
FIRST_TEXT_SECONDS = Metric(
    "parley_run_first_text_seconds",
    "From the start of a run to the first text of its answer.",
    ("mode",),
    (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30),
)
TOKENS = Metric(
    "parley_tokens", "Tokens of ended runs, as the provider counted them.", ("provider", "model", "direction")
)
DOCUMENTS = Metric("parley_indexed_documents", "Indexing jobs that ended, by how.", ("outcome",))
INDEXING_SECONDS = Metric(
    "parley_indexing_seconds", "From the start of an indexing job to its end.", (), (0.5, 1, 2, 5, 10, 30, 60, 300, 900)
)
METRICS = (RUNS, RUN_SECONDS, FIRST_TEXT_SECONDS, TOKENS, DOCUMENTS, INDEXING_SECONDS)


@dataclass(slots=True)
class Tallies:
    """Sums that wait to be sent."""

    waiting: Counter[str] = field(default_factory=Counter)

    def add(self, metric: Metric, *labels: str, by: int = 1) -> None:
        """Add to a counter.

        Args:
            metric: which.
            labels: the values of its labels, in their order.
            by: how much.
        """
        self.waiting[_field(metric, labels)] += by

    def observe(self, metric: Metric, *labels: str, seconds: float) -> None:
        """Put one duration into its class, and add it to the sum (kept in milliseconds)."""
        self.waiting[_field(metric, labels, str(bisect_left(metric.bounds, seconds)))] += 1
        self.waiting[_field(metric, labels, SUM)] += round(seconds * 1000)

    async def flush(self, connection: Redis) -> None:
        """Send what waits. If Redis is away it goes on waiting."""
        sent, self.waiting = self.waiting, Counter()
        if not sent:
            return
        pipe = connection.pipeline(transaction=True)
        for name, value in sent.items():
            pipe.hincrby(KEY, name, value)
        try:
            await pipe.execute()
        except (redis.exceptions.RedisError, OSError) as error:
            self.waiting.update(sent)
            log.debug("the tallies wait: %s", error)

    async def keep_flushing(self, connection: Redis) -> None:
        """Send again and again until cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(FLUSH_SECONDS)
                await self.flush(connection)
        finally:
            await self.flush(connection)
            await connection.aclose()


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a metric: a counter's value, or a histogram's classes and sum."""

    metric: Metric
    labels: tuple[str, ...]
    value: int = 0
    classes: tuple[int, ...] = ()
    seconds: float = 0.0


def read(stored: Mapping[bytes, bytes]) -> Iterable[Series]:
    """Yield every series of the hash that the workers write.

    Args:
        stored: the hash at `KEY`, as Redis answers it.
    """
    named = {metric.name: metric for metric in METRICS}
    classes: dict[tuple[str, tuple[str, ...]], dict[str, int]] = {}
    for name, value in stored.items():
        parts = name.decode().split(SEPARATOR)
        metric = named.get(parts[0])
        if metric is None:
            continue
        if metric.bounds:
            classes.setdefault((parts[0], tuple(parts[1:-1])), {})[parts[-1]] = int(value)
        else:
            yield Series(metric, tuple(parts[1:]), value=int(value))
    for (name_, labels), found in classes.items():
        metric = named[name_]
        counts = tuple(found.get(str(number), 0) for number in range(len(metric.bounds) + 1))
        yield Series(metric, labels, classes=counts, seconds=found.get(SUM, 0) / 1000)


def _field(metric: Metric, labels: tuple[str, ...], *more: str) -> str:
    return SEPARATOR.join((metric.name, *labels, *more))
