"""`/metrics`: what this API process and all workers have done, for Prometheus.

The figures of requests, streams and connections are this process's own; those of runs, tokens, documents and queues are
the installation's and the same from every API process.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import redis.exceptions
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from sqlalchemy.pool import QueuePool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from foundation.errors import ApiError
from handlers.call import Services
from handlers.pipeline import Measurements
from handlers.pipeline.measurements import BOUNDS
from workers import tallies
from workers.rq.queue import SafeQueue

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue at this moment."""

    name: str
    waiting: int
    running: int
    failed: int
    workers: int


def metrics_routes(measurements: Measurements, services: Services, token: str) -> list[BaseRoute]:
    """Return the route `/metrics`.

    Args:
        measurements: what the request pipeline counts.
        services: where the workers' figures and the pool of connections are.
        token: the bearer token that a scraper must send; empty lets everybody read.
    """
    process = CollectorRegistry()
    ProcessCollector(registry=process)
    expected = f"Bearer {token}".encode()

    async def metrics(request: Request) -> Response:
        if token and not hmac.compare_digest(request.headers.get("authorization", "").encode(), expected):
            raise ApiError(
                "unauthorized",
                "The figures are read with the bearer token of PARLEY_METRICS_TOKEN.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        registry = CollectorRegistry()
        families = [*_requests(measurements), *_database(services), *await _workers(services)]
        registry.register(_Collected(families))
        return Response(generate_latest(registry) + generate_latest(process), media_type=CONTENT_TYPE)

    return [Route("/metrics", metrics)]


@dataclass(frozen=True, slots=True, eq=False)
class _Collected:
    """Families that are complete already, as a registry wants them."""

    families: Sequence[Metric]

    def collect(self) -> Iterable[Metric]:
        """Return them."""
        return self.families


def _requests(measurements: Measurements) -> Iterator[Metric]:
    answered = CounterMetricFamily(
        "parley_requests",
        "Requests answered, by operation and status; 499: the client left.",
        labels=("tier", "operation", "status"),
    )
    took = HistogramMetricFamily(
        "parley_request_seconds",
        "From a request to its answer; of a stream, until it began.",
        labels=("tier", "operation"),
    )
    for operation, tally in measurements.operations.items():
        labels = [operation.tier, operation.name] if operation is not None else ["none", "none"]
        for status, count in tally.statuses.items():
            answered.add_metric([*labels, str(status)], count)
        took.add_metric(labels, _buckets(BOUNDS, tally.classes), tally.nanoseconds / 1e9)
    breaches = CounterMetricFamily(
        "parley_contract_breaches", "Answers that broke their contract and were sent.", labels=("operation",)
    )
    for name, count in measurements.breaches.items():
        breaches.add_metric([name], count)
    yield answered
    yield took
    yield breaches
    yield GaugeMetricFamily("parley_streams_open", "Event streams that clients read now.", measurements.streams)


def _database(services: Services) -> Iterator[Metric]:
    pool = services.database.engine.pool
    if isinstance(pool, QueuePool):
        connections = GaugeMetricFamily(
            "parley_database_connections", "Connections of this process's pool.", labels=("state",)
        )
        connections.add_metric(["used"], pool.checkedout())
        connections.add_metric(["idle"], pool.checkedin())
        connections.add_metric(["limit"], pool.size())
        yield connections


async def _workers(services: Services) -> Iterable[Metric]:
    """Return what is in Redis: the queues now, and what the workers have counted."""
    pipe = services.redis.pipeline(transaction=False)
    queues: Sequence[SafeQueue] = (
        services.queues.generation,
        services.queues.indexing,
        services.queues.deliveries,
    )
    for queue in queues:
        pipe.llen(queue.key)
        pipe.zcard(queue.started_job_registry.key)
        pipe.zcard(queue.failed_job_registry.key)
        pipe.scard(f"rq:workers:{queue.name}")
    pipe.hgetall(tallies.KEY)
    up = GaugeMetricFamily("parley_redis_up", "Whether Redis answered this scrape; if not, all below is missing.")
    try:
        *counts, stored = await pipe.execute()
    except (redis.exceptions.RedisError, OSError):
        up.add_metric([], 0)
        return [up]
    up.add_metric([], 1)
    states = [QueueState(queue.name, *counts[4 * n : 4 * n + 4]) for n, queue in enumerate(queues)]
    return [up, *_queues(states), *_counted(tallies.read(stored))]


def _queues(states: Sequence[QueueState]) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("parley_queue_jobs", "Jobs of a queue by state.", labels=("queue", "state"))
    workers = GaugeMetricFamily("parley_workers", "Worker processes of a queue.", labels=("queue",))
    for state in states:
        jobs.add_metric([state.name, "waiting"], state.waiting)
        jobs.add_metric([state.name, "running"], state.running)
        jobs.add_metric([state.name, "failed"], state.failed)
        workers.add_metric([state.name], state.workers)
    yield jobs
    yield workers


def _counted(found: Iterable[tallies.Series]) -> Iterable[Metric]:
    families: dict[str, CounterMetricFamily | HistogramMetricFamily] = {
        metric.name: (HistogramMetricFamily if metric.bounds else CounterMetricFamily)(
            metric.name, metric.meaning, labels=metric.labels
        )
        for metric in tallies.METRICS
    }
    for series in found:
        family = families[series.metric.name]
        if isinstance(family, HistogramMetricFamily):
            family.add_metric(series.labels, _buckets(series.metric.bounds, series.classes), series.seconds)
        else:
            family.add_metric(series.labels, series.value)
    return families.values()


def _buckets(bounds: Sequence[float], classes: Sequence[int]) -> list[tuple[str, float]]:
    """Return cumulative buckets, as Prometheus wants them."""
    total = 0
    buckets: list[tuple[str, float]] = []
    for bound, count in zip([*map(str, map(float, bounds)), "+Inf"], classes, strict=True):
        total += count
        buckets.append((bound, total))
    return buckets
