"""The vectors of child chunks, by which semantic search finds the segments that they belong to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import Index, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from models.scope import Scope
from models.segment import ChildChunk
from models.segment_index import segments_of
from models.table import Id, Owned, Table, belongs_to

_ROWS_AT_A_TIME = 2_000


class ChildEntry(Owned, Table):
    """The vector of one child chunk."""

    __tablename__ = "child_entry"
    __table_args__ = (belongs_to("child_chunk"), Index(None, "dataset_id"), Index(None, "segment_id"))

    child_chunk_id: Mapped[str] = mapped_column(Id, primary_key=True)
    segment_id: Mapped[str] = mapped_column(Id)
    dataset_id: Mapped[str] = mapped_column(Id)
    embedding: Mapped[str]
    vector: Mapped[list[float]] = mapped_column(HALFVEC)


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
            index_elements=["child_chunk_id"],
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


async def embedded(scope: Scope, segment_ids: Sequence[str], embedding: str) -> set[str]:
    """Return the child chunks of some segments that have a vector of an embedding."""
    query = select(ChildEntry.child_chunk_id).where(
        ChildEntry.workspace_id == scope.workspace_id,
        ChildEntry.segment_id.in_(segment_ids),
        ChildEntry.embedding == embedding,
    )
    return set(await scope.session.scalars(query))


async def rank(
    scope: Scope,
    dataset_ids: Sequence[str],
    embedding: str,
    vector: Sequence[float],
    limit: int,
    document_ids: Sequence[str] | None = None,
) -> list[RankedChild]:
    """Rank the child chunks of some datasets by their cosine to a vector of the same embedding.

    `document_ids` are the documents to choose from; None means all.
    """
    distance = ChildEntry.vector.cosine_distance(vector)
    query = (
        select(ChildEntry.child_chunk_id, ChildEntry.segment_id, (1 - distance).label("score"))
        .where(
            ChildEntry.workspace_id == scope.workspace_id,
            ChildEntry.dataset_id.in_(dataset_ids),
            ChildEntry.embedding == embedding,
        )
        .order_by(distance)
        .limit(limit)
    )
    if document_ids is not None:
        query = query.where(ChildEntry.segment_id.in_(segments_of(scope, document_ids)))
    return [RankedChild(*row) for row in await scope.session.execute(query)]


async def best_cosines(
    scope: Scope, segment_ids: Sequence[str], embedding: str, vector: Sequence[float]
) -> dict[str, float]:
    """Return for each of some segments the cosine of its best child chunk, where it has one of that embedding."""
    best = func.max(1 - ChildEntry.vector.cosine_distance(vector))
    query = (
        select(ChildEntry.segment_id, best)
        .where(
            ChildEntry.workspace_id == scope.workspace_id,
            ChildEntry.segment_id.in_(segment_ids),
            ChildEntry.embedding == embedding,
        )
        .group_by(ChildEntry.segment_id)
    )
    return {segment_id: float(score) for segment_id, score in await scope.session.execute(query)}


async def cosines(
    scope: Scope, segment_ids: Sequence[str], meanings: Mapping[str, Sequence[float]]
) -> list[RankedChild]:
    """Return the child chunks of some segments with their cosines to a question, best first.

    Args:
        scope: the workspace.
        segment_ids: the parents.
        meanings: the question's vector by embedding.
    """
    found: list[RankedChild] = []
    for embedding, vector in meanings.items():
        distance = ChildEntry.vector.cosine_distance(vector)
        query = select(ChildEntry.child_chunk_id, ChildEntry.segment_id, (1 - distance).label("score")).where(
            ChildEntry.workspace_id == scope.workspace_id,
            ChildEntry.segment_id.in_(segment_ids),
            ChildEntry.embedding == embedding,
        )
        found += [RankedChild(*row) for row in await scope.session.execute(query)]
    return sorted(found, key=lambda child: (-child.score, child.child_chunk_id))
