"""A worker that is killed while it indexes a dataset anew: another one goes on, and every text has one vector."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import text

from foundation.storage import FolderStorage
from models import dataset as datasets
from models import embedding_change as changes
from models.database import Database
from models.embedding_change import EmbeddingChange
from tests.workers.conftest import RedisServer, wait_for
from tests.workers.rows import asker
from tests.workers.test_indexing_kill import PARAGRAPHS, state, waiting_document
from workers.queues import Queues
from workers.reconciler import Reconciler
from workers.rq import leases
from workers.tallies import Tallies

Spawn = Callable[..., subprocess.Popen[bytes]]
TURNS = 180
"""How often it is looked, each half a second, before something is given up."""
MODEL = "minilm-l6-v2-lexical-cjk"


async def pause(database: Database) -> None:
    async with database.system() as scope:
        await scope.session.execute(text("SELECT pg_sleep(0.5)"))


async def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    async with database.system() as scope:
        return [tuple(row) for row in await scope.session.execute(text(query))]


@pytest.mark.parametrize("step", ["aside", "switching", "switched"])
async def test_a_change_of_embedding_completes_after_its_worker_was_killed(
    step: str,
    database: Database,
    database_url: str,
    queues: Queues,
    redis: Redis,
    redis_server: RedisServer,
    spawn: Spawn,
    tmp_path: Path,
) -> None:
    somebody, held = await asker(database), tmp_path / "held"
    environment = {"PARLEY_HOME": str(tmp_path), "DATABASE_URL": database_url, "PYTHONWARNINGS": "ignore"}
    document = await waiting_document(somebody, FolderStorage(tmp_path / "files"))
    await queues.enqueue_indexing(somebody.workspace_id, document.id)
    first = spawn("tests.workers.indexing_process", STOP_AT=step, HELD=str(held), **environment)
    reconciler = Reconciler(database, queues, lambda: False, Tallies())
    for _ in range(TURNS):
        if (await state(somebody, document)).indexing_status == "completed":
            break
        await pause(database)
    else:
        raise AssertionError("the document was not indexed")
    async with database.workspace(somebody.workspace_id) as scope:
        dataset = await datasets.lock(scope, document.dataset_id)
        change = await changes.request(scope, dataset, "high_quality", "builtin", MODEL, None)
    assert change is not None
    await queues.enqueue_embedding_change(somebody.workspace_id, change.id)
    wait_for(held.exists, 90)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    leases.expire_worker(queues.indexing, f"indexing-{os.uname().nodename}-{first.pid}")
    [(status, done)] = await rows(database, "SELECT status, vectors_done FROM embedding_change")
    assert (status, done) == {
        "aside": ("processing", 64), "switching": ("processing", 150), "switched": ("completed", 150)
    }[step]  # fmt: skip
    spawn("tests.workers.indexing_process", **environment)
    for _ in range(TURNS):
        await reconciler.reconcile()
        async with database.workspace(somebody.workspace_id) as scope:
            found: EmbeddingChange = (await changes.latest(scope, [document.dataset_id]))[document.dataset_id]
        if found.status == "completed":
            break
        await pause(database)
    assert (found.status, found.error, found.vectors_done) == ("completed", None, len(PARAGRAPHS))
    assert await rows(
        database, "SELECT embedding, count(*), count(DISTINCT vector::text) FROM segment_entry GROUP BY 1"
    ) == [(f"builtin/{MODEL}", 150, 150)]
    assert await rows(database, "SELECT count(*) FROM changed_vector") == [(0,)]
