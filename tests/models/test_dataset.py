"""Datasets, documents and their indexing, segments."""

import asyncio

import pytest

from foundation.errors import ApiError
from models import app, dataset, dataset_counts, document, document_indexing, segment
from models.database import Database
from models.dataset import Dataset
from models.document import Document, IndexingStatus
from models.scope import Scope
from models.segment import Segment


@pytest.fixture
async def handbook(scope: Scope) -> Dataset:
    return await dataset.create(scope, name="Handbook", created_by=None)


async def _add(scope: Scope, handbook: Dataset, *names: str) -> list[Document]:
    return await document.create_batch(scope, handbook.id, [Document(name=name, batch="one") for name in names])


async def test_a_dataset_name_is_given_once(scope: Scope, handbook: Dataset) -> None:
    other = await dataset.create(scope, name="Other", created_by=None)
    with pytest.raises(ApiError) as made:
        await dataset.create(scope, name="Handbook", created_by=None)
    with pytest.raises(ApiError) as renamed:
        await dataset.change(scope, other.id, {"name": "Handbook"}, None)
    assert made.value.code == renamed.value.code == "dataset_name_duplicate"
    assert (await dataset.page(scope)).total == 2


async def test_two_batches_at_once_get_positions_of_their_own(database: Database, workspace_id: str) -> None:
    async with database.workspace(workspace_id) as scope:
        made = await dataset.create(scope, name="Handbook", created_by=None)

    async def add() -> list[int]:
        async with database.workspace(workspace_id) as scope:
            return [added.position for added in await _add(scope, made, "a", "b")]

    positions = [position for added in await asyncio.gather(add(), add(), add()) for position in added]
    assert sorted(positions) == [1, 2, 3, 4, 5, 6]


async def test_an_attempt_that_was_superseded_writes_nothing(scope: Scope, handbook: Dataset) -> None:
    [added] = await _add(scope, handbook, "a")
    first = await document_indexing.start_attempt(scope, added.id)
    assert first is not None
    assert first.attempt == 1
    assert await document_indexing.advance(scope, added.id, 1, "cleaning")
    second = await document_indexing.start_attempt(scope, added.id)
    assert second is not None
    assert second.attempt == 2
    assert second.parsing_completed_at is None
    assert not await document_indexing.advance(scope, added.id, 1, "completed")
    assert await document_indexing.advance(scope, added.id, 2, "completed", {"word_count": 5})
    await scope.session.refresh(added)
    assert (added.indexing_status, added.word_count) == ("completed", 5)
    assert added.completed_at is not None
    assert await document_indexing.start_attempt(scope, added.id) is None


async def test_a_paused_document_stops_its_worker_and_resumes(scope: Scope, handbook: Dataset) -> None:
    [added] = await _add(scope, handbook, "a")
    await document_indexing.start_attempt(scope, added.id)
    assert await document_indexing.pause(scope, added.id, None)
    assert not await document_indexing.report_progress(scope, added.id, 1, 1, 2)
    assert await document_indexing.requeue(scope, [added.id]) == [added.id]
    assert await document_indexing.start_attempt(scope, added.id) is not None


async def test_documents_are_found_by_the_status_that_is_shown(scope: Scope, handbook: Dataset) -> None:
    added = await _add(scope, handbook, "a", "b", "c", "d", "e", "f")
    states: list[IndexingStatus] = ["waiting", "parsing", "error", "completed", "completed", "completed"]
    for one, state in zip(added, states, strict=True):
        one.indexing_status = state
    added[4].enabled = False
    added[5].archived = True
    await scope.session.flush()
    for one in added:
        found = await document.page(scope, handbook.id, status=one.display_status)
        assert [item.id for item in found.items] == [one.id]


async def test_segments_replace_each_other_and_are_counted(scope: Scope, handbook: Dataset) -> None:
    [added] = await _add(scope, handbook, "a")
    await segment.replace_all(scope, handbook.id, added.id, [Segment(content="old")])
    await segment.replace_all(scope, handbook.id, added.id, [Segment(content="x"), Segment(content="100%")])
    added.indexing_status = "completed"
    added.word_count = 3
    await scope.session.flush()
    listed = await segment.page(scope, handbook.id, added.id)
    assert [(one.position, one.content) for one in listed.items] == [(1, "x"), (2, "100%")]
    assert (await segment.page(scope, handbook.id, keyword="0%")).total == 1
    await segment.count_hits(scope, [one.id for one in listed.items])
    progress = (await document_indexing.progress(scope, [added]))[added.id]
    assert (progress.completed, progress.total, progress.hit_count) == (2, 2, 2)
    counts = (await dataset_counts.count(scope, [handbook.id]))[handbook.id]
    assert (counts.documents, counts.available_documents, counts.words) == (1, 1, 3)


async def test_a_dataset_in_use_stays(scope: Scope, handbook: Dataset) -> None:
    chat = await app.create(scope, name="Help", mode="chat", site_code="abc", created_by=None)
    await dataset.link_app(scope, chat.id, [handbook.id, "unknown"])
    with pytest.raises(ApiError, match="used by apps"):
        await dataset.mark_deleted(scope, handbook.id)
    await dataset.link_app(scope, chat.id, [])
    await _add(scope, handbook, "a")
    name = handbook.name
    await dataset.mark_deleted(scope, handbook.id)
    assert (await dataset.page(scope)).total == 0
    with pytest.raises(ApiError, match="not found"):
        await dataset.get(scope, handbook.id)
    await dataset.create(scope, name=name, created_by=None)


async def test_a_locked_dataset_keeps_nobody_from_adding_to_its_documents(
    database: Database, workspace_id: str
) -> None:
    async with database.workspace(workspace_id) as scope:
        made = await dataset.create(scope, name="Handbook", created_by=None)
        [added] = await _add(scope, made, "a")
    async with database.workspace(workspace_id) as scope:
        await dataset.lock(scope, made.id)
        async with asyncio.timeout(30), database.workspace(workspace_id) as indexing:
            assert await document_indexing.start_attempt(indexing, added.id)
            assert await document.add_rule(indexing, made.id, "automatic", None, None)
        await document.lock(scope, made.id, added.id)
