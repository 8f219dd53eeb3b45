"""The index that finds segments: their vectors, and with `word_index` their words, kept beside the segments themselves.

An entry is written in the transaction that writes its segment, and goes when the segment goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import ARRAY, ColumnElement, Index, Integer, and_, any_, bindparam, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from models import nearest, row_copy, word_index
from models.document import Document
from models.nearest import VectorSearch
from models.partition import BY_DATASET, INLINE, belongs_within_dataset, partition
from models.scope import Scope
from models.segment import Segment
from models.table import Id, Owned, Table
from models.word_index import Ranked, Words


class SegmentEntry(Owned, Table):
    """What the index knows of one segment: how many terms it has, and its vector where its dataset has vectors."""

    __tablename__ = "segment_entry"
    __table_args__ = (
        belongs_within_dataset("segment"),
        Index(None, "dataset_id", postgresql_include=["length"]),
        BY_DATASET,
    )

    dataset_id: Mapped[str] = mapped_column(Id, primary_key=True)
    segment_id: Mapped[str] = mapped_column(Id, primary_key=True)
    length: Mapped[int] = mapped_column(Integer)
    embedding: Mapped[str | None]
    vector: Mapped[list[float] | None] = mapped_column(HALFVEC)


partition(SegmentEntry, INLINE)


@dataclass(frozen=True, slots=True)
class NewEntry(Words):
    """What the index shall know of one segment.

    `embedding` names the model (`provider/model`) that made `vector`, a sequence or an array of numbers.
    """

    embedding: str | None = None
    vector: Any = None


@dataclass(frozen=True, slots=True)
class VectorRanking:
    """Segments by the cosines of vectors to a question's, best first, and the cosines of those that were asked for.

    A segment without a vector of the question's embedding is in neither.
    """

    ranked: list[Ranked]
    cosines: dict[str, float]


async def put(scope: Scope, dataset_id: str, entries: Sequence[NewEntry]) -> None:
    """Write entries for segments of one dataset; what the index knew of these segments is replaced."""
    if not entries:
        return
    await scope.session.execute(
        delete(SegmentEntry)
        .where(_among(scope, [dataset_id], [entry.segment_id for entry in entries]))
        .execution_options(synchronize_session=False)
    )
    rows = [
        SegmentEntry(
            workspace_id=scope.workspace_id,
            dataset_id=dataset_id,
            segment_id=entry.segment_id,
            length=entry.length,
            embedding=entry.embedding,
            vector=entry.vector,
        )
        for entry in entries
    ]
    await row_copy.insert(scope, rows)
    await word_index.add(scope, dataset_id, entries)


async def put_words(scope: Scope, dataset_id: str, words: Words) -> None:
    """Replace the words that find a segment of a dataset; its vector stays. One without an entry is left alone."""
    statement = (
        update(SegmentEntry)
        .where(_among(scope, [dataset_id], [words.segment_id]))
        .values(length=words.length)
        .returning(SegmentEntry.segment_id)
        .execution_options(synchronize_session=False)
    )
    if await scope.session.scalar(statement) is None:
        return
    await word_index.forget(scope, dataset_id, [words.segment_id])
    await word_index.add(scope, dataset_id, [words])


async def embedded_segments(
    scope: Scope, dataset_id: str, segment_ids: Sequence[str], embedding: str | None
) -> set[str]:
    """Return those of a dataset's segments whose entry is up to date for an embedding (None: for words alone)."""
    query = select(SegmentEntry.segment_id).where(
        _among(scope, [dataset_id], segment_ids), SegmentEntry.embedding.is_not_distinct_from(embedding)
    )
    return set(await scope.session.scalars(query))


async def rank_by_vector(scope: Scope, search: VectorSearch, limit: int, known: Sequence[str] = ()) -> VectorRanking:
    """Rank segments by the cosines of their own vectors to a question's.

    Args:
        scope: the workspace.
        search: the question, and where to look.
        limit: how many segments are wanted.
        known: further segments whose cosines are wanted, wherever they would rank.
    """
    nearest_entries = await nearest.rank(scope, "segment_entry", "segment_id", search, limit, known)
    return VectorRanking(
        [Ranked(entry.id, entry.score) for entry in nearest_entries.ranked],
        {entry.id: entry.score for entry in nearest_entries.known},
    )


async def vectors(scope: Scope, dataset_id: str, segment_ids: Sequence[str]) -> dict[str, tuple[str, list[float]]]:
    """Return the embedding and the vector of each of a dataset's segments that has them."""
    query = select(SegmentEntry.segment_id, SegmentEntry.embedding, SegmentEntry.vector).where(
        _among(scope, [dataset_id], segment_ids), SegmentEntry.vector.is_not(None)
    )
    rows = await scope.session.execute(query)
    return {row.segment_id: (row.embedding or "", list(row.vector)) for row in rows}


async def readable(scope: Scope, segment_ids: Sequence[str], limit: int) -> dict[str, tuple[Segment, Document]]:
    """Return the first of the segments that may be shown, with their documents: enabled, complete and not archived.

    Args:
        scope: the workspace.
        segment_ids: the segments, the best first.
        limit: how many are wanted.
    """
    parameters = {"workspace": scope.workspace_id, "segments": list(segment_ids), "limit": limit}
    rows = await scope.session.execute(_READABLE, parameters)
    return {segment.id: (segment, document) for segment, document in rows}


def _among(scope: Scope, dataset_ids: Sequence[str], segment_ids: Sequence[str]) -> ColumnElement[bool]:
    return and_(
        SegmentEntry.workspace_id == scope.workspace_id,
        SegmentEntry.dataset_id.in_(dataset_ids),
        SegmentEntry.segment_id.in_(segment_ids),
    )


# Made once: to put these expressions together costs a good part of what the query does.
_WORKSPACE, _SEGMENTS = bindparam("workspace", type_=Id), bindparam("segments", type_=ARRAY(Id))
_READABLE = (
    select(Segment, Document)
    .join(Document, (Document.id == Segment.document_id) & (Document.workspace_id == Segment.workspace_id))
    .where(
        Segment.workspace_id == _WORKSPACE,
        Document.workspace_id == _WORKSPACE,
        Segment.id == any_(_SEGMENTS),
        Segment.enabled.is_(True),
        Segment.status == "completed",
        Document.enabled.is_(True),
        Document.archived.is_(False),
    )
    .order_by(func.array_position(_SEGMENTS, Segment.id))
    .limit(bindparam("limit", type_=Integer))
)
