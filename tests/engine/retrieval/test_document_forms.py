"""Documents of the forms hierarchical_model and qa_model: what is stored, and what a question finds."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from engine.embedding.builtin import BuiltinEmbedders
from engine.retrieval import RetrievalOptions, retrieve
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

HANDBOOK = """# Leave

Every employee has thirty days of leave. Leave is asked for in writing. The head of department grants it.

# Travel

Journeys by train are booked in second class. The bicycle allowance is twelve cents a kilometre. Receipts are kept.
"""
PARENTS = {"separator": "\\n\\n", "max_tokens": 500}
CHILDREN = {"separator": ". ", "max_tokens": 100}


@pytest.fixture
def parts(database: Database, embedders: BuiltinEmbedders, tmp_path: Path) -> IndexingParts:
    return IndexingParts(database, FolderStorage(tmp_path), embedders)


async def add(
    parts: IndexingParts,
    workspace_id: str,
    form: str,
    text: str,
    name: str,
    rules: dict[str, Any] | None,
    **columns: Any,
) -> Document:
    """Make a dataset of one document of a form, and index it."""

    async def chunks() -> AsyncIterator[bytes]:
        yield text.encode()

    stored = await parts.storage.put(chunks())
    async with parts.database.workspace(workspace_id) as scope:
        dataset = await datasets.create(
            scope, name=f"{form} {name}", created_by=None, doc_form=form, indexing_technique="high_quality", **columns
        )
        file = await uploads.create(
            scope, author=Author(None, None), hash=stored.hash, name=name, size=stored.size, extension="md",
            mime_type="text/plain",
        )  # fmt: skip
        mode = "hierarchical" if rules else "automatic"
        rule = await documents.add_rule(scope, dataset.id, mode, rules, None)  # type: ignore[arg-type]
        document = Document(batch="b", name=name, upload_file_id=file.id, process_rule_id=rule.id, doc_form=form)
        await documents.create_batch(scope, dataset.id, [document])
    await index(parts, workspace_id, document.id)
    return await read(parts, workspace_id, document.id)


async def read(parts: IndexingParts, workspace_id: str, document_id: str) -> Document:
    async with parts.database.workspace(workspace_id) as scope:
        found = await documents.load(scope, document_id)
    assert found is not None
    return found


async def test_a_part_is_found_and_its_paragraph_is_shown(parts: IndexingParts, workspace_id: str) -> None:
    rules = {"segmentation": PARENTS, "subchunk_segmentation": CHILDREN, "parent_mode": "paragraph"}
    document = await add(parts, workspace_id, "hierarchical_model", HANDBOOK, "a.md", rules)
    assert (document.indexing_status, document.error) == ("completed", None)
    async with parts.database.workspace(workspace_id) as scope:
        stored = await segments.of_document(scope, document.id)
        children = await segments.child_chunks(scope, [segment.id for segment in stored])
    travel = next(segment for segment in stored if "train" in segment.content)
    assert travel.metadata_["headings"] == ["Travel"]
    assert [chunk.content for chunk in children[travel.id]] == [
        "Journeys by train are booked in second class",
        "The bicycle allowance is twelve cents a kilometre",
        "Receipts are kept.",
    ]
    [hit, *_] = await retrieve(
        parts.database, parts.embedders, workspace_id, [document.dataset_id], "money for cycling to work",
        RetrievalOptions(search_method="semantic_search", top_k=1),
    )  # fmt: skip
    assert hit.segment_id == travel.id
    assert hit.children[0].chunk.content.startswith("The bicycle allowance")
    assert hit.children[0].score == pytest.approx(hit.score)


@pytest.mark.parametrize("method", ["full_text_search", "hybrid_search"])
async def test_other_methods_find_the_paragraph_too(parts: IndexingParts, workspace_id: str, method: Any) -> None:
    rules = {"segmentation": PARENTS, "subchunk_segmentation": CHILDREN, "parent_mode": "paragraph"}
    document = await add(parts, workspace_id, "hierarchical_model", HANDBOOK, "a.md", rules)
    options = RetrievalOptions(search_method=method, top_k=1)
    [hit] = await retrieve(
        parts.database, parts.embedders, workspace_id, [document.dataset_id], "bicycle allowance", options
    )
    assert "train" in hit.content


async def test_a_whole_document_is_one_parent(parts: IndexingParts, workspace_id: str) -> None:
    rules = {"subchunk_segmentation": CHILDREN, "parent_mode": "full-doc"}
    document = await add(parts, workspace_id, "hierarchical_model", HANDBOOK, "a.md", rules)
    async with parts.database.workspace(workspace_id) as scope:
        [whole] = await segments.of_document(scope, document.id)
        children = (await segments.child_chunks(scope, [whole.id]))[whole.id]
    assert whole.content.startswith("# Leave")
    assert whole.content.endswith("Receipts are kept.")
    assert len(children) == 5


async def test_indexing_again_keeps_children_that_stay(parts: IndexingParts, workspace_id: str) -> None:
    rules = {"segmentation": PARENTS, "subchunk_segmentation": CHILDREN, "parent_mode": "paragraph"}
    document = await add(parts, workspace_id, "hierarchical_model", HANDBOOK, "a.md", rules)

    async def ids() -> list[tuple[str, list[str]]]:
        async with parts.database.workspace(workspace_id) as scope:
            stored = await segments.of_document(scope, document.id)
            children = await segments.child_chunks(scope, [segment.id for segment in stored])
        return [(segment.id, [chunk.id for chunk in children[segment.id]]) for segment in stored]

    before = await ids()
    async with parts.database.workspace(workspace_id) as scope:
        await steps.requeue(scope, [document.id])
    assert await index(parts, workspace_id, document.id) == "completed"
    assert await ids() == before


async def test_a_table_of_two_columns_gives_questions_and_answers(parts: IndexingParts, workspace_id: str) -> None:
    table = 'question,answer\nHow long is the warranty?,Two years.\n"Who repairs, and where?",The shop.\n'
    document = await add(parts, workspace_id, "qa_model", table, "faq.csv", None)
    assert (document.indexing_status, document.error) == ("completed", None)
    async with parts.database.workspace(workspace_id) as scope:
        stored = await segments.of_document(scope, document.id)
    assert [(one.content, one.answer) for one in stored] == [
        ("How long is the warranty?", "Two years."),
        ("Who repairs, and where?", "The shop."),
    ]
    hits = await retrieve(
        parts.database, parts.embedders, workspace_id, [document.dataset_id], "warranty", RetrievalOptions(top_k=1)
    )
    assert hits[0].content == "question:How long is the warranty? answer:Two years."


async def test_questions_without_a_model_are_refused_with_a_reason(parts: IndexingParts, workspace_id: str) -> None:
    document = await add(parts, workspace_id, "qa_model", HANDBOOK, "a.md", None)
    assert document.indexing_status == "error"
    assert "model" in (document.error or "")


async def test_vectors_of_another_length_are_refused_and_retried(parts: IndexingParts, workspace_id: str) -> None:
    document = await add(parts, workspace_id, "text_model", HANDBOOK, "a.md", None, embedding_dimension=7)
    assert document.indexing_status == "error"
    assert "vectors of length 1024" in (document.error or "")
    async with parts.database.workspace(workspace_id) as scope:
        (await datasets.get(scope, document.dataset_id)).embedding_dimension = None
        await steps.requeue(scope, [document.id])
    assert await index(parts, workspace_id, document.id) == "completed"
