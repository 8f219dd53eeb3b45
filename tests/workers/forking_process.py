"""A forking worker in a process of its own, on the queue `trial`."""

import os

from workers.rq.connection import connect
from workers.rq.forking import ForkingWorker
from workers.rq.queue import open_queue

if __name__ == "__main__":
    connection = connect(os.environ["REDIS_URL"], socket_seconds=15)
    ForkingWorker(open_queue("trial", connection), f"trial-{os.getpid()}", connection).work()
