"""A coroutine worker in a process of its own, on the queue `trial`."""

import logging
import os

import uvloop

from workers.rq import leases
from workers.rq.connection import connect
from workers.rq.queue import open_queue
from workers.rq.worker import CoroutineWorker

if __name__ == "__main__":
    if log := os.environ.get("LOG"):
        logging.basicConfig(filename=log, level=logging.INFO)
    connection = connect(os.environ["REDIS_URL"], socket_seconds=15)
    worker = CoroutineWorker(
        open_queue("trial", connection),
        f"trial-{os.getpid()}",
        connection,
        concurrency=int(os.environ.get("CONCURRENCY", "50")),
        lease=int(os.environ.get("LEASE_SECONDS", leases.LEASE_SECONDS)),
        loop_factory=uvloop.new_event_loop,
    )
    worker.grace = float(os.environ.get("GRACE_SECONDS", worker.grace))
    worker.work()
