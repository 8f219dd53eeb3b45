"""Writes a document's passages as segments with their index, in one transaction, keeping what has not changed."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from engine.ingestion.document import hash_content
from engine.ingestion.passages import Passage
from engine.providers.model import EmbeddingModel
from engine.retrieval.analysis import Analysis, analyse, analyse_for_people
from engine.retrieval.search import embedding_name
from foundation.errors import ApiError
from foundation.ids import new_id
from models import child_index, embedding_change, row_copy, segment_index
from models import dataset as datasets
from models import document_indexing as steps
from models import segment as segments
from models.database import Database
from models.dataset import Dataset
from models.document import Document
from models.scope import Scope
from models.segment import ChildChunk, Segment
from models.segment_index import NewEntry
from models.table import now

EMBEDDING_SECONDS = 300.0
"""How long a batch of texts may wait for its vectors, all attempts of the provider included."""

_TEXTS_AT_A_TIME = 64

Vector = npt.NDArray[np.float32]


async def embed_in_time(model: EmbeddingModel, texts: Sequence[str]) -> list[list[float]]:
    """Return the vectors of a batch of texts.

    Raises:
        ApiError: `completion_request_error` where they take longer than `EMBEDDING_SECONDS`; what the model raises.
    """
    try:
        async with asyncio.timeout(EMBEDDING_SECONDS):
            return await model.embed(texts)
    except TimeoutError as error:
        message = f"{embedding_name(model)} gave no vectors within {EMBEDDING_SECONDS:.0f} seconds."
        raise ApiError("completion_request_error", message, reason="provider_timeout") from error


class PassageWriter:
    """The last step of one attempt: `write` until it returns True, embedding what is missing in between."""

    def __init__(
        self,
        database: Database,
        document: Document,
        dataset: Dataset,
        passages: Sequence[Passage],
        embedder: EmbeddingModel | None,
    ) -> None:
        """Prepare to write.

        Args:
            database: where the segments go.
            document: the document, with the number of the attempt that writes.
            dataset: its dataset, which knows how long its vectors are.
            passages: all its passages, in order.
            embedder: the model for the vectors; None where the dataset has none.
        """
        self._database = database
        self._document = document
        self._dataset = dataset
        self._dimension = dataset.embedding_dimension
        self._passages = passages
        self._embedder = embedder
        self._embedding = embedding_name(embedder) if embedder else None
        self._vectors: dict[str, Vector] = {}
        self._analyses: dict[str, Analysis] = {}
        self._keywords: dict[str, list[str]] = {}
        self._missing: list[Passage] = list(passages)
        self.superseded = False
        self.outdated = False

    async def prepare_missing(self) -> AsyncIterator[int]:
        """Analyse and embed the passages that the last `write` lacked, or all before the first one; yields how many
        passages are done.

        Raises:
            ApiError: the provider refused, failed, or returned vectors of another length than the dataset's.
        """
        done = len(self._passages) - len(self._missing)
        batch: list[Passage] = []
        texts: dict[str, str] = {}
        for passage in self._missing:
            batch.append(passage)
            if self._embedder is not None:
                texts |= {hash_content(text): text for text in passage.children or (passage.content,)}
            if max(len(batch), len(texts)) < _TEXTS_AT_A_TIME and passage is not self._missing[-1]:
                continue
            await asyncio.to_thread(self._analyse, batch)
            waiting = [(key, text) for key, text in texts.items() if key not in self._vectors]
            for start in range(0, len(waiting), _TEXTS_AT_A_TIME):
                if start:
                    yield done
                await self._embed(waiting[start : start + _TEXTS_AT_A_TIME])
            done += len(batch)
            batch, texts = [], {}
            yield done

    async def write(self, latency: float) -> bool:
        """Write the segments, their index and the document's end in one transaction.

        Args:
            latency: how many seconds the attempt has taken.

        Returns:
            False where nothing was written, because passages are to be embedded first. After True, nothing was
            written either where `superseded` tells that the document is another attempt's, or `outdated` that its
            dataset has changed to another embedding.
        """
        async with self._database.workspace(self._document.workspace_id) as scope:
            if not await self._embedding_stands(scope):
                self.outdated = True
                return True
            existing = await segments.of_document(scope, self._document.id)
            kept = _matches(existing, self._passages)
            known = [segment.id for segment in kept if segment]
            dataset_id = self._document.dataset_id
            current = await segment_index.embedded_segments(scope, dataset_id, known, self._embedding)
            children = await self._children(scope, known)
            if self._embedding is not None and any(children.values()):
                embedded = await child_index.embedded(scope, dataset_id, known, self._embedding)
            else:
                embedded = set()
            self._missing = [
                passage
                for passage, segment in zip(self._passages, kept, strict=True)
                if not self._is_ready(passage)
                and (
                    segment is None
                    or segment.id not in current
                    or not _stands(passage, children.get(segment.id, ()), embedded, self._embedder is not None)
                )
            ]
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
            await self._replace_children(scope, kept, children, embedded)
        return True

    async def _embedding_stands(self, scope: Scope) -> bool:
        """Keep the dataset's embedding from changing meanwhile, and return whether it is the one that writes."""
        await embedding_change.hold_embedding(scope, self._document.dataset_id)
        current, read = await datasets.get(scope, self._document.dataset_id), self._dataset
        if (current.indexing_technique == "economy") != (self._embedder is None):
            return False
        names = (current.embedding_model_provider, current.embedding_model)
        if self._embedder is None or names == (read.embedding_model_provider, read.embedding_model):
            return True
        return not read.embedding_model and names == (self._embedder.provider, self._embedder.model)

    def _is_ready(self, passage: Passage) -> bool:
        """Whether everything that the index is to know of a passage is known here."""
        if passage.content_hash not in self._analyses:
            return False
        if self._embedder is None:
            return True
        return all(hash_content(text) in self._vectors for text in passage.children or (passage.content,))

    def _analyse(self, batch: Sequence[Passage]) -> None:
        for passage in batch:
            key = passage.content_hash
            if key in self._analyses:
                continue
            if self._embedder is None:
                self._analyses[key], self._keywords[key] = analyse_for_people(passage.content)
            else:
                self._analyses[key] = analyse(passage.content)

    async def _embed(self, batch: Sequence[tuple[str, str]]) -> None:
        assert self._embedder is not None
        vectors = await embed_in_time(self._embedder, [text for _, text in batch])
        for (key, _), vector in zip(batch, vectors, strict=True):
            if self._dimension and len(vector) != self._dimension:
                raise ApiError(
                    "completion_request_error",
                    f"{self._embedding} returned vectors of length {len(vector)}; those of this knowledge base have"
                    f" {self._dimension}. Connect the model that it was indexed with, or change its embedding model.",
                )
            self._dimension = len(vector)
            self._vectors[key] = np.asarray(vector, dtype=np.float32)

    async def _children(self, scope: Scope, segment_ids: Sequence[str]) -> dict[str, list[ChildChunk]]:
        if self._document.doc_form != "hierarchical_model" or not segment_ids:
            return {}
        return await segments.child_chunks(scope, segment_ids)

    async def _replace(
        self, scope: Scope, existing: Sequence[Segment], kept: list[Segment | None], current: set[str]
    ) -> None:
        remaining = {segment.id for segment in kept if segment}
        gone = [segment.id for segment in existing if segment.id not in remaining]
        if gone:
            await segments.remove(scope, self._document.dataset_id, gone)
        entries, fresh = [], list[Segment]()
        for index, passage in enumerate(self._passages):
            segment = kept[index]
            if segment is None:
                segment = kept[index] = self._new_segment(passage)
                fresh.append(segment)
            segment.position = index + 1
            segment.metadata_ = passage.metadata
            if segment.id not in current:
                entries.append(self._entry(segment.id, passage))
        await scope.session.flush()
        await row_copy.insert(scope, fresh)
        await segment_index.put(scope, self._document.dataset_id, entries)
        if self._embedder is not None:
            await self._note_embedding(scope, self._embedder)

    async def _replace_children(
        self,
        scope: Scope,
        kept: Sequence[Segment | None],
        children: Mapping[str, Sequence[ChildChunk]],
        embedded: set[str],
    ) -> None:
        """Let each segment have the children of its passage, and those that people wrote."""
        wanting: list[ChildChunk] = []
        made: list[ChildChunk] = []
        for passage, segment in zip(self._passages, kept, strict=True):
            if segment is None or not (passage.children or children.get(segment.id)):
                continue
            there: dict[str, deque[ChildChunk]] = defaultdict(deque)
            for chunk in children.get(segment.id, ()):
                there[hash_content(chunk.content)].append(chunk)
            for position, text in enumerate(passage.children, start=1):
                same = there.get(hash_content(text))
                chunk = same.popleft() if same else self._new_child(segment, text)
                chunk.position = position
                if chunk not in scope.session:
                    made.append(chunk)
                wanting.append(chunk)
            left = [chunk for chunks in there.values() for chunk in chunks]
            for position, chunk in enumerate(left, start=len(passage.children) + 1):
                if chunk.type == "customized":
                    chunk.position = position
                else:
                    await scope.session.delete(chunk)
        await scope.session.flush()
        await row_copy.insert(scope, made)
        if self._embedding is not None:
            fresh = [chunk for chunk in wanting if chunk.id not in embedded]
            vectors = [(chunk, self._vectors[hash_content(chunk.content)]) for chunk in fresh]
            await child_index.put(scope, self._embedding, vectors)

    def _new_segment(self, passage: Passage) -> Segment:
        moment = now()
        return Segment(
            id=new_id(),
            workspace_id=self._document.workspace_id,
            dataset_id=self._document.dataset_id,
            document_id=self._document.id,
            content=passage.content,
            answer=passage.answer,
            word_count=passage.word_count,
            tokens=passage.tokens,
            keywords=self._keywords.get(passage.content_hash, []),
            index_node_id=new_id(),
            index_node_hash=passage.content_hash,
            status="completed",
            indexing_at=moment,
            completed_at=moment,
            created_by=self._document.created_by,
        )

    def _new_child(self, segment: Segment, text: str) -> ChildChunk:
        return ChildChunk(
            id=new_id(),
            workspace_id=segment.workspace_id,
            dataset_id=segment.dataset_id,
            document_id=segment.document_id,
            segment_id=segment.id,
            content=text,
            word_count=len(text),
            index_node_id=new_id(),
            index_node_hash=hash_content(text),
            type="automatic",
            created_by=self._document.created_by,
        )

    def _entry(self, segment_id: str, passage: Passage) -> NewEntry:
        analysis = self._analyses[passage.content_hash]
        vector = None if passage.children else self._vectors.get(passage.content_hash)
        return NewEntry(segment_id, analysis.frequencies, analysis.length, self._embedding, vector)

    async def _note_embedding(self, scope: Scope, embedder: EmbeddingModel) -> None:
        """Write into the dataset which model its vectors are made with, where that was left open."""
        dataset = await datasets.get(scope, self._document.dataset_id)
        if not dataset.embedding_model:
            dataset.embedding_model, dataset.embedding_model_provider = embedder.model, embedder.provider
        if not dataset.embedding_dimension and self._vectors:
            dataset.embedding_dimension = len(next(iter(self._vectors.values())))


def _stands(passage: Passage, children: Sequence[ChildChunk], embedded: set[str], with_vectors: bool) -> bool:
    """Whether the child chunks of a segment are those of its passage, with vectors where there are to be some."""
    usable = Counter(hash_content(chunk.content) for chunk in children if not with_vectors or chunk.id in embedded)
    return Counter(map(hash_content, passage.children)) <= usable


def _matches(existing: Sequence[Segment], passages: Sequence[Passage]) -> list[Segment | None]:
    """Return, for each passage, the segment that has its text already; each segment is taken once."""
    there: dict[tuple[str, str], deque[Segment]] = defaultdict(deque)
    for segment in existing:
        there[hash_content(segment.content), segment.answer or ""].append(segment)
    kept: list[Segment | None] = []
    for passage in passages:
        same = there.get((passage.content_hash, passage.answer or ""))
        kept.append(same.popleft() if same else None)
    return kept
