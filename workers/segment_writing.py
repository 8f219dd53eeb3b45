"""Writes a document's passages as segments with their index, in one transaction, keeping what has not
changed.
"""

from collections import defaultdict, deque
from collections.abc import AsyncIterator, Sequence

from engine.ingestion.document import Passage, hash_content
from engine.providers.model import EmbeddingModel
from engine.retrieval.analysis import Analysis, analyse, keywords
from engine.retrieval.search import embedding_name
from foundation.ids import new_id
from models import dataset as datasets
from models import document_indexing as steps
from models import segment as segments
from models import segment_index
from models.database import Database
from models.document import Document
from models.scope import Scope
from models.segment import Segment
from models.segment_index import NewEntry
from models.table import now

_PASSAGES_AT_A_TIME = 64


class PassageWriter:
    """The last step of one attempt: `write` until it returns True, embedding what is missing in between."""

    def __init__(
        self,
        database: Database,
        document: Document,
        passages: Sequence[Passage],
        embedder: EmbeddingModel | None,
    ) -> None:
        """Prepare to write.

        Args:
            database: where the segments go.
            document: the document, with the number of the attempt that writes.
            passages: all its passages, in order.
            embedder: the model for the vectors; None where the dataset has none.
        """
        self._database = database
        self._document = document
        self._passages = passages
        self._embedder = embedder
        self._embedding = embedding_name(embedder) if embedder else None
        self._vectors: dict[str, Sequence[float]] = {}
        self._analyses: dict[str, Analysis] = {}
        self._missing: dict[str, str] = {}
        self.superseded = False

    async def embed_missing(self) -> AsyncIterator[int]:
        """Embed the passages that the last `write` had no vector for; yields how many passages are done."""
        waiting = list(self._missing.items())
        before = len(self._passages) - len(waiting)
        for start in range(0, len(waiting), _PASSAGES_AT_A_TIME):
            batch = waiting[start : start + _PASSAGES_AT_A_TIME]
            if self._embedder is not None:
                vectors = await self._embedder.embed([content for _, content in batch])
                self._vectors.update((key, vector) for (key, _), vector in zip(batch, vectors, strict=True))
            for key, content in batch:
                self._analyses[key] = analyse(content)
            yield before + start + len(batch)

    async def write(self, latency: float) -> bool:
        """Write the segments, their index and the document's end in one transaction.

        Args:
            latency: how many seconds the attempt has taken.

        Returns:
            False where nothing was written, because passages are to be embedded first.
        """
        async with self._database.workspace(self._document.workspace_id) as scope:
            existing = await segments.of_document(scope, self._document.id)
            kept = _matches(existing, self._passages)
            known = [segment.id for segment in kept if segment]
            current = await segment_index.embedded_segments(scope, known, self._embedding)
            stale = [
                passage
                for passage, segment in zip(self._passages, kept, strict=True)
                if segment is None or segment.id not in current
            ]
            self._missing = {
                passage.content_hash: passage.content for passage in stale if passage.content_hash not in self._analyses
            }
            if self._missing:
                return False
            columns = {
                "tokens": sum(passage.tokens for passage in self._passages),
                "segments_done": len(self._passages),
                "segments_planned": len(self._passages),
                "indexing_latency": latency,
            }
            document = self._document
            if not await steps.advance(scope, document.id, document.attempt, "completed", columns):
                self.superseded = True
                return True
            await self._replace(scope, existing, kept, current)
        return True

    async def _replace(
        self, scope: Scope, existing: Sequence[Segment], kept: Sequence[Segment | None], current: set[str]
    ) -> None:
        remaining = {segment.id for segment in kept if segment}
        gone = [segment.id for segment in existing if segment.id not in remaining]
        if gone:
            await segments.remove(scope, self._document.dataset_id, gone)
        entries = []
        for position, (passage, segment) in enumerate(zip(self._passages, kept, strict=True), start=1):
            if segment is None:
                segment = self._new_segment(passage)
                scope.session.add(segment)
            segment.position = position
            segment.metadata_ = {} if passage.page is None else {"page": passage.page}
            if segment.id not in current:
                entries.append(self._entry(segment.id, passage))
        await scope.session.flush()
        await segment_index.put(scope, self._document.dataset_id, entries)
        if self._embedder is not None:
            await self._note_embedding(scope, self._embedder)

    def _new_segment(self, passage: Passage) -> Segment:
        moment = now()
        return Segment(
            id=new_id(),
            workspace_id=self._document.workspace_id,
            dataset_id=self._document.dataset_id,
            document_id=self._document.id,
            content=passage.content,
            word_count=passage.word_count,
            tokens=passage.tokens,
            keywords=[] if self._embedder else keywords(passage.content),
            index_node_id=new_id(),
            index_node_hash=passage.content_hash,
            status="completed",
            indexing_at=moment,
            completed_at=moment,
            created_by=self._document.created_by,
        )

    def _entry(self, segment_id: str, passage: Passage) -> NewEntry:
        analysis = self._analyses[passage.content_hash]
        vector = self._vectors.get(passage.content_hash)
        return NewEntry(segment_id, analysis.frequencies, analysis.length, self._embedding, vector)

    async def _note_embedding(self, scope: Scope, embedder: EmbeddingModel) -> None:
        """Write into the dataset which model its vectors are made with, where that was left open."""
        dataset = await datasets.get(scope, self._document.dataset_id)
        if not dataset.embedding_model:
            dataset.embedding_model, dataset.embedding_model_provider = embedder.model, embedder.provider
        if not dataset.embedding_dimension and self._vectors:
            dataset.embedding_dimension = len(next(iter(self._vectors.values())))


def _matches(existing: Sequence[Segment], passages: Sequence[Passage]) -> list[Segment | None]:
    """Return, for each passage, the segment that has its text already; each segment is taken once."""
    by_hash: dict[str, deque[Segment]] = defaultdict(deque)
    for segment in existing:
        if not segment.answer:
            by_hash[hash_content(segment.content)].append(segment)
    return [
        by_hash[passage.content_hash].popleft() if by_hash.get(passage.content_hash) else None for passage in passages
    ]
