"""The processes that do the work, as `parley worker generation` and `parley worker indexing` start them."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import os
import socket
from dataclasses import dataclass, field
from datetime import timedelta

import uvloop
from sqlalchemy.orm import configure_mappers

from engine.embedding.builtin import BuiltinEmbedders
from engine.providers.embedders import WorkspaceEmbedders
from engine.providers.resolution import Models
from engine.retrieval.analysis import analyse
from engine.workflow import Sandbox, examine_cpython
from foundation.egress import EgressGuard
from foundation.secrets import Sealer
from foundation.settings import Settings
from foundation.storage import FolderStorage
from models.database import Database
from models.schema import load_tables
from workers import process, shared_model
from workers.event_log import Publisher
from workers.naming import Namer
from workers.partials import PartialAnswers
from workers.process import GenerationProcess
from workers.purging import Purger
from workers.queues import GENERATION, INDEXING, Queues
from workers.reconciler import Reconciler
from workers.rq import leases
from workers.rq.connection import connect, connect_async
from workers.rq.forking import ForkingWorker
from workers.rq.interruption import FENCED
from workers.rq.queue import open_queue
from workers.rq.worker import CoroutineWorker
from workers.vector_indexes import VectorIndexKeeper
from workers.workflow_watch import WorkflowWatch

log = logging.getLogger(__name__)

WORKER_SOCKET_SECONDS = 15.0
PRELOADED = ("workers.indexing",)
WARMING = "dictionaries 词典"


def run_generation(settings: Settings) -> None:
    """Answer chats in this process until SIGTERM or SIGINT; running answers then have a while to finish.

    Args:
        settings: with `database_url` and `redis_url` of services that are running.

    Raises:
        SettingsError: `code_python` asks for what this machine does not have.
    """
    if settings.code_python == "sandlock":
        examine_cpython()
    process.use_settings(settings)
    connection = connect(settings.redis_url, socket_seconds=WORKER_SOCKET_SECONDS)
    parts = _GenerationParts(settings)
    CoroutineWorker(
        open_queue(GENERATION, connection),
        worker_name(GENERATION, os.getpid()),
        connection,
        concurrency=settings.generation_concurrency,
        on_start=parts.start,
        on_end=parts.end,
        loop_factory=uvloop.new_event_loop,
    ).work()


def run_indexing(settings: Settings) -> None:
    """Index documents in children of this process until SIGTERM or SIGINT.

    What is imported here is never collected: the children share its memory, and spend no time on looking through it.

    Args:
        settings: with `database_url` and `redis_url` of services that are running.
    """
    process.use_settings(settings)
    for module in PRELOADED:
        importlib.import_module(module)
    load_tables()
    configure_mappers()
    analyse(WARMING)
    gc.freeze()
    connection = connect(settings.redis_url, socket_seconds=WORKER_SOCKET_SECONDS)
    ForkingWorker(
        open_queue(INDEXING, connection),
        worker_name(INDEXING, os.getpid()),
        connection,
        before_fork=lambda: shared_model.load(settings.models_folder),
    ).work(logging_level="WARNING")


def worker_name(queue: str, pid: int) -> str:
    """Return the name under which this machine's process of that id works on a queue."""
    return f"{queue}-{socket.gethostname()}-{pid}"


def release_dead(settings: Settings, queue: str, pid: int) -> int:
    """Expire the leases of a child that is known to be dead, so that its runs end at once.

    Args:
        settings: with the `redis_url` of the running service.
        queue: `generation` or `indexing`.
        pid: the dead child's process id; the caller must have reaped it.

    Returns:
        How many of its jobs were running.
    """
    connection = connect(settings.redis_url)
    try:
        return leases.expire_worker(open_queue(queue, connection), worker_name(queue, pid))
    finally:
        connection.close()


@dataclass(slots=True)
class _GenerationParts:
    """Builds on the worker's loop what its jobs share, and takes it down."""

    settings: Settings
    built: GenerationProcess | None = None
    embedders: BuiltinEmbedders | None = None
    background: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self, worker: CoroutineWorker) -> None:
        settings = self.settings
        database = Database(
            settings.database_url, settings.database_pool_size, replica_url=settings.database_replica_url
        )
        queues = Queues(settings.redis_url, database)
        models = Models(settings, Sealer(settings.secret_key))
        self.embedders = BuiltinEmbedders(settings.models_folder)
        self.built = GenerationProcess(
            loop=asyncio.get_running_loop(),
            settings=settings,
            database=database,
            storage=FolderStorage(settings.files_folder),
            models=models,
            embedders=WorkspaceEmbedders(database, models, self.embedders),
            publisher=Publisher(settings.redis_url, lambda task_id: worker.cancel(task_id, FENCED)),
            partials=PartialAnswers(database),
            queues=queues,
            egress=EgressGuard(settings.ssrf_allow_cidrs),
            sealer=Sealer(settings.secret_key),
            namer=Namer(database),
            sandbox=Sandbox(python=settings.code_python),
            watch=WorkflowWatch(database),
        )
        process.install(self.built)
        self.background = [
            asyncio.create_task(Reconciler(database, queues, worker.in_outage, self.built.tallies).keep()),
            asyncio.create_task(
                Purger(database, self.built.storage, timedelta(days=settings.delivery_log_days)).keep()
            ),
            asyncio.create_task(VectorIndexKeeper(settings.database_url, settings.vector_index_segments).keep()),
            asyncio.create_task(models.start()),
            asyncio.create_task(self.built.tallies.keep_flushing(connect_async(settings.redis_url, pool_size=1))),
        ]

    async def end(self) -> None:
        for task in self.background:
            task.cancel()
        await asyncio.gather(*self.background, return_exceptions=True)
        if self.embedders:
            self.embedders.close()
        if self.built:
            await self.built.namer.aclose()
            await self.built.watch.aclose()
            await self.built.sandbox.close()
            await self.built.partials.aclose()
            await self.built.publisher.aclose()
            await self.built.models.aclose()
            await self.built.egress.close()
            self.built.queues.close()
            await self.built.database.close()
