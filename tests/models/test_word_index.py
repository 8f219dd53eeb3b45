"""BM25 over postings: what counts as the collection."""

from time import monotonic

import pytest

from foundation.ids import new_id
from models import dataset as datasets
from models import document as documents
from models import segment as segments
from models import segment_index, word_index
from models.document import Document
from models.scope import Scope
from models.segment import Segment
from models.segment_index import NewEntry

TERM, OTHER = 1, 2


async def add(scope: Scope, dataset_id: str, terms: int, count: int) -> None:
    """Add segments that hold a term so many times."""
    document = Document(batch="b", name=f"{new_id()}.txt", indexing_status="completed")
    await documents.create_batch(scope, dataset_id, [document])
    rows = [Segment(id=new_id(), content="oil") for _ in range(count)]
    await segments.append(scope, dataset_id, document.id, rows)
    entries = [NewEntry(row.id, {TERM if terms == 1 else OTHER: terms}, terms) for row in rows]
    await segment_index.put(scope, dataset_id, entries)


async def new_dataset(scope: Scope, count: int) -> str:
    """Make a dataset with so many segments that hold the term once."""
    made = await datasets.create(scope, name=f"Of {count}", created_by=None, indexing_technique="economy")
    await add(scope, made.id, 1, count)
    return made.id


async def test_a_small_collection_is_counted_each_time(scope: Scope) -> None:
    dataset_id = await new_dataset(scope, 3)
    before = await word_index.rank(scope, [dataset_id], [TERM], 10)
    await add(scope, dataset_id, 5, 4)
    after = await word_index.rank(scope, [dataset_id], [TERM], 10)
    assert len(before.ranked) == len(after.ranked) == 3
    assert after.ideal > before.ideal


async def test_a_large_collection_is_counted_now_and_then(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.word_index._LARGE_COLLECTION", 3)
    dataset_id = await new_dataset(scope, 3)
    before = await word_index.rank(scope, [dataset_id], [TERM], 10)
    await add(scope, dataset_id, 5, 4)
    assert await word_index.rank(scope, [dataset_id], [TERM], 10) == before
    assert len((await word_index.rank(scope, [dataset_id], [OTHER], 10)).ranked) == 4, "its words are found at once"
    later = monotonic() + 60
    monkeypatch.setattr("models.word_index.monotonic", lambda: later)
    after = await word_index.rank(scope, [dataset_id], [TERM], 10)
    assert after.ideal > before.ideal
