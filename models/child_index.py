"""The vectors of child chunks, by which semantic search finds the segments that they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import Index, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from models import nearest
from models.nearest import VectorSearch
from models.partition import BY_DATASET, INLINE, belongs_within_dataset, partition
from models.scope import Scope
from models.segment import ChildChunk
from models.table import Id, Owned, Table

_ROWS_AT_A_TIME = 2_000


class ChildEntry(Owned, Table):
    """The vector of one child chunk."""

    __tablename__ = "child_entry"
    __table_args__ = (belongs_within_dataset("child_chunk"), Index(None, "dataset_id", "segment_id"), BY_DATASET)

    dataset_id: Mapped[str] = mapped_column(Id, primary_key=True)
    child_chunk_id: Mapped[str] = mapped_column(Id, primary_key=True)
    segment_id: Mapped[str] = mapped_column(Id)
    embedding: Mapped[str]
    vector: Mapped[list[float]] = mapped_column(HALFVEC)


partition(ChildEntry, INLINE)


@dataclass(frozen=True, slots=True)
class RankedChild:
    """A child chunk with its parent and its cosine to a question."""

    child_chunk_id: str
    segment_id: str
    score: float


async def put(scope: Scope, embedding: str, vectors: Sequence[tuple[ChildChunk, Any]]) -> None:
    """Write the vectors of child chunks; those that were there are replaced.

    Args:
        scope: the workspace.
        embedding: the model (`provider/model`) that made the vectors.
        vectors: the chunks, each with its vector: a sequence or an array of numbers.
    """
    for start in range(0, len(vectors), _ROWS_AT_A_TIME):
        statement = insert(ChildEntry)
        statement = statement.on_conflict_do_update(
            index_elements=["dataset_id", "child_chunk_id"],
            set_={"embedding": statement.excluded.embedding, "vector": statement.excluded.vector},
        )
        rows = [
            {
                "workspace_id": scope.workspace_id,
                "child_chunk_id": chunk.id,
                "segment_id": chunk.segment_id,
                "dataset_id": chunk.dataset_id,
                "embedding": embedding,
                "vector": vector,
            }
            for chunk, vector in vectors[start : start + _ROWS_AT_A_TIME]
        ]
        await scope.session.execute(statement, rows)


async def embedded(scope: Scope, dataset_id: str, segment_ids: Sequence[str], embedding: str) -> set[str]:
    """Return the child chunks of some segments of a dataset that have a vector of an embedding."""
    query = select(ChildEntry.child_chunk_id).where(
        ChildEntry.workspace_id == scope.workspace_id,
        ChildEntry.dataset_id == dataset_id,
        ChildEntry.segment_id.in_(segment_ids),
        ChildEntry.embedding == embedding,
    )
    return set(await scope.session.scalars(query))


async def rank(scope: Scope, search: VectorSearch, limit: int) -> list[RankedChild]:
    """Rank child chunks by their cosines to a question's vector."""
    rows = await nearest.rank(scope, "child_entry", "child_chunk_id", search, limit)
    return [RankedChild(row.id, row.segment_id, row.score) for row in rows]


async def best_cosines(scope: Scope, search: VectorSearch, segment_ids: Sequence[str]) -> dict[str, float]:
    """Return for each of some segments the cosine of its best child chunk, where it has one of the embedding."""
    best: dict[str, float] = {}
    for child in await cosines(scope, [search], segment_ids):
        best.setdefault(child.segment_id, child.score)
    return best


async def cosines(scope: Scope, searches: Sequence[VectorSearch], segment_ids: Sequence[str]) -> list[RankedChild]:
    """Return the child chunks of some segments with their cosines to a question's vectors, best first."""
    found: list[RankedChild] = []
    for search in searches:
        rows = await nearest.compare(scope, "child_entry", "child_chunk_id", search, segment_ids)
        found += [RankedChild(row.id, row.segment_id, row.score) for row in rows]
    return sorted(found, key=lambda child: (-child.score, child.child_chunk_id))
