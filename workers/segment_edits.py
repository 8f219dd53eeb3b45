"""Segments that people write: added, changed and deleted with their index in one transaction.

Texts are analysed and embedded before that transaction begins, so that none is open while a model works.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from engine.embedding.embedder import Embedders
from engine.ingestion.document import estimate_tokens, hash_content
from engine.providers.model import EmbeddingModel
from engine.retrieval.analysis import Analysis, analyse, keywords
from engine.retrieval.search import embedding_name
from foundation.errors import ApiError
from foundation.ids import new_id
from models import dataset as datasets
from models import document as documents
from models import embedding_change, segment_index
from models import segment as segments
from models.database import Database
from models.dataset import Dataset
from models.document import Document, ProcessRule
from models.scope import Scope
from models.segment import ChildChunk, Segment
from models.segment_index import NewEntry
from models.table import now
from models.word_index import Words
from workers import child_chunks
from workers.child_chunks import ChildVectors


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person writes as a segment; `keywords` None lets the program choose them."""

    content: str
    answer: str | None = None
    keywords: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Indexed:
    """What the index is to know of a text."""

    analysis: Analysis
    embedding: str | None = None
    vector: Sequence[float] | None = None
    children: Sequence[str] = ()
    child_vectors: ChildVectors = field(default_factory=ChildVectors)

    def entry(self, segment_id: str) -> NewEntry:
        """Return what the index keeps of the segment with this id."""
        return NewEntry(segment_id, self.analysis.frequencies, self.analysis.length, self.embedding, self.vector)


class SegmentEditor:
    """Writes the segments of one document."""

    def __init__(
        self,
        database: Database,
        embedders: Embedders,
        dataset: Dataset,
        document: Document,
        account_id: str | None,
        patience: float | None = None,
    ) -> None:
        """Prepare to write.

        Args:
            database: where the segments are.
            embedders: finds the model of the dataset's vectors.
            dataset: the dataset, as it was read before.
            document: the document, likewise.
            account_id: who writes.
            patience: how many seconds a write waits while a new index takes over in the dataset, before it is refused
                as `service_unavailable`; None waits as long as a statement may.
        """
        self._patience = patience
        self._database = database
        self._embedders = embedders
        self._dataset = dataset
        self._document = document
        self._account_id = account_id

    async def add(self, drafts: Sequence[Draft]) -> list[Segment]:
        """Add segments at the document's end and return them in their order.

        Raises:
            ApiError: `not_found` where the document is gone, disabled, or not indexed yet; `conflict` where the
                dataset's embedding has changed meanwhile; the model of its vectors cannot be had.
        """
        indexed = await self.prepare(drafts)
        async with self._database.workspace(self._document.workspace_id) as scope:
            return await self.append(scope, drafts, indexed)

    async def prepare(self, drafts: Sequence[Draft]) -> list[Indexed]:
        """Analyse and embed drafts for `append`, with no transaction open.

        Raises:
            ApiError: the model of the dataset's vectors cannot be had.
        """
        analyses = await asyncio.to_thread(lambda: [analyse(_words(draft)) for draft in drafts])
        if self._document.doc_form == "hierarchical_model":
            return await self._prepare_children(drafts, analyses)
        embedder = await self._embedder()
        if embedder is None:
            return [Indexed(analysis) for analysis in analyses]
        vectors = await embedder.embed([draft.content for draft in drafts])
        name = embedding_name(embedder)
        return [Indexed(analysis, name, vector) for analysis, vector in zip(analyses, vectors, strict=True)]

    async def _prepare_children(self, drafts: Sequence[Draft], analyses: Sequence[Analysis]) -> list[Indexed]:
        """Cut and embed the child chunks of drafts, which are found by these alone."""
        async with self._database.workspace(self._document.workspace_id) as scope:
            rule = await self._rule(scope, self._document)
        cuts = [child_chunks.cut(draft.content, rule) for draft in drafts]
        vectors = await self._child_vectors([text for texts in cuts for text in texts])
        known = Indexed(analyses[0], vectors.embedding or None, child_vectors=vectors)
        return [
            replace(known, analysis=analysis, children=texts) for analysis, texts in zip(analyses, cuts, strict=True)
        ]

    async def _child_vectors(self, texts: Sequence[str]) -> ChildVectors:
        embedder = await self._embedder()
        if embedder is None:
            return ChildVectors()
        wanted = list(dict.fromkeys(texts))
        vectors = await embedder.embed(wanted)
        return ChildVectors(embedding_name(embedder), dict(zip(wanted, vectors, strict=True)))

    async def append(self, scope: Scope, drafts: Sequence[Draft], indexed: Sequence[Indexed]) -> list[Segment]:
        """Write prepared drafts at the document's end, in a transaction of the caller.

        Raises:
            ApiError: see `add`.
        """
        document = await self._writable(scope)
        made = [self._segment(draft) for draft in drafts]
        await segments.append(scope, self._dataset.id, document.id, made)
        entries = [known.entry(segment.id) for segment, known in zip(made, indexed, strict=True)]
        await segment_index.put(scope, self._dataset.id, entries)
        if document.doc_form == "hierarchical_model":
            for segment, known in zip(made, indexed, strict=True):
                await self._add_cut(scope, segment, known)
        await self._count(scope, document, sum(s.word_count for s in made), sum(s.tokens for s in made))
        return made

    async def change(
        self, read: Segment, draft: Draft, enabled: bool | None = None, regenerate: bool = False
    ) -> Segment:
        """Change a segment; it keeps its id, and its vector where the text stays.

        Args:
            read: the segment, as it was read before.
            draft: how it is to read; with `keywords` None those that it has stay.
            enabled: whether it can be found; None leaves it.
            regenerate: whether its child chunks are cut anew, even those that people wrote.

        Raises:
            ApiError: `not_found`; see `add`.
        """
        hierarchical = self._document.doc_form == "hierarchical_model"
        changes = draft.content != read.content
        prepared = await self.prepare([draft]) if changes or (hierarchical and regenerate) else []
        indexed = prepared if changes else []
        async with self._database.workspace(self._document.workspace_id) as scope:
            document = await self._writable(scope)
            segment = await segments.get(scope, self._dataset.id, read.id, document.id)
            if not indexed and segment.content != draft.content:
                raise ApiError("conflict", "The segment was changed at this moment. Try again.")
            words, tokens = segment.word_count, segment.tokens
            self._apply(segment, draft)
            if enabled is not None and enabled != segment.enabled:
                segment.enabled = enabled
                segment.disabled_at = None if enabled else now()
                segment.disabled_by = None if enabled else self._account_id
            await scope.session.flush()
            await segment_index.put(scope, self._dataset.id, [one.entry(segment.id) for one in indexed])
            if regenerate and document.doc_form == "hierarchical_model":
                await segments.remove_children(scope, segment.id)
                await self._add_cut(scope, segment, prepared[0])
            await self._index_children(scope, segment)
            await self._count(scope, document, segment.word_count - words, segment.tokens - tokens)
            return segment

    async def remove(self, segment_ids: Sequence[str]) -> list[str]:
        """Delete segments with their index.

        Returns:
            The ids of those that existed.
        """
        async with self._database.workspace(self._document.workspace_id) as scope:
            document = await documents.lock(scope, self._dataset.id, self._document.id)
            doomed = [one for one in await segments.get_many(scope, segment_ids) if one.document_id == document.id]
            removed = await segments.remove(scope, self._dataset.id, [one.id for one in doomed])
            await self._count(scope, document, -sum(s.word_count for s in doomed), -sum(s.tokens for s in doomed))
            return removed

    async def add_children(self, segment_id: str, contents: Sequence[str]) -> list[ChildChunk]:
        """Add child chunks that a person wrote to a segment.

        Raises:
            ApiError: `not_found`; see `add`.
        """
        vectors = await self._child_vectors(contents)
        async with self._database.workspace(self._document.workspace_id) as scope:
            segment = await self._parent(scope, segment_id)
            made = await child_chunks.add(scope, segment, contents, "customized", self._account_id)
            await child_chunks.index(scope, made, vectors)
            await self._index_children(scope, segment)
            return made

    async def change_children(self, segment_id: str, contents: dict[str, str]) -> list[ChildChunk]:
        """Give child chunks of a segment other texts.

        Args:
            segment_id: the parent.
            contents: the texts by child chunk.

        Raises:
            ApiError: `not_found`; see `add`.
        """
        vectors = await self._child_vectors(list(contents.values()))
        async with self._database.workspace(self._document.workspace_id) as scope:
            segment = await self._parent(scope, segment_id)
            changed = [await segments.get_child(scope, segment.id, chunk_id) for chunk_id in contents]
            for chunk, content in zip(changed, contents.values(), strict=True):
                child_chunks.change(chunk, content)
            await scope.session.flush()
            await child_chunks.index(scope, changed, vectors)
            await self._index_children(scope, segment)
            return changed

    async def replace_children(self, segment_id: str, contents: Sequence[tuple[str | None, str]]) -> list[ChildChunk]:
        """Let a segment have exactly these child chunks.

        Args:
            segment_id: the parent.
            contents: for each chunk its id, None for a new one, and its text; chunks that are not named go.

        Raises:
            ApiError: `not_found`; see `add`.
        """
        vectors = await self._child_vectors([text for _, text in contents])
        async with self._database.workspace(self._document.workspace_id) as scope:
            segment = await self._parent(scope, segment_id)
            kept = {chunk_id.lower(): text for chunk_id, text in contents if chunk_id}
            found = {chunk_id: await segments.get_child(scope, segment.id, chunk_id) for chunk_id in kept}
            for chunk in (await segments.child_chunks(scope, [segment.id]))[segment.id]:
                if chunk.id not in found:
                    await scope.session.delete(chunk)
            for chunk_id, text in kept.items():
                if found[chunk_id].content != text:
                    child_chunks.change(found[chunk_id], text)
            await scope.session.flush()
            new = [text for chunk_id, text in contents if not chunk_id]
            await child_chunks.add(scope, segment, new, "customized", self._account_id)
            await self._index_children(scope, segment)
            chunks = (await segments.child_chunks(scope, [segment.id]))[segment.id]
            await child_chunks.index(scope, chunks, vectors)
            return chunks

    async def remove_child(self, segment_id: str, chunk_id: str) -> None:
        """Delete a child chunk.

        Raises:
            ApiError: `not_found`; see `add`.
        """
        async with self._database.workspace(self._document.workspace_id) as scope:
            segment = await self._parent(scope, segment_id)
            await scope.session.delete(await segments.get_child(scope, segment.id, chunk_id))
            await scope.session.flush()
            await self._index_children(scope, segment)

    async def _embedder(self) -> EmbeddingModel | None:
        dataset = self._dataset
        if dataset.indexing_technique == "economy":
            return None
        provider, model = dataset.embedding_model_provider or None, dataset.embedding_model or None
        return await self._embedders.embedder(dataset.workspace_id, provider, model)

    async def _writable(self, scope: Scope) -> Document:
        """Lock the document, and see that it and its dataset are as they were when the texts were embedded."""
        document = await documents.lock(scope, self._dataset.id, self._document.id)
        check_editable(document)
        await embedding_change.hold_embedding(scope, self._dataset.id, self._patience)
        dataset, read = await datasets.get(scope, self._dataset.id), self._dataset
        now_set = (dataset.indexing_technique, dataset.embedding_model_provider, dataset.embedding_model)
        if now_set != (read.indexing_technique, read.embedding_model_provider, read.embedding_model):
            raise ApiError("conflict", "The dataset's embedding model was changed at this moment. Try again.")
        return document

    async def _parent(self, scope: Scope, segment_id: str) -> Segment:
        document = await self._writable(scope)
        return await segments.get(scope, self._dataset.id, segment_id, document.id)

    async def _rule(self, scope: Scope, document: Document) -> ProcessRule | None:
        return await documents.find_rule(scope, document.process_rule_id) if document.process_rule_id else None

    async def _add_cut(self, scope: Scope, segment: Segment, known: Indexed) -> None:
        """Add the child chunks that a segment was cut into, with their vectors."""
        chunks = await child_chunks.add(scope, segment, known.children, "automatic", self._account_id)
        await child_chunks.index(scope, chunks, known.child_vectors)

    async def _index_children(self, scope: Scope, segment: Segment) -> None:
        """Let the words of the child chunks that people wrote lead to their segment; its vector stays."""
        chunks = (await segments.child_chunks(scope, [segment.id]))[segment.id]
        written = [chunk.content for chunk in chunks if chunk.type == "customized"]
        whole = _words(Draft(segment.content, segment.answer, segment.keywords))
        analysis = analyse("\n".join([whole, *written]))
        words = Words(segment.id, analysis.frequencies, analysis.length)
        await segment_index.put_words(scope, segment.dataset_id, words)

    async def _count(self, scope: Scope, document: Document, words: int, tokens: int) -> None:
        document.word_count = max(0, document.word_count + words)
        document.tokens = max(0, document.tokens + tokens)
        await scope.session.flush()

    def _segment(self, draft: Draft) -> Segment:
        made = Segment(id=new_id(), workspace_id=self._document.workspace_id, keywords=[], created_by=self._account_id)
        self._apply(made, draft)
        made.index_node_id, made.indexing_at, made.updated_by = new_id(), now(), None
        return made

    def _apply(self, segment: Segment, draft: Draft) -> None:
        is_new_text = segment.content != draft.content
        segment.content, segment.answer = draft.content, draft.answer
        segment.word_count = len(draft.content) + len(draft.answer or "")
        segment.tokens = estimate_tokens(draft.content) + estimate_tokens(draft.answer or "")
        if draft.keywords is not None:
            segment.keywords = list(draft.keywords)
        elif self._dataset.indexing_technique == "economy" and is_new_text:
            segment.keywords = keywords(draft.content)
        segment.index_node_hash = hash_content(draft.content)
        segment.status, segment.completed_at, segment.updated_by = "completed", now(), self._account_id


def check_editable(document: Document) -> None:
    """Refuse to change segments of a document that is archived, disabled or still being indexed.

    Raises:
        ApiError: `archived_document_immutable`, or `not_found` as clients know it.
    """
    if document.archived:
        raise ApiError("archived_document_immutable", "The archived document is not editable.")
    if document.indexing_status != "completed":
        raise ApiError("not_found", "Document is not completed.")
    if not document.enabled:
        raise ApiError("not_found", "Document is disabled.")


def _words(draft: Draft) -> str:
    """Return the text whose words find a segment: its content and the keywords that do not stand in it."""
    missing = [word for word in draft.keywords or () if word not in draft.content]
    return "\n".join([draft.content, *missing])
