"""An indexing worker that is killed at whatever step: the document completes, each passage once."""

import hashlib
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import text, update

from foundation.storage import FolderStorage
from models import dataset as datasets
from models import document as documents
from models import segment as segments
from models import upload_file as uploads
from models.author import Author
from models.database import Database
from models.document import Document
from models.table import now
from tests.workers.conftest import RedisServer, wait_for
from tests.workers.rows import Asker, asker
from workers.queues import Queues
from workers.reconciler import Reconciler
from workers.rq import leases
from workers.tallies import Tallies

PARAGRAPHS = [
    f"Paragraph {number} says that locker {number * 7} is opened with key {number * 13}." for number in range(150)
]
STEPS = ["parsing", "cleaning", "splitting", "indexing", "embedding", "writing", "completed"]
Spawn = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
async def somebody(database: Database) -> Asker:
    return await asker(database)


async def waiting_document(somebody: Asker, storage: FolderStorage) -> Document:
    async def chunks() -> AsyncIterator[bytes]:
        yield "\n\n".join(PARAGRAPHS).encode()

    stored = await storage.put(chunks())
    rules = {"pre_processing_rules": [], "segmentation": {"separator": "\\n\\n", "max_tokens": 500}}
    async with somebody.database.workspace(somebody.workspace_id) as scope:
        dataset = await datasets.create(scope, name="Lockers", created_by=None, indexing_technique="economy")
        file = await uploads.create(
            scope, author=Author(None, None), hash=stored.hash, name="a.txt", size=stored.size, extension="txt",
            mime_type="text/plain",
        )  # fmt: skip
        rule = await documents.add_rule(scope, dataset.id, "custom", rules, None)
        document = Document(batch="b", name="a.txt", upload_file_id=file.id, process_rule_id=rule.id)
        await documents.create_batch(scope, dataset.id, [document])
    return document


async def state(somebody: Asker, document: Document) -> Document:
    async with somebody.database.workspace(somebody.workspace_id) as scope:
        found = await documents.load(scope, document.id)
    assert found is not None
    return found


def kill(worker: subprocess.Popen[bytes]) -> None:
    """Kill a worker; its job's process dies with it."""
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()


@pytest.mark.parametrize("step", STEPS)
async def test_a_document_completes_after_its_worker_was_killed(
    step: str,
    somebody: Asker,
    database: Database,
    database_url: str,
    queues: Queues,
    redis: Redis,
    redis_server: RedisServer,
    spawn: Spawn,
    tmp_path: Path,
) -> None:
    held = tmp_path / "held"
    environment = {"PARLEY_HOME": str(tmp_path), "DATABASE_URL": database_url, "PYTHONWARNINGS": "ignore"}
    storage = FolderStorage(tmp_path / "files")
    document = await waiting_document(somebody, storage)
    await queues.enqueue_indexing(somebody.workspace_id, document.id)
    first = spawn("tests.workers.indexing_process", STOP_AT=step, HELD=str(held), **environment)
    wait_for(held.exists, 90)
    kill(first)
    job_id = next(iter(leases.leased_jobs(queues.indexing)), None)
    assert job_id == document.id
    leases.expire_worker(queues.indexing, f"indexing-{os.uname().nodename}-{first.pid}")
    async with database.system() as scope:
        await scope.session.execute(
            update(Document)
            .where(Document.indexing_status != "completed")
            .values(processing_started_at=now() - timedelta(minutes=1))
        )
    spawn("tests.workers.indexing_process", **environment)
    reconciler = Reconciler(database, queues, lambda: False, Tallies())
    for _ in range(180):
        found = await state(somebody, document)
        if found.indexing_status == "completed":
            break
        await reconciler.reconcile()
        async with database.system() as scope:
            await scope.session.execute(text("SELECT pg_sleep(0.5)"))
    assert (found.indexing_status, found.error) == ("completed", None)
    async with somebody.database.workspace(somebody.workspace_id) as scope:
        stored = await segments.of_document(scope, document.id)
        entries = (await scope.session.execute(text("SELECT count(*) FROM segment_entry"))).scalar()
    hashes = [hashlib.sha256(paragraph.encode()).hexdigest() for paragraph in PARAGRAPHS]
    assert [segment.index_node_hash for segment in stored] == hashes
    assert [segment.position for segment in stored] == list(range(1, len(hashes) + 1))
    assert entries == len(hashes)
