"""Searches read a replica where there is one, and the database itself where that fails."""

import asyncio
import socket

from engine.embedding.builtin import BuiltinEmbedders
from engine.retrieval import RetrievalOptions
from engine.retrieval.analysis import analyse
from engine.retrieval.search import find
from models import dataset as datasets
from models import document as documents
from models import segment as segments
from models import segment_index
from models.database import Database
from models.document import Document
from models.segment import Segment
from models.segment_index import NewEntry
from tests.services import Services


async def test_a_search_reads_the_replica_or_else_the_database(
    database: Database, workspace_id: str, embedders: BuiltinEmbedders, shared_services: Services
) -> None:
    async with database.workspace(workspace_id) as scope:
        dataset = await datasets.create(scope, name="Handbook", created_by=None, indexing_technique="economy")
        document = Document(batch="b", name="a.txt", indexing_status="completed")
        await documents.create_batch(scope, dataset.id, [document])
        segment = Segment(content="The pump needs oil.")
        await segments.append(scope, dataset.id, document.id, [segment])
        words = analyse(segment.content)
        await segment_index.put(scope, dataset.id, [NewEntry(segment.id, words.frequencies, words.length)])
    url = database.engine.url.render_as_string(hide_password=False)

    async def hits(replica_url: str) -> int:
        pair = Database(url, 2, replica_url=replica_url)
        try:
            return len(await find(pair, embedders, workspace_id, [dataset.id], "pump", RetrievalOptions()))
        finally:
            await pair.close()

    assert await hits("") == await hits(url) == 1
    assert await hits(shared_services.migrated_database()) == 0, "a replica that lags behind is read all the same"
    assert await hits(shared_services.new_database()) == 1, "nor does one stand in the way that has no tables yet"
    nowhere = database.engine.url.set(database="no_such_database").render_as_string(hide_password=False)
    assert await hits(nowhere) == 1
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with asyncio.timeout(60):
            assert await hits(f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing") == 1
