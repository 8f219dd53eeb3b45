"""Imports of segments: what a worker had added stays, and the next one goes on behind it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from engine.embedding.embedder import Embedders
from foundation.storage import FolderStorage
from models import dataset as datasets
from models import document as documents
from models import segment as segments
from models import segment_import as imports
from models import upload_file as uploads
from models.author import Author
from models.database import Database
from models.document import Document
from models.segment_import import SegmentImport
from tests.workers.rows import asker
from workers.indexing import IndexingParts
from workers.segment_edits import SegmentEditor
from workers.segment_import import BATCH, run_import

ROWS = BATCH * 2 + 5


class Killed(BaseException):
    """The worker is gone."""


async def waiting_import(database: Database, storage: FolderStorage) -> tuple[str, SegmentImport]:
    """Make a workspace with an import of `ROWS` rows that waits."""
    person = await asker(database)

    async def chunks() -> AsyncIterator[bytes]:
        yield ("content\n" + "".join(f"Row {number}\n" for number in range(ROWS))).encode()

    stored = await storage.put(chunks())
    async with database.workspace(person.workspace_id) as scope:
        dataset = await datasets.create(
            scope, name="Handbook", created_by=person.account_id, indexing_technique="economy"
        )
        [document] = await documents.create_batch(
            scope, dataset.id, [Document(name="A", batch="b", indexing_status="completed")]
        )
        file = await uploads.create(
            scope,
            author=Author(account_id=person.account_id),
            hash=stored.hash,
            name="rows.csv",
            size=stored.size,
            extension="csv",
            mime_type="text/csv",
        )
        job = await imports.create(scope, dataset.id, document.id, file.id, person.account_id)
    return person.workspace_id, job


async def test_a_killed_import_goes_on_without_missing_or_repeating_a_row(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = FolderStorage(tmp_path)
    workspace_id, job = await waiting_import(database, storage)
    embedders: Embedders = object()  # type: ignore[assignment]
    parts = IndexingParts(database, storage, embedders)
    append = SegmentEditor.append
    calls = 0

    async def killed_in_the_second_batch(self: SegmentEditor, *arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        made = await append(self, *arguments)
        if calls == 2:
            raise Killed
        return made

    monkeypatch.setattr(SegmentEditor, "append", killed_in_the_second_batch)
    with pytest.raises(Killed):
        await run_import(parts, workspace_id, job.id)
    async with database.workspace(workspace_id) as scope:
        halfway = await imports.get(scope, job.id)
        there = await segments.of_document(scope, job.document_id)
    assert (halfway.status, halfway.segments_done, halfway.segments_total) == ("processing", BATCH, ROWS)
    assert len(there) == BATCH
    assert await run_import(parts, workspace_id, job.id) == "completed"
    async with database.workspace(workspace_id) as scope:
        there = await segments.of_document(scope, job.document_id)
        ended = await imports.get(scope, job.id)
    assert [one.content for one in there] == [f"Row {number}" for number in range(ROWS)]
    assert (ended.status, ended.segments_done) == ("completed", ROWS)
    assert await run_import(parts, workspace_id, job.id) == "not waiting"


async def test_an_import_into_a_disabled_document_ends_with_the_reason(database: Database, tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    workspace_id, job = await waiting_import(database, storage)
    async with database.workspace(workspace_id) as scope:
        (await documents.get(scope, job.dataset_id, job.document_id)).enabled = False
    embedders: Embedders = object()  # type: ignore[assignment]
    assert await run_import(IndexingParts(database, storage, embedders), workspace_id, job.id) == "error"
    async with database.workspace(workspace_id) as scope:
        assert (await imports.get(scope, job.id)).error == "Document is disabled."
