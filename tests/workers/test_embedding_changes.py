"""A dataset that is indexed anew with another model: the old index serves until the new one is complete."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from engine.retrieval import RetrievalOptions, retrieve
from foundation.errors import ApiError
from foundation.storage import FolderStorage
from models import dataset as datasets
from models import document as documents
from models import document_indexing as steps
from models import embedding_change as changes
from models import segment as segments
from models.database import Database
from models.dataset import Dataset
from models.document import Document
from models.embedding_change import EmbeddingChange
from tests.engine.retrieval.test_document_forms import CHILDREN, HANDBOOK, PARENTS, add, read
from workers.embedding_changes import run_change
from workers.indexing import IndexingParts, index
from workers.segment_edits import Draft, SegmentEditor

LINES = "\n\n".join(f"Line {number} of a longer text that is cut by its lines." for number in range(200))
RULES = {"segmentation": {"separator": "\\n\\n", "max_tokens": 100}}
Act = Callable[["Model", int], Awaitable[None]]


class Model:
    """A model whose vectors tell texts apart by a word, and which does what the test says before it answers."""

    provider = "peer"

    def __init__(self, name: str, dimension: int) -> None:
        self.model, self.dimension, self.calls = name, dimension, 0
        self.act: Act | None = None

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.calls += 1
        if self.act is not None:
            await self.act(self, self.calls)
        return [[1.0, float(len(text)), *[0.5] * (self.dimension - 2)] for text in texts]


class Peer:
    """A provider with two models, `old` and `new`."""

    def __init__(self) -> None:
        self.models = {"old": Model("old", 3), "new": Model("new", 5)}
        self.asked: list[str] = []

    async def embedder(self, workspace_id: str, provider: str | None, model: str | None) -> Model:
        self.asked.append(model or "old")
        return self.models[model or "old"]

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
def parts(database: Database, peer: Peer, tmp_path: Path) -> IndexingParts:
    return IndexingParts(database, FolderStorage(tmp_path), peer)


@pytest.fixture
async def document(parts: IndexingParts, workspace_id: str) -> Document:
    return await add(parts, workspace_id, "text_model", LINES, "a.txt", RULES)


async def asked_for(
    parts: IndexingParts, workspace_id: str, dataset_id: str, technique: Any, model: str | None
) -> EmbeddingChange:
    async with parts.database.workspace(workspace_id) as scope:
        dataset = await datasets.lock(scope, dataset_id)
        found = await changes.request(scope, dataset, technique, "peer" if model else None, model, None)
    assert found is not None
    return found


async def dataset_of(parts: IndexingParts, document: Document) -> Dataset:
    async with parts.database.workspace(document.workspace_id) as scope:
        return await datasets.get(scope, document.dataset_id)


async def change_of(parts: IndexingParts, document: Document) -> EmbeddingChange:
    async with parts.database.workspace(document.workspace_id) as scope:
        return (await changes.latest(scope, [document.dataset_id]))[document.dataset_id]


async def embeddings(parts: IndexingParts, table: str = "segment_entry") -> list[tuple[Any, ...]]:
    async with parts.database.system() as scope:
        query = text(f"SELECT embedding, vector_dims(vector), count(*) FROM {table} GROUP BY 1, 2 ORDER BY 1")
        return [tuple(row) for row in await scope.session.execute(query)]


async def found(parts: IndexingParts, document: Document, method: Any = "semantic_search") -> int:
    hits = await retrieve(
        parts.database, parts.embedders, document.workspace_id, [document.dataset_id], "line", RetrievalOptions(method)
    )
    return len(hits)


async def test_the_old_index_serves_until_the_new_one_takes_its_place(
    parts: IndexingParts, peer: Peer, document: Document, workspace_id: str
) -> None:
    seen: list[tuple[str | None, int]] = []

    async def look(model: Model, call: int) -> None:
        model.act = None
        seen.append(((await dataset_of(parts, document)).embedding_model, await found(parts, document)))

    change = await asked_for(parts, workspace_id, document.dataset_id, "high_quality", "new")
    peer.models["new"].act = look
    assert await run_change(parts, workspace_id, change.id) == "completed"
    assert seen == [("old", 3)]
    dataset = await dataset_of(parts, document)
    assert (dataset.embedding_model, dataset.embedding_model_provider, dataset.embedding_dimension) == (
        "new",
        "peer",
        5,
    )
    assert await embeddings(parts) == [("peer/new", 5, 200)]
    assert await embeddings(parts, "(SELECT 'x' AS embedding, vector FROM changed_vector) AS aside") == []
    assert await found(parts, document) == 3
    assert (await change_of(parts, document)).status == "completed"


async def test_a_turn_that_is_over_leaves_the_rest_to_the_next(
    parts: IndexingParts, peer: Peer, document: Document, workspace_id: str
) -> None:
    async def broken(model: Model, call: int) -> None:
        if call == 3:
            raise SystemExit(9)

    change = await asked_for(parts, workspace_id, document.dataset_id, "high_quality", "new")
    assert await run_change(parts, workspace_id, change.id, turn_seconds=0) == "in turns"
    peer.models["new"].act = broken
    with pytest.raises(SystemExit):
        await run_change(parts, workspace_id, change.id)
    half = await change_of(parts, document)
    assert (half.status, half.vectors_done, half.vectors_total) == ("processing", 128, 200)
    peer.models["new"].act, before = None, peer.models["new"].calls
    assert await run_change(parts, workspace_id, change.id) == "completed"
    assert peer.models["new"].calls == before + 2
    assert await embeddings(parts) == [("peer/new", 5, 200)]


async def test_a_provider_that_fails_leaves_the_old_index_and_asking_again_goes_on(
    parts: IndexingParts, peer: Peer, document: Document, workspace_id: str
) -> None:
    async def fail(model: Model, call: int) -> None:
        if call == 2:
            raise ApiError("completion_request_error", "peer (new): out of order.")

    change = await asked_for(parts, workspace_id, document.dataset_id, "high_quality", "new")
    peer.models["new"].act = fail
    assert await run_change(parts, workspace_id, change.id) == "error"
    failed = await change_of(parts, document)
    assert (failed.status, failed.error, failed.vectors_done) == ("error", "peer (new): out of order.", 64)
    assert await found(parts, document) == 3
    again = await asked_for(parts, workspace_id, document.dataset_id, "high_quality", "new")
    assert (again.id, again.status) == (change.id, "waiting")
    assert await run_change(parts, workspace_id, again.id) == "completed"
    assert await embeddings(parts) == [("peer/new", 5, 200)]


async def test_vectors_of_another_length_than_before_are_refused(
    parts: IndexingParts, peer: Peer, document: Document, workspace_id: str
) -> None:
    async def shrink(model: Model, call: int) -> None:
        model.dimension = 4 if call == 2 else 5

    change = await asked_for(parts, workspace_id, document.dataset_id, "high_quality", "new")
    peer.models["new"].act = shrink
    assert await run_change(parts, workspace_id, change.id) == "error"
    assert (await change_of(parts, document)).error == "peer/new returned vectors of different lengths: 5 and 4."
    assert await embeddings(parts) == [("peer/old", 3, 200)]
    await asked_for(parts, workspace_id, document.dataset_id, "high_quality", "new")
    assert await run_change(parts, workspace_id, change.id) == "completed"


async def test_what_is_written_meanwhile_is_in_the_new_index(
    parts: IndexingParts, peer: Peer, document: Document, workspace_id: str
) -> None:
    async def write(model: Model, call: int) -> None:
        model.act = None
        editor = SegmentEditor(parts.database, parts.embedders, await dataset_of(parts, document), document, None)
        async with parts.database.workspace(workspace_id) as scope:
            [first, second, *_] = await segments.of_document(scope, document.id)
        await editor.add([Draft("Written while the vectors were made.")])
        await editor.change(first, Draft("Changed while the vectors were made."))
        await editor.remove([second.id])

    change = await asked_for(parts, workspace_id, document.dataset_id, "high_quality", "new")
    peer.models["new"].act = write
    assert await run_change(parts, workspace_id, change.id) == "completed"
    assert await embeddings(parts) == [("peer/new", 5, 200)]


async def test_an_edit_does_not_wait_long_for_an_index_that_takes_over(
    parts: IndexingParts, document: Document, workspace_id: str
) -> None:
    dataset = await dataset_of(parts, document)
    editor = SegmentEditor(parts.database, parts.embedders, dataset, document, None, patience=0.05)
    async with parts.database.workspace(workspace_id) as switching:
        await changes.hold_embedding_alone(switching, document.dataset_id)
        with pytest.raises(ApiError) as refused:
            await editor.add([Draft("Too early.")])
    assert refused.value.code == "service_unavailable"
    assert refused.value.headers["Retry-After"] == changes.RETRY_SECONDS
    [added] = await editor.add([Draft("In time.")])
    assert added.content == "In time."


async def test_a_document_that_was_embedded_before_the_switch_is_embedded_again(
    parts: IndexingParts, peer: Peer, document: Document, workspace_id: str
) -> None:
    async def switch(model: Model, call: int) -> None:
        model.act = None
        change = await asked_for(parts, workspace_id, document.dataset_id, "high_quality", "new")
        assert await run_change(parts, workspace_id, change.id) == "completed"

    async with parts.database.workspace(workspace_id) as scope:
        second = Document(
            batch="c", name="b", upload_file_id=document.upload_file_id, process_rule_id=document.process_rule_id
        )
        await documents.create_batch(scope, document.dataset_id, [second])
    peer.models["old"].act = switch
    assert await index(parts, workspace_id, second.id) == "completed"
    assert await embeddings(parts) == [("peer/new", 5, 400)]


async def test_another_model_in_the_middle_gives_the_first_change_up(
    parts: IndexingParts, peer: Peer, document: Document, workspace_id: str
) -> None:
    async def back(model: Model, call: int) -> None:
        model.act = None
        async with parts.database.workspace(workspace_id) as scope:
            dataset = await datasets.lock(scope, document.dataset_id)
            assert await changes.request(scope, dataset, "high_quality", "peer", "old", None) is None

    change = await asked_for(parts, workspace_id, document.dataset_id, "high_quality", "new")
    peer.models["new"].act = back
    assert await run_change(parts, workspace_id, change.id) == "ended"
    assert (await change_of(parts, document)).status == "cancelled"
    assert await embeddings(parts) == [("peer/old", 3, 200)]


async def test_a_dataset_without_vectors_gets_them_and_loses_them(
    parts: IndexingParts, peer: Peer, document: Document, workspace_id: str
) -> None:
    to_words = await asked_for(parts, workspace_id, document.dataset_id, "economy", None)
    assert await run_change(parts, workspace_id, to_words.id) == "completed"
    dataset = await dataset_of(parts, document)
    assert (dataset.indexing_technique, dataset.embedding_model) == ("economy", None)
    assert await embeddings(parts) == [(None, None, 200)]
    async with parts.database.workspace(workspace_id) as scope:
        assert all(segment.keywords for segment in await segments.of_document(scope, document.id))
        await steps.requeue(scope, [document.id])
    assert await index(parts, workspace_id, document.id) == "completed"
    assert await found(parts, document) > 0
    to_meaning = await asked_for(parts, workspace_id, document.dataset_id, "high_quality", "new")
    assert await run_change(parts, workspace_id, to_meaning.id) == "completed"
    assert await embeddings(parts) == [("peer/new", 5, 200)]


async def test_keywords_that_a_person_gave_are_kept(
    parts: IndexingParts, document: Document, workspace_id: str
) -> None:
    async with parts.database.workspace(workspace_id) as scope:
        [first, second, *_] = await segments.of_document(scope, document.id)
        first.keywords = ["mine"]
        await scope.session.flush()
        await segments.set_keywords(scope, {first.id: ["chosen"], second.id: ["chosen"]})
    async with parts.database.workspace(workspace_id) as scope:
        [first, second, *_] = await segments.of_document(scope, document.id)
    assert (first.keywords, second.keywords) == (["mine"], ["chosen"])


async def test_child_chunks_get_vectors_of_the_new_model(parts: IndexingParts, workspace_id: str) -> None:
    rules = {"segmentation": PARENTS, "subchunk_segmentation": CHILDREN, "parent_mode": "paragraph"}
    document = await add(parts, workspace_id, "hierarchical_model", HANDBOOK, "a.md", rules)
    [(_, _, count)] = before = await embeddings(parts, "child_entry")
    assert before == [("peer/old", 3, count)]
    change = await asked_for(parts, workspace_id, document.dataset_id, "high_quality", "new")
    assert await run_change(parts, workspace_id, change.id) == "completed"
    assert await embeddings(parts, "child_entry") == [("peer/new", 5, count)]
    assert {row[:2] for row in await embeddings(parts)} == {("peer/new", None)}
    async with parts.database.workspace(workspace_id) as scope:
        kept = [segment.id for segment in await segments.of_document(scope, document.id)]
        await steps.requeue(scope, [document.id])
    assert await index(parts, workspace_id, document.id) == "completed"
    assert (await read(parts, workspace_id, document.id)).segments_done == len(kept)
