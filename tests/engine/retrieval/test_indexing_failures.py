"""Indexing that fails ends with a reason, and works when it is tried again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from foundation.errors import ApiError
from foundation.storage import FolderStorage
from models import document_indexing as steps
from models import segment as segments
from models.database import Database
from models.document import Document
from tests.engine.retrieval.test_document_forms import add, read
from tests.patience import until
from workers import indexing, segment_writing
from workers.indexing import DISK_FULL, IndexingParts, index

LINES = "\n\n".join(f"Line {number} of a longer text that is cut by its lines." for number in range(200))
RULES = {"segmentation": {"separator": "\\n\\n", "max_tokens": 100}}


class Scripted:
    """An embedding model that does what the test says, and the finder of it."""

    provider, model, dimension = "scripted", "scripted-3", 3

    def __init__(self) -> None:
        self.calls = 0
        self.act: Callable[[int], Awaitable[None]] = self._nothing

    async def embedder(self, workspace_id: str, provider: str | None, model: str | None) -> "Scripted":
        return self

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.calls += 1
        await self.act(self.calls)
        return [[1.0, 0.0, float(len(text))] for text in texts]

    def close(self) -> None:
        """Nothing to close."""

    async def _nothing(self, call: int) -> None:
        return None


@pytest.fixture
def scripted() -> Scripted:
    return Scripted()


@pytest.fixture
def parts(database: Database, scripted: Scripted, tmp_path: Path) -> IndexingParts:
    return IndexingParts(database, FolderStorage(tmp_path), scripted)


async def again(parts: IndexingParts, workspace_id: str, document: Document) -> Document:
    async with parts.database.workspace(workspace_id) as scope:
        await steps.requeue(scope, [document.id])
    await index(parts, workspace_id, document.id)
    return await read(parts, workspace_id, document.id)


async def added(parts: IndexingParts, workspace_id: str) -> Document:
    return await add(parts, workspace_id, "text_model", LINES, "a.txt", RULES)


async def test_a_provider_that_fails_is_named_and_a_retry_completes(
    parts: IndexingParts, scripted: Scripted, workspace_id: str
) -> None:
    async def fail(call: int) -> None:
        if call == 2:
            raise ApiError("completion_request_error", "scripted (scripted-3): out of order.")

    scripted.act = fail
    document = await added(parts, workspace_id)
    assert (document.indexing_status, document.error) == ("error", "scripted (scripted-3): out of order.")
    assert (document.segments_done, document.segments_planned) == (64, 200)
    document = await again(parts, workspace_id, document)
    assert (document.indexing_status, document.error, document.segments_done) == ("completed", None, 200)


async def test_a_provider_that_hangs_is_given_up(
    parts: IndexingParts, scripted: Scripted, workspace_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(call: int) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(segment_writing, "EMBEDDING_SECONDS", 0.1)
    scripted.act = hang
    document = await added(parts, workspace_id)
    assert document.indexing_status == "error"
    assert "gave no vectors within" in (document.error or "")


async def test_a_full_disk_is_named_and_a_retry_completes(parts: IndexingParts, workspace_id: str) -> None:
    async def sql(statement: str) -> None:
        async with parts.database.system() as scope:
            await scope.session.execute(text(statement))

    await sql(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END$$"
    )
    await sql("CREATE TRIGGER full_disk BEFORE INSERT ON segment_posting EXECUTE FUNCTION full_disk()")
    document = await added(parts, workspace_id)
    assert (document.indexing_status, document.error) == ("error", DISK_FULL)
    await sql("DROP TRIGGER full_disk ON segment_posting")
    assert (await again(parts, workspace_id, document)).indexing_status == "completed"


async def test_a_pause_ends_embedding_and_resuming_completes(
    parts: IndexingParts, scripted: Scripted, workspace_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused: list[str] = []
    told: list[int] = []
    report = indexing._Attempt._report

    async def tell(attempt: Any, done: int, planned: int) -> None:
        try:
            await report(attempt, done, planned)
        finally:
            told.append(done)

    monkeypatch.setattr(indexing, "REPORT_SECONDS", 0.0)
    monkeypatch.setattr(indexing._Attempt, "_report", tell)

    async def pause(call: int) -> None:
        # Progress is told beside the next call, and a pause is seen when it is told.
        if call in (2, 3):
            await until(lambda: len(told) == call - 1)
        async with parts.database.workspace(workspace_id) as scope:
            rows = await steps.list_working(scope)  # type: ignore[arg-type]
            if call == 2 and rows:
                await steps.pause(scope, rows[0].id, None)
                paused.append(rows[0].id)

    scripted.act = pause
    document = await added(parts, workspace_id)
    assert paused == [document.id]
    assert document.indexing_status == "paused"
    assert scripted.calls == 3
    async with parts.database.workspace(workspace_id) as scope:
        assert await segments.of_document(scope, document.id) == []
    document = await again(parts, workspace_id, document)
    assert document.indexing_status == "completed"
    moments = [
        document.processing_started_at, document.parsing_completed_at, document.cleaning_completed_at,
        document.splitting_completed_at, document.completed_at,
    ]  # fmt: skip
    assert None not in moments
    assert moments == sorted(moments)  # type: ignore[type-var]
