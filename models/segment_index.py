"""The index that finds segments: their words (BM25 postings) and their vectors, kept beside the segments
themselves.

An entry is written in the transaction that writes its segment, and goes when the segment goes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Select,
    SmallInteger,
    Uuid,
    any_,
    bindparam,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.document import Document
from models.scope import Scope
from models.segment import Segment
from models.table import Id, Owned, Table, belongs_to

_MOST_FREQUENT = 32_767
_ROWS_AT_A_TIME = 20_000


class SegmentEntry(Owned, Table):
    """What the index knows of one segment: how many terms it has, and its vector where its dataset has
    vectors.
    """

    __tablename__ = "segment_entry"
    __table_args__ = (
        belongs_to("segment"),
        Index(None, "dataset_id", postgresql_include=["length"]),
    )

    segment_id: Mapped[str] = mapped_column(Id, primary_key=True)
    dataset_id: Mapped[str] = mapped_column(Id)
    length: Mapped[int] = mapped_column(Integer)
    embedding: Mapped[str | None]
    vector: Mapped[list[float] | None] = mapped_column(HALFVEC)


class SegmentPosting(Table):
    """One term of one segment: how often it stands there, beside the segment's number of terms."""

    __tablename__ = "segment_posting"
    __table_args__ = (
        PrimaryKeyConstraint("dataset_id", "term", "segment_id", postgresql_include=["frequency", "length"]),
        Index(None, "segment_id"),
    )

    dataset_id: Mapped[str] = mapped_column(Id)
    term: Mapped[int] = mapped_column(autoincrement=False)
    segment_id: Mapped[str] = mapped_column(Id, ForeignKey("segment.id", ondelete="CASCADE"))
    frequency: Mapped[int] = mapped_column(SmallInteger)
    length: Mapped[int] = mapped_column(Integer)


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What the index shall know of one segment.

    `frequencies` counts hashed terms. `embedding` names the model (`provider/model`) that made `vector`, a sequence or
    an array of numbers.
    """

    segment_id: str
    frequencies: Mapping[int, int]
    length: int
    embedding: str | None = None
    vector: Any = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A segment with its score."""

    segment_id: str
    score: float


@dataclass(frozen=True, slots=True)
class WordRanking:
    """Segments by BM25, best first, and the score that a segment made of nothing but the question would
    reach.
    """

    ranked: list[Ranked]
    ideal: float


async def put(scope: Scope, dataset_id: str, entries: Sequence[NewEntry]) -> None:
    """Write entries for segments of one dataset; what the index knew of these segments is replaced."""
    if not entries:
        return
    await forget(scope, [entry.segment_id for entry in entries])
    rows = [
        {
            "workspace_id": scope.workspace_id,
            "segment_id": entry.segment_id,
            "dataset_id": dataset_id,
            "length": entry.length,
            "embedding": entry.embedding,
            "vector": entry.vector,
        }
        for entry in entries
    ]
    await scope.session.execute(insert(SegmentEntry), rows)
    await _add_postings(scope, dataset_id, entries)


async def put_words(scope: Scope, segment_id: str, frequencies: Mapping[int, int], length: int) -> None:
    """Replace the words that find a segment of the workspace; its vector stays.

    Args:
        scope: the workspace.
        segment_id: the segment; one without an entry is left alone.
        frequencies: the hashed terms and how often each stands in the text.
        length: how many terms the text has.
    """
    statement = (
        update(SegmentEntry)
        .where(SegmentEntry.workspace_id == scope.workspace_id, SegmentEntry.segment_id == segment_id)
        .values(length=length)
        .returning(SegmentEntry.dataset_id)
        .execution_options(synchronize_session=False)
    )
    dataset_id = await scope.session.scalar(statement)
    if dataset_id is None:
        return
    await scope.session.execute(
        delete(SegmentPosting)
        .where(SegmentPosting.dataset_id == dataset_id, SegmentPosting.segment_id == segment_id)
        .execution_options(synchronize_session=False)
    )
    await _add_postings(scope, dataset_id, [NewEntry(segment_id, frequencies, length)])


async def forget(scope: Scope, segment_ids: Sequence[str]) -> None:
    """Remove what the index knows of segments of the workspace."""
    own = select(Segment.id).where(Segment.workspace_id == scope.workspace_id, Segment.id.in_(segment_ids))
    for table in (SegmentPosting, SegmentEntry):
        await scope.session.execute(
            delete(table).where(table.segment_id.in_(own)).execution_options(synchronize_session=False)
        )


async def embedded_segments(scope: Scope, segment_ids: Sequence[str], embedding: str | None) -> set[str]:
    """Return those of the segments whose entry is up to date for an embedding (None: for words alone)."""
    query = select(SegmentEntry.segment_id).where(
        SegmentEntry.workspace_id == scope.workspace_id,
        SegmentEntry.segment_id.in_(segment_ids),
        SegmentEntry.embedding.is_not_distinct_from(embedding),
    )
    return set(await scope.session.scalars(query))


async def rank_by_words(
    scope: Scope,
    dataset_ids: Sequence[str],
    terms: Sequence[int],
    limit: int,
    document_ids: Sequence[str] | None = None,
) -> WordRanking:
    """Rank the segments of some datasets, taken as one collection, by the terms that they share with a
    question.

    Args:
        scope: the workspace.
        dataset_ids: datasets of the workspace.
        terms: the question's hashed terms, each once.
        limit: how many segments are wanted.
        document_ids: the documents to choose from; scores are the same as among all, which None means.
    """
    if not terms:
        return WordRanking([], 0.0)
    parameters = {
        "workspace": scope.workspace_id,
        "datasets": list(dataset_ids),
        "terms": list(terms),
        "limit": limit,
    }
    if document_ids is None:
        rows = (await scope.session.execute(_RANK_BY_WORDS, parameters)).all()
    else:
        parameters["documents"] = list(document_ids)
        rows = (await scope.session.execute(_RANK_BY_WORDS_WITHIN, parameters)).all()
    ranked = [Ranked(row.segment_id, row.score) for row in rows]
    return WordRanking(ranked, float(rows[0].ideal) if rows else 0.0)


async def rank_by_vector(
    scope: Scope,
    dataset_ids: Sequence[str],
    embedding: str,
    vector: Sequence[float],
    limit: int,
    document_ids: Sequence[str] | None = None,
) -> list[Ranked]:
    """Rank the segments of some datasets by their cosine to a vector of the same embedding.

    `document_ids` are the documents to choose from; None means all.
    """
    distance = SegmentEntry.vector.cosine_distance(vector)
    query = (
        select(SegmentEntry.segment_id, (1 - distance).label("score"))
        .where(
            SegmentEntry.workspace_id == scope.workspace_id,
            SegmentEntry.dataset_id.in_(dataset_ids),
            SegmentEntry.embedding == embedding,
            SegmentEntry.vector.is_not(None),
        )
        .order_by(distance)
        .limit(limit)
    )
    if document_ids is not None:
        query = query.where(SegmentEntry.segment_id.in_(segments_of(scope, document_ids)))
    return [Ranked(row.segment_id, row.score) for row in await scope.session.execute(query)]


async def cosines(
    scope: Scope, segment_ids: Sequence[str], embedding: str, vector: Sequence[float]
) -> dict[str, float]:
    """Return the cosine of each of some segments to a vector, where they have a vector of that embedding."""
    distance = SegmentEntry.vector.cosine_distance(vector)
    query = select(SegmentEntry.segment_id, (1 - distance).label("score")).where(
        SegmentEntry.workspace_id == scope.workspace_id,
        SegmentEntry.segment_id.in_(segment_ids),
        SegmentEntry.embedding == embedding,
        SegmentEntry.vector.is_not(None),
    )
    return {row.segment_id: row.score for row in await scope.session.execute(query)}


async def vectors(scope: Scope, segment_ids: Sequence[str]) -> dict[str, tuple[str, list[float]]]:
    """Return the embedding and the vector of each of some segments that has them."""
    query = select(SegmentEntry.segment_id, SegmentEntry.embedding, SegmentEntry.vector).where(
        SegmentEntry.workspace_id == scope.workspace_id,
        SegmentEntry.segment_id.in_(segment_ids),
        SegmentEntry.vector.is_not(None),
    )
    rows = await scope.session.execute(query)
    return {row.segment_id: (row.embedding or "", list(row.vector)) for row in rows}


async def readable(scope: Scope, segment_ids: Sequence[str]) -> dict[str, tuple[Segment, Document]]:
    """Return those of the segments that may be shown, with their documents: enabled, complete and not
    archived.
    """
    query = (
        select(Segment, Document)
        .join(Document, (Document.id == Segment.document_id) & (Document.workspace_id == Segment.workspace_id))
        .where(
            Segment.workspace_id == scope.workspace_id,
            Document.workspace_id == scope.workspace_id,
            Segment.id.in_(segment_ids),
            Segment.enabled.is_(True),
            Segment.status == "completed",
            Document.enabled.is_(True),
            Document.archived.is_(False),
        )
    )
    rows = await scope.session.execute(query)
    return {segment.id: (segment, document) for segment, document in rows}


def segments_of(scope: Scope, document_ids: Sequence[str]) -> Select[str]:
    """Return the query for the segments of some documents."""
    return select(Segment.id).where(
        Segment.workspace_id == scope.workspace_id,
        Segment.document_id == any_(bindparam(None, list(document_ids), type_=_UUIDS)),
    )


async def _add_postings(scope: Scope, dataset_id: str, entries: Sequence[NewEntry]) -> None:
    """Write postings by a binary COPY, in the order of the primary key, so that its pages are filled one by one."""
    counts = [len(entry.frequencies) for entry in entries]
    rows = np.empty(sum(counts), dtype=_POSTING)
    if not len(rows):
        return
    for name, size in _POSTING_SIZES.items():
        rows[f"{name}_size"] = size
    rows["fields"] = len(_POSTING_SIZES)
    rows["dataset_id"] = UUID(dataset_id).bytes
    ids = np.array([UUID(entry.segment_id).bytes for entry in entries], dtype="V16")
    rows["segment_id"] = np.repeat(ids, counts)
    rows["length"] = np.repeat(np.array([entry.length for entry in entries], dtype=np.int64), counts)
    terms = (term for entry in entries for term in entry.frequencies)
    rows["term"] = np.fromiter(terms, dtype=np.int64, count=len(rows))
    frequencies = (frequency for entry in entries for frequency in entry.frequencies.values())
    rows["frequency"] = np.minimum(np.fromiter(frequencies, dtype=np.int64, count=len(rows)), _MOST_FREQUENT)
    ordered = rows[np.argsort(rows["term"], kind="stable")]
    connection = await scope.session.connection()
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    async with raw.cursor() as cursor, cursor.copy(_COPY_POSTINGS) as copy:
        await copy.write(_COPY_HEADER)
        for start in range(0, len(ordered), _ROWS_AT_A_TIME):
            await copy.write(ordered[start : start + _ROWS_AT_A_TIME].tobytes())
        await copy.write(_COPY_END)


_POSTING_SIZES = {"dataset_id": 16, "segment_id": 16, "term": 8, "frequency": 2, "length": 4}
_POSTING = np.dtype(
    [
        ("fields", ">i2"),
        ("dataset_id_size", ">i4"),
        ("dataset_id", "V16"),
        ("segment_id_size", ">i4"),
        ("segment_id", "V16"),
        ("term_size", ">i4"),
        ("term", ">i8"),
        ("frequency_size", ">i4"),
        ("frequency", ">i2"),
        ("length_size", ">i4"),
        ("length", ">i4"),
    ]
)
"""A row of PostgreSQL's binary COPY format: how many fields it has, and for each its size and its value."""

_COPY_POSTINGS = "COPY segment_posting (dataset_id, segment_id, term, frequency, length) FROM STDIN (FORMAT BINARY)"
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END = b"\xff\xff"

_UUIDS = ARRAY(Uuid(as_uuid=False))

# BM25 with k1 = 1.2 and b = 0.75. A term's weight comes from the same rows that are scored, so one pass over
# the postings of the question's terms is all that is read.
_BM25 = """
    WITH collection AS (
        SELECT count(*)::float8 AS segments, greatest(avg(length), 1)::float8 AS average
        FROM segment_entry WHERE workspace_id = :workspace AND dataset_id = ANY(:datasets)
    ), found AS MATERIALIZED (
        SELECT term, segment_id, frequency::float8, length::float8
        FROM segment_posting WHERE dataset_id = ANY(:datasets) AND term = ANY(:terms)
    ), weighted AS (
        SELECT term, ln((greatest(segments, count(*)) + 1) / (count(*) + 0.5)) AS weight
        FROM found CROSS JOIN collection GROUP BY term, segments
    )
    SELECT segment_id,
           sum(weight * frequency * 2.2 / (frequency + 1.2 * (0.25 + 0.75 * length / average))) AS score,
           (SELECT sum(weight) * 2.2 FROM weighted) AS ideal
    FROM found JOIN weighted USING (term) CROSS JOIN collection
"""
_WITHIN = """
    WHERE segment_id IN (SELECT id FROM segment WHERE workspace_id = :workspace AND document_id = ANY(:documents))
"""
_BEST = " GROUP BY segment_id ORDER BY score DESC, segment_id LIMIT :limit"
_PARAMETERS = (
    bindparam("workspace", type_=Uuid(as_uuid=False)),
    bindparam("datasets", type_=_UUIDS),
    bindparam("terms", type_=ARRAY(BigInteger)),
    bindparam("limit", type_=Integer),
)
_RANKING: dict[str, Any] = {"segment_id": Uuid(as_uuid=False), "score": Float(), "ideal": Float()}
_RANK_BY_WORDS = text(_BM25 + _BEST).bindparams(*_PARAMETERS).columns(**_RANKING)
_RANK_BY_WORDS_WITHIN = (
    text(_BM25 + _WITHIN + _BEST).bindparams(*_PARAMETERS, bindparam("documents", type_=_UUIDS)).columns(**_RANKING)
)
