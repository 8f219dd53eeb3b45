"""Searches knowledge bases as hit tests and apps ask for it: found by the index, put in order by a model where one is
wanted, and noted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from engine.embedding.embedder import Embedders
from engine.retrieval.external import ExternalRecord, ExternalSettings, ask
from engine.retrieval.hit import Hit
from engine.retrieval.options import LARGEST_TOP_K, RerankingModel, RetrievalOptions
from engine.retrieval.search import find
from foundation.egress import EgressGuard
from foundation.secrets import Sealer
from models import dataset as datasets
from models import external_knowledge
from models import segment as segments
from models.database import Database
from models.dataset import Dataset, QuerySource
from models.document import Document
from models.external_knowledge import Source
from models.segment import Segment

if TYPE_CHECKING:
    from engine.providers.rerank import Reranker
    from engine.providers.resolution import Models

_LEAST_CANDIDATES = 20
_CANDIDATES_FOR_EACH = 4


@dataclass(frozen=True, slots=True)
class Asker:
    """Who puts a question to knowledge bases, for their lists of questions."""

    source: QuerySource
    role: str
    id: str | None = None
    app_id: str | None = None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The knowledge bases of all workspaces."""

    database: Database
    embedders: Embedders
    models: Models
    egress: EgressGuard
    sealer: Sealer

    async def search(
        self, workspace_id: str, dataset_ids: Sequence[str], query: str, options: RetrievalOptions, asker: Asker
    ) -> list[Hit]:
        """Returns the best passages, best first, notes the question, and counts that the passages were found.

        No transaction is open while a model is asked.

        Args:
            workspace_id: the workspace; datasets of others do not exist for it.
            dataset_ids: the datasets to search, as one collection.
            query: the question.
            options: how to rank and what to leave out. Where a reranking model is wanted and none is named, the
                workspace's default is asked, and the order stays as it is where there is none.
            asker: who asks.

        Raises:
            ApiError: the model of a dataset's vectors, the one that reranks, or an external knowledge API cannot be had
                or failed.
        """
        if not query.strip():
            return []
        async with self.database.workspace(workspace_id) as scope:
            known = await datasets.get_many(scope, list(dict.fromkeys(dataset_ids)))
            own = [dataset.id for dataset in known if dataset.provider != "external"]
            away = {dataset.id: dataset for dataset in known if dataset.provider == "external"}
            sources = await external_knowledge.sources(scope, list(away))
            await datasets.record_query(
                scope,
                [dataset.id for dataset in known],
                query,
                source=asker.source,
                source_app_id=asker.app_id,
                created_by_role=asker.role,
                created_by=asker.id,
            )
        reranker = await self._reranker(workspace_id, options.reranking) if options.reranking else None
        wide = options
        if reranker is not None:
            candidates = max(_LEAST_CANDIDATES, _CANDIDATES_FOR_EACH * options.top_k)
            wide = replace(options, top_k=min(candidates, LARGEST_TOP_K), score_threshold=None)
        found = await asyncio.gather(
            find(self.database, self.embedders, workspace_id, own, query, wide),
            *(self._away(away[key], source, query, wide) for key, source in sources.items()),
        )
        hits = [hit for each in found for hit in each]
        if reranker is not None:
            scores = await reranker.scores(query, [hit.content for hit in hits])
            hits = [replace(hit, score=score) for hit, score in zip(hits, scores, strict=True)]
        hits = in_order(hits, options)
        if kept := [hit.segment_id for hit in hits if hit.dataset_id not in away]:
            async with self.database.workspace(workspace_id) as scope:
                await segments.count_hits(scope, kept)
        return hits

    async def _away(self, dataset: Dataset, source: Source, query: str, options: RetrievalOptions) -> list[Hit]:
        """Returns what an external dataset finds, as hits whose passages are kept nowhere."""
        settings = ExternalSettings.of(source.dataset.retrieval or {"top_k": options.top_k})
        records = await ask(self.egress, self.sealer, source, query, settings, options.filter)
        return [_external_hit(dataset, record) for record in records]

    async def _reranker(self, workspace_id: str, wanted: RerankingModel) -> Reranker | None:
        from engine.providers.available import ModelChoice
        from engine.providers.catalogue import canonical

        async with self.database.workspace(workspace_id) as scope:
            available = await self.models.available(scope)
        named = ModelChoice(canonical(wanted.provider), wanted.model) if wanted.provider and wanted.model else None
        return self.models.reranker(available, named)


def _external_hit(dataset: Dataset, record: ExternalRecord) -> Hit:
    """Returns a record of external knowledge as a hit; the same record has the same ids."""
    titled = str(uuid5(UUID(dataset.id), record.title))
    now = datetime.now(UTC)
    document = Document(
        id=titled,
        workspace_id=dataset.workspace_id,
        dataset_id=dataset.id,
        name=record.title,
        data_source_type="external",
        doc_metadata=dict(record.metadata),
    )
    segment = Segment(
        id=str(uuid5(UUID(titled), record.content)),
        workspace_id=dataset.workspace_id,
        dataset_id=dataset.id,
        document_id=titled,
        position=1,
        content=record.content,
        word_count=len(record.content),
        tokens=0,
        keywords=[],
        hit_count=0,
        enabled=True,
        status="completed",
        metadata_={},
        created_at=now,
        updated_at=now,
    )
    return Hit(1, record.score, segment, document, dataset)


def in_order(hits: Sequence[Hit], options: RetrievalOptions) -> list[Hit]:
    """Returns the hits that reach the threshold, best first, as many as are wanted, with new positions."""
    least = options.score_threshold or 0.0
    wanted = sorted((hit for hit in hits if hit.score >= least), key=lambda hit: -hit.score)
    return [replace(hit, position=place) for place, hit in enumerate(wanted[: options.top_k], 1)]
