"""Approximate indexes: large datasets get one, searches use it and miss little, and nobody waits for it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from sqlalchemy import text

from foundation.ids import new_id
from models import dataset as datasets
from models import document as documents
from models import nearest, segment_index, vector_index, word_index
from models import segment as segments
from models.database import Database
from models.document import Document
from models.nearest import VectorSearch
from models.scope import Scope
from models.segment import Segment
from models.segment_index import NewEntry
from workers.vector_indexes import VectorIndexKeeper

EMBEDDING = "acme/that's 100% a model"
DIMENSION, LARGE, SMALL, FEW = 32, 3_000, 60, 20
NAMES = text("SELECT relname FROM pg_class WHERE starts_with(relname, 'nearest_')")
SCANS = text("SELECT sum(idx_scan) FROM pg_stat_user_indexes WHERE starts_with(indexrelname, 'nearest_')")
POSTINGS = text("SELECT count(*) FROM segment_posting")
VALID = text(
    "SELECT indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE starts_with(relname, 'nearest_')"
)
INVALIDATE = text(
    "UPDATE pg_index SET indisvalid = false FROM pg_class"
    " WHERE pg_class.oid = indexrelid AND starts_with(relname, 'nearest_')"
)


@dataclass(frozen=True, slots=True)
class Filled:
    """A dataset with its segments' ids and vectors, in order."""

    dataset_id: str
    document_ids: list[str]
    segment_ids: list[str]
    vectors: list[list[float]]


@pytest.fixture
async def keeper(database: Database) -> AsyncIterator[VectorIndexKeeper]:
    made = VectorIndexKeeper(database.engine.url.render_as_string(hide_password=False), 500)
    yield made
    await made.close()


@pytest.fixture
async def large(database: Database, workspace_id: str) -> Filled:
    async with database.workspace(workspace_id) as scope:
        return await fill(scope, "Large", LARGE)


async def fill(scope: Scope, name: str, size: int) -> Filled:
    """Make a dataset of two documents whose vectors lie in clusters."""
    provider, _, model = EMBEDDING.partition("/")
    dataset = await datasets.create(
        scope,
        name=name,
        created_by=None,
        indexing_technique="high_quality",
        embedding_model_provider=provider,
        embedding_model=model,
        embedding_dimension=DIMENSION,
    )
    random = np.random.default_rng(size)
    clusters = random.standard_normal((20, DIMENSION))
    vectors = (clusters[random.integers(20, size=size)] + random.standard_normal((size, DIMENSION))).tolist()
    made = [Document(batch="b", name=f"{number}.txt", indexing_status="completed") for number in range(2)]
    await documents.create_batch(scope, dataset.id, made)
    ids: list[str] = []
    for document, part in zip(made, (vectors[:-FEW], vectors[-FEW:]), strict=True):
        rows = [Segment(id=new_id(), content="oil") for _ in part]
        await segments.append(scope, dataset.id, document.id, rows)
        entries = [NewEntry(row.id, {1: 1}, 1, EMBEDDING, vector) for row, vector in zip(rows, part, strict=True)]
        await segment_index.put(scope, dataset.id, entries)
        ids += [row.id for row in rows]
    return Filled(dataset.id, [document.id for document in made], ids, vectors)


async def found(scope: Scope, search: VectorSearch, limit: int = 10) -> list[str]:
    return [entry.segment_id for entry in (await segment_index.rank_by_vector(scope, search, limit)).ranked]


async def noted(database: Database, workspace_id: str, dataset_id: str) -> str | None:
    async with database.workspace(workspace_id) as scope:
        return (await datasets.get(scope, dataset_id)).vector_index


async def names(database: Database) -> list[str]:
    async with database.system() as scope:
        return list(await scope.session.scalars(NAMES))


async def scans(database: Database) -> int:
    """Return how often approximate indexes were read."""
    async with database.reading("") as scope:
        await scope.session.execute(text("SELECT pg_stat_force_next_flush()"))
        return int(await scope.session.scalar(SCANS) or 0)


def by_its_index(filled: Filled, vector: list[float], within: Sequence[str] | None = None) -> VectorSearch:
    return VectorSearch(EMBEDDING, vector, [filled.dataset_id], frozenset([filled.dataset_id]), within)


async def test_a_large_dataset_gets_an_index_that_misses_little(
    database: Database, workspace_id: str, keeper: VectorIndexKeeper, large: Filled
) -> None:
    async with database.workspace(workspace_id) as scope:
        small = await fill(scope, "Small", SMALL)
    await keeper.look()
    assert await noted(database, workspace_id, large.dataset_id) == EMBEDDING
    assert await noted(database, workspace_id, small.dataset_id) is None
    assert len(await names(database)) == 1
    same = 0
    async with database.reading(workspace_id) as scope:
        for vector in large.vectors[::100]:
            exact = await found(scope, VectorSearch(EMBEDDING, vector, [large.dataset_id]))
            same += len(set(exact) & set(await found(scope, by_its_index(large, vector))))
            both = VectorSearch(EMBEDDING, vector, [small.dataset_id, large.dataset_id], frozenset([large.dataset_id]))
            assert (await found(scope, both))[0] == exact[0]
    assert same >= 0.97 * 10 * len(large.vectors[::100])


@pytest.mark.parametrize("analysed", [False, True])
async def test_only_the_search_of_a_large_dataset_reads_its_index(
    database: Database, workspace_id: str, keeper: VectorIndexKeeper, large: Filled, analysed: bool
) -> None:
    await keeper.look()
    if analysed:
        async with database.system() as scope:
            await scope.session.execute(text("ANALYZE segment_entry"))
    counts = []
    for indexed in (frozenset[str](), frozenset([large.dataset_id])):
        async with database.reading(workspace_id) as scope:
            for vector in large.vectors[:8]:
                await found(scope, VectorSearch(EMBEDDING, vector, [large.dataset_id], indexed), limit=50)
        counts.append(await scans(database))
    assert counts[0] == 0
    assert counts[1] >= 8


async def test_a_search_within_few_documents_misses_none_of_theirs(
    database: Database, workspace_id: str, keeper: VectorIndexKeeper, large: Filled
) -> None:
    await keeper.look()
    async with database.reading(workspace_id) as scope:
        inside = await found(scope, by_its_index(large, large.vectors[0], large.document_ids[1:]), limit=50)
        many = await found(scope, by_its_index(large, large.vectors[0]), limit=nearest.MOST_BY_INDEX + 1)
    assert set(inside) == set(large.segment_ids[-FEW:])
    assert len(set(many)) == nearest.MOST_BY_INDEX + 1


async def test_an_index_follows_its_dataset_and_goes_with_it(
    database: Database, workspace_id: str, keeper: VectorIndexKeeper, large: Filled
) -> None:
    await keeper.look()
    before = await names(database)
    new = [1.0] * DIMENSION
    async with database.workspace(workspace_id) as scope:
        added = Segment(id=new_id(), content="new")
        await segments.append(scope, large.dataset_id, large.document_ids[0], [added])
        await segment_index.put(scope, large.dataset_id, [NewEntry(added.id, {1: 1}, 1, EMBEDDING, new)])
    async with database.reading(workspace_id) as scope:
        assert (await found(scope, by_its_index(large, new)))[0] == added.id
    async with database.workspace(workspace_id) as scope:
        await datasets.change(scope, large.dataset_id, {"embedding_model": "another"}, None)
    await keeper.look()
    assert await names(database) != before
    async with database.workspace(workspace_id) as scope:
        await datasets.mark_deleted(scope, large.dataset_id)
    await keeper.look()
    assert await names(database) == []


async def test_one_keeper_works_at_a_time(
    database: Database, workspace_id: str, keeper: VectorIndexKeeper, large: Filled
) -> None:
    async with database.system() as other:
        assert await vector_index.lock(other)
        await keeper.look()
        assert await names(database) == []
        await vector_index.unlock(other)
    await keeper.look()
    assert await noted(database, workspace_id, large.dataset_id) == EMBEDDING


async def test_what_a_killed_keeper_left_is_built_again(
    database: Database, workspace_id: str, keeper: VectorIndexKeeper, large: Filled
) -> None:
    await keeper.look()
    async with database.system() as scope:
        await scope.session.execute(INVALIDATE)
    await keeper.look()
    async with database.system() as scope:
        assert list(await scope.session.scalars(VALID)) == [True]
    assert await noted(database, workspace_id, large.dataset_id) == EMBEDDING


async def test_words_go_with_their_segment(database: Database, workspace_id: str) -> None:
    async with database.workspace(workspace_id) as scope:
        filled = await fill(scope, "Small", SMALL)
    async with database.workspace(workspace_id) as scope:
        await segments.remove(scope, filled.dataset_id, filled.segment_ids[1:])
    async with database.workspace(workspace_id) as scope:
        assert await scope.session.scalar(POSTINGS) == 1
        left = await word_index.rank(scope, [filled.dataset_id], [1], 10)
    assert [entry.segment_id for entry in left.ranked] == filled.segment_ids[:1]


async def test_nobody_waits_for_a_dataset_that_is_being_deleted(
    database: Database, workspace_id: str, keeper: VectorIndexKeeper, large: Filled
) -> None:
    await keeper.look()
    async with database.workspace(workspace_id) as deleting:
        await datasets.mark_deleted(deleting, large.dataset_id)
        assert await segments.remove_some(deleting, large.dataset_id, 100) == 100
        dropping = asyncio.create_task(keeper.look())
        async with asyncio.timeout(10), database.workspace(workspace_id) as scope:
            await scope.session.execute(text("SET LOCAL lock_timeout = '2s'"))
            other = await fill(scope, "Other", SMALL)
            assert len(await found(scope, VectorSearch(EMBEDDING, other.vectors[0], [other.dataset_id]))) == 10
            assert len(await found(scope, by_its_index(large, large.vectors[0]))) == 10
    await dropping
