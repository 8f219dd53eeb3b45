"""Searches knowledge bases as hit tests and apps ask for it: found by the index, put in order by a model where one is
wanted, and noted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.embedding.embedder import Embedders
from engine.retrieval.hit import Hit
from engine.retrieval.options import LARGEST_TOP_K, RerankingModel, RetrievalOptions
from engine.retrieval.search import find
from models import dataset as datasets
from models import segment as segments
from models.database import Database
from models.dataset import QuerySource

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
            ApiError: the model of a dataset's vectors, or the one that reranks, cannot be had or failed.
        """
        if not query.strip():
            return []
        async with self.database.workspace(workspace_id) as scope:
            known = [dataset.id for dataset in await datasets.get_many(scope, list(dict.fromkeys(dataset_ids)))]
            await datasets.record_query(
                scope,
                known,
                query,
                source=asker.source,
                source_app_id=asker.app_id,
                created_by_role=asker.role,
                created_by=asker.id,
            )
        reranker = await self._reranker(workspace_id, options.reranking) if options.reranking else None
        if reranker is None:
            hits = await find(self.database, self.embedders, workspace_id, known, query, options)
        else:
            hits = await self._reranked(workspace_id, known, query, options, reranker)
        if hits:
            async with self.database.workspace(workspace_id) as scope:
                await segments.count_hits(scope, [hit.segment_id for hit in hits])
        return hits

    async def _reranked(
        self, workspace_id: str, known: Sequence[str], query: str, options: RetrievalOptions, reranker: Reranker
    ) -> list[Hit]:
        candidates = max(_LEAST_CANDIDATES, _CANDIDATES_FOR_EACH * options.top_k)
        wide = replace(options, top_k=min(candidates, LARGEST_TOP_K), score_threshold=None)
        found = await find(self.database, self.embedders, workspace_id, known, query, wide)
        scores = await reranker.scores(query, [hit.content for hit in found])
        return in_order([replace(hit, score=score) for hit, score in zip(found, scores, strict=True)], options)

    async def _reranker(self, workspace_id: str, wanted: RerankingModel) -> Reranker | None:
        from engine.providers.available import ModelChoice
        from engine.providers.catalogue import canonical

        async with self.database.workspace(workspace_id) as scope:
            available = await self.models.available(scope)
        named = ModelChoice(canonical(wanted.provider), wanted.model) if wanted.provider and wanted.model else None
        return self.models.reranker(available, named)


def in_order(hits: Sequence[Hit], options: RetrievalOptions) -> list[Hit]:
    """Returns the hits that reach the threshold, best first, as many as are wanted, with new positions."""
    least = options.score_threshold or 0.0
    wanted = sorted((hit for hit in hits if hit.score >= least), key=lambda hit: -hit.score)
    return [replace(hit, position=place) for place, hit in enumerate(wanted[: options.top_k], 1)]
