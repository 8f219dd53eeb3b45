"""Retrieval from documents that the indexing job wrote, on a real database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from engine.embedding.builtin import BuiltinEmbedders
from engine.retrieval import RetrievalOptions, retrieve
from engine.retrieval.options import SearchMethod
from foundation.storage import FolderStorage
from models import dataset as datasets
from models import document as documents
from models import document_indexing as steps
from models import segment as segments
from models import upload_file as uploads
from models.author import Author
from models.database import Database
from models.document import Document
from workers.indexing import IndexingParts, index

Add = Callable[..., Awaitable[Document]]
METHODS: list[SearchMethod] = ["semantic_search", "full_text_search", "hybrid_search"]


@pytest.fixture
def parts(database: Database, embedders: BuiltinEmbedders, tmp_path: Path) -> IndexingParts:
    return IndexingParts(database, FolderStorage(tmp_path), embedders)


@pytest.fixture
async def dataset_id(database: Database, workspace_id: str) -> str:
    return await new_dataset(database, workspace_id, "Handbook")


@pytest.fixture
def add(parts: IndexingParts, workspace_id: str) -> Add:
    """Upload a text into a dataset and index it."""

    async def upload(dataset_id: str, text: str | bytes, name: str = "a.txt") -> Document:
        content = text.encode() if isinstance(text, str) else text

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        stored = await parts.storage.put(chunks())
        async with parts.database.workspace(workspace_id) as scope:
            file = await uploads.create(
                scope,
                author=Author(None, None),
                hash=stored.hash,
                name=name,
                size=stored.size,
                extension="txt",
                mime_type="text/plain",
            )
            rule = await documents.add_rule(
                scope,
                dataset_id,
                "custom",
                {"pre_processing_rules": [], "segmentation": {"separator": "\\n", "max_tokens": 500}},
                None,
            )
            document = Document(batch="b", name=name, upload_file_id=file.id, process_rule_id=rule.id)
            await documents.create_batch(scope, dataset_id, [document])
        await index(parts, workspace_id, document.id)
        return await reloaded(parts.database, workspace_id, document.id)

    return upload


async def new_dataset(database: Database, workspace_id: str, name: str, technique: str = "high_quality") -> str:
    async with database.workspace(workspace_id) as scope:
        made = await datasets.create(scope, name=name, created_by=None, indexing_technique=technique)
    return made.id


async def reloaded(database: Database, workspace_id: str, document_id: str) -> Document:
    async with database.workspace(workspace_id) as scope:
        found = await documents.load(scope, document_id)
    assert found is not None
    return found


HANDBOOK = "Employees have thirty days of leave.\nThe pump needs oil every week.\n员工每年有三十天的年假。"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("question", "answer"),
    [("How much leave do employees get?", "leave"), ("oil for pumps", "pump"), ("年假有多少天", "年假")],
)
async def test_the_right_passage_comes_first(
    parts: IndexingParts,
    workspace_id: str,
    dataset_id: str,
    add: Add,
    method: SearchMethod,
    question: str,
    answer: str,
) -> None:
    await add(dataset_id, HANDBOOK)
    hits = await retrieve(
        parts.database,
        parts.embedders,
        workspace_id,
        [dataset_id],
        question,
        RetrievalOptions(search_method=method),
    )
    assert answer in hits[0].content
    assert hits[0].document_name == "a.txt"
    assert [hit.position for hit in hits] == list(range(1, len(hits) + 1))
    assert all(0 < hit.score <= 1 for hit in hits)


async def test_an_economy_dataset_is_found_by_words(parts: IndexingParts, workspace_id: str, add: Add) -> None:
    dataset_id = await new_dataset(parts.database, workspace_id, "Cheap", "economy")
    await add(dataset_id, HANDBOOK)
    hits = await retrieve(parts.database, parts.embedders, workspace_id, [dataset_id], "pump oil", RetrievalOptions())
    assert "pump" in hits[0].content
    assert "pump" in hits[0].segment.keywords


async def test_another_workspace_finds_nothing(
    parts: IndexingParts, workspace_id: str, dataset_id: str, add: Add
) -> None:
    from tests.conftest import new_owner

    await add(dataset_id, HANDBOOK)
    stranger = await new_owner(parts.database, "eve@example.com")
    assert stranger.current_workspace_id
    hits = await retrieve(
        parts.database,
        parts.embedders,
        stranger.current_workspace_id,
        [dataset_id],
        "pump",
        RetrievalOptions(),
    )
    assert hits == []


async def test_a_disabled_passage_makes_room_for_the_next(
    parts: IndexingParts, workspace_id: str, dataset_id: str, add: Add
) -> None:
    await add(dataset_id, "\n".join(f"Rule {number}: the pump needs oil." for number in range(60)))
    async with parts.database.workspace(workspace_id) as scope:
        page = await segments.page(scope, dataset_id, limit=100)
        for segment in page.items[:58]:
            segment.enabled = False
    hits = await retrieve(
        parts.database,
        parts.embedders,
        workspace_id,
        [dataset_id],
        "pump oil",
        RetrievalOptions(top_k=5),
    )
    assert len(hits) == 2


async def test_a_threshold_leaves_weak_passages_out(
    parts: IndexingParts, workspace_id: str, dataset_id: str, add: Add
) -> None:
    await add(dataset_id, HANDBOOK)
    options = RetrievalOptions(score_threshold=0.5)
    hits = await retrieve(parts.database, parts.embedders, workspace_id, [dataset_id], "pump oil", options)
    assert len(hits) == 1


async def test_indexing_again_keeps_what_has_not_changed(
    parts: IndexingParts, workspace_id: str, dataset_id: str, add: Add
) -> None:
    document = await add(dataset_id, HANDBOOK)
    async with parts.database.workspace(workspace_id) as scope:
        before = [segment.id for segment in await segments.of_document(scope, document.id)]
        await steps.requeue(scope, [document.id])
    assert await index(parts, workspace_id, document.id) == "completed"
    async with parts.database.workspace(workspace_id) as scope:
        assert [segment.id for segment in await segments.of_document(scope, document.id)] == before


async def test_every_step_is_dated(dataset_id: str, add: Add) -> None:
    document = await add(dataset_id, HANDBOOK)
    dates = [
        document.processing_started_at,
        document.parsing_completed_at,
        document.cleaning_completed_at,
        document.splitting_completed_at,
        document.completed_at,
    ]
    known = [date for date in dates if date]
    assert len(known) == 5
    assert known == sorted(known)
    assert document.word_count > 0
    assert document.tokens > 0


async def test_a_bad_file_ends_as_an_error_that_says_why(dataset_id: str, add: Add) -> None:
    document = await add(dataset_id, b"%PDF-1.7 no document", "broken.pdf")
    assert document.indexing_status == "error"
    assert document.error == "The PDF is damaged and cannot be opened."
    assert document.stopped_at is not None


async def test_a_document_that_does_not_wait_is_left_alone(
    parts: IndexingParts, workspace_id: str, dataset_id: str, add: Add
) -> None:
    document = await add(dataset_id, HANDBOOK)
    assert await index(parts, workspace_id, document.id) == "not waiting"


async def test_a_threshold_means_the_same_in_every_mode(
    parts: IndexingParts, workspace_id: str, dataset_id: str, add: Add
) -> None:
    await add(dataset_id, HANDBOOK)

    async def best(method: SearchMethod, question: str) -> float:
        options = RetrievalOptions(search_method=method)
        hits = await retrieve(parts.database, parts.embedders, workspace_id, [dataset_id], question, options)
        return hits[0].score if hits else 0.0

    for question in ("pump oil", "an employee on a distant planet counts stars and days"):
        words, meaning = await best("full_text_search", question), await best("semantic_search", question)
        assert await best("hybrid_search", question) <= max(words, meaning) + 1e-6
