"""The process that calls webhooks, as `parley worker deliveries` starts it."""

from __future__ import annotations

import os
from dataclasses import dataclass

import uvloop

from foundation.egress import EgressGuard
from foundation.secrets import Sealer
from foundation.settings import Settings
from models.database import Database
from workers import deliveries
from workers.deliveries import ANSWER_SECONDS, DeliveryProcess
from workers.pool import WORKER_SOCKET_SECONDS, worker_name
from workers.queues import DELIVERIES
from workers.rq.connection import connect
from workers.rq.queue import open_queue
from workers.rq.worker import CoroutineWorker

AT_ONCE = 50
CONNECTIONS = 4


def run_deliveries(settings: Settings) -> None:
    """Call webhooks in this process until SIGTERM or SIGINT.

    Args:
        settings: with `database_url` and `redis_url` of services that are running.
    """
    connection = connect(settings.redis_url, socket_seconds=WORKER_SOCKET_SECONDS)
    parts = _DeliveryParts(settings)
    CoroutineWorker(
        open_queue(DELIVERIES, connection),
        worker_name(DELIVERIES, os.getpid()),
        connection,
        concurrency=AT_ONCE,
        on_start=parts.start,
        on_end=parts.end,
        loop_factory=uvloop.new_event_loop,
    ).work()


@dataclass(slots=True)
class _DeliveryParts:
    """Builds on the worker's loop what its jobs share, and takes it down."""

    settings: Settings
    built: DeliveryProcess | None = None

    async def start(self, worker: CoroutineWorker) -> None:
        guard = EgressGuard(self.settings.ssrf_allow_cidrs)
        self.built = DeliveryProcess(
            database=Database(self.settings.database_url, CONNECTIONS),
            sealer=Sealer(self.settings.secret_key),
            client=guard.client(read_seconds=ANSWER_SECONDS),
            guard=guard,
        )
        deliveries.install(self.built)

    async def end(self) -> None:
        if self.built:
            await self.built.client.aclose()
            await self.built.guard.close()
            await self.built.database.close()
