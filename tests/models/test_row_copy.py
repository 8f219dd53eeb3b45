"""Rows that are copied in are those that the ORM would have written."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from foundation.errors import ApiError
from foundation.ids import new_id
from models import binary_copy, row_copy
from models import dataset as datasets
from models import document as documents
from models import segment as segments
from models.database import Database
from models.document import Document
from models.scope import Scope
from models.segment import Segment
from tests.workers.rows import asker

MOMENT = datetime(2026, 2, 3, 4, 5, 6, 789012, tzinfo=UTC)


async def test_rows_come_back_as_they_were_given(database: Database) -> None:
    somebody = await asker(database)
    async with database.workspace(somebody.workspace_id) as scope:
        dataset = await datasets.create(scope, name="Copied", created_by=None, indexing_technique="economy")
        document = Document(batch="b", name="a.txt")
        await documents.create_batch(scope, dataset.id, [document])

        def segment(position: int, content: str, **columns: Any) -> Segment:
            return Segment(
                workspace_id=scope.workspace_id, dataset_id=dataset.id, document_id=document.id, position=position,
                content=content, **columns,
            )  # fmt: skip

        keywords, metadata = ["钥匙", 'a "b"'], {"page": 2, "headings": ["A\x00"], "deep": {"is": None}}
        rows = [
            segment(1, "Naïve\x00 钥匙 🔑", keywords=keywords, metadata_=metadata, indexing_at=MOMENT, enabled=False),
            segment(2, "", answer="An answer", word_count=2**40),
        ]
        await row_copy.insert(scope, rows)
    async with database.workspace(somebody.workspace_id) as scope:
        first, second = await segments.of_document(scope, document.id)
    assert (first.content, first.keywords, first.enabled) == ("Naïve 钥匙 🔑", keywords, False)
    assert (first.metadata_, first.indexing_at) == ({**metadata, "headings": ["A"]}, MOMENT)
    assert (first.id, first.created_at, first.status) == (rows[0].id, rows[0].created_at, "completed")
    assert (second.content, second.answer, second.word_count, second.error) == ("", "An answer", 2**40, None)
    assert (second.keywords, second.metadata_, second.hit_count) == ([], {}, 0)


async def test_a_row_without_its_parent_is_refused_as_a_flush_refuses_it(database: Database) -> None:
    somebody = await asker(database)
    lost = Segment(
        workspace_id=somebody.workspace_id, dataset_id=new_id(), document_id=new_id(), position=1, content="Lost"
    )
    with pytest.raises(ApiError) as raised:
        async with database.workspace(somebody.workspace_id) as scope:
            await row_copy.insert(scope, [lost])
    assert raised.value.code == "not_found"


async def test_a_server_that_goes_in_between_is_told_as_other_queries_tell_it(database: Database) -> None:
    somebody = await asker(database)

    async def copy_without_a_server(ender: Scope) -> None:
        async with database.workspace(somebody.workspace_id) as scope:
            backend = await scope.session.scalar(text("SELECT pg_backend_pid()"))
            end = text("SELECT pg_terminate_backend(:backend, 30000)")
            assert await ender.session.scalar(end, {"backend": backend})
            await binary_copy.copy_in(scope, "COPY segment (id) FROM STDIN (FORMAT BINARY)", [])

    async with database.workspace(somebody.workspace_id) as ender:
        with pytest.raises(OperationalError):
            await copy_without_a_server(ender)
    async with database.workspace(somebody.workspace_id) as scope:
        assert await scope.session.scalar(text("SELECT 1")) == 1
