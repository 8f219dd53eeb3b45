"""The words that find segments: BM25 over postings, which are written and go with the entries of `segment_index`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

import numpy as np
from sqlalchemy import Index, Integer, PrimaryKeyConstraint, SmallInteger, delete
from sqlalchemy.orm import Mapped, mapped_column

from models.binary_copy import copy_in
from models.direct import fetch
from models.partition import BY_DATASET, partition
from models.scope import Scope
from models.table import Id, Table

_MOST_FREQUENT = 32_767
_ROWS_AT_A_TIME = 20_000
_LARGE_COLLECTION = 2_000
_COLLECTION_SECONDS = 20.0
_MOST_COLLECTIONS = 1_000


class SegmentPosting(Table):
    """One term of one segment: how often it stands there, beside the segment's number of terms.

    The entry of the segment is locked by whoever writes its postings, and a trigger deletes them with it. This takes
    the place of a foreign key, whose checks would cost more than the postings themselves.
    """

    __tablename__ = "segment_posting"
    __table_args__ = (
        PrimaryKeyConstraint("dataset_id", "term", "segment_id", postgresql_include=["frequency", "length"]),
        Index(None, "dataset_id", "segment_id"),
        BY_DATASET,
    )

    dataset_id: Mapped[str] = mapped_column(Id)
    term: Mapped[int] = mapped_column(autoincrement=False)
    segment_id: Mapped[str] = mapped_column(Id)
    frequency: Mapped[int] = mapped_column(SmallInteger)
    length: Mapped[int] = mapped_column(Integer)


partition(SegmentPosting)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one segment: hashed terms with their frequencies, and how many terms there are in all."""

    segment_id: str
    frequencies: Mapping[int, int]
    length: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A segment with its score."""

    segment_id: str
    score: float


@dataclass(frozen=True, slots=True)
class WordRanking:
    """Segments by BM25, best first, and the score that a segment made of nothing but the question would reach."""

    ranked: list[Ranked]
    ideal: float


async def add(scope: Scope, dataset_id: str, entries: Sequence[Words]) -> None:
    """Write the postings of segments of one dataset, by a binary COPY.

    They come in the order of the primary key, so that its pages are filled one by one.
    """
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
    pieces = (ordered[start : start + _ROWS_AT_A_TIME].tobytes() for start in range(0, len(ordered), _ROWS_AT_A_TIME))
    await copy_in(scope, _COPY_POSTINGS, pieces)


async def forget(scope: Scope, dataset_id: str, segment_ids: Sequence[str]) -> None:
    """Delete the postings of segments of one dataset."""
    await scope.session.execute(
        delete(SegmentPosting)
        .where(SegmentPosting.dataset_id == dataset_id, SegmentPosting.segment_id.in_(segment_ids))
        .execution_options(synchronize_session=False)
    )


async def rank(
    scope: Scope,
    dataset_ids: Sequence[str],
    terms: Sequence[int],
    limit: int,
    document_ids: Sequence[str] | None = None,
) -> WordRanking:
    """Rank the segments of some datasets, taken as one collection, by the terms that they share with a question.

    Args:
        scope: the workspace.
        dataset_ids: datasets of the workspace.
        terms: the question's hashed terms, each once.
        limit: how many segments are wanted.
        document_ids: the documents to choose from; scores are the same as among all, which None means.
    """
    if not terms:
        return WordRanking([], 0.0)
    collection = _recent.get(dataset_ids)
    parameters = {
        "datasets": list(dataset_ids),
        "terms": list(terms),
        "limit": limit,
        "workspace": scope.workspace_id,
        "documents": list(document_ids or ()),
        "segments": collection.segments if collection else None,
        "average": collection.average if collection else None,
    }
    query = _BM25.format(
        collection=_GIVEN if collection else _COUNTED, within=_WITHIN if document_ids is not None else ""
    )
    rows = await fetch(scope, query, parameters)
    if not rows:
        return WordRanking([], 0.0)
    ideal, segments, average = rows[0][2:]
    if collection is None:
        _recent.keep(dataset_ids, segments, average)
    return WordRanking([Ranked(row[0], row[1]) for row in rows], ideal)


@dataclass(frozen=True, slots=True)
class _Collection:
    """How many segments some datasets have, and how many terms a segment has on average; true until some moment."""

    segments: float
    average: float
    until: float


class _RecentCollections:
    """What large collections were like a moment ago, since to count them takes about as long as to search them.

    Some segments more or less among thousands change no order. Small collections are counted each time.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], _Collection] = {}

    def get(self, dataset_ids: Sequence[str]) -> _Collection | None:
        found = self._known.get(tuple(sorted(dataset_ids)))
        return found if found is not None and monotonic() < found.until else None

    def keep(self, dataset_ids: Sequence[str], segments: float, average: float) -> None:
        if segments < _LARGE_COLLECTION:
            return
        if len(self._known) >= _MOST_COLLECTIONS:
            self._known.clear()
        until = monotonic() + _COLLECTION_SECONDS
        self._known[tuple(sorted(dataset_ids))] = _Collection(segments, average, until)


_recent = _RecentCollections()


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

# BM25 with k1 = 1.2 and b = 0.75. Each term's postings are counted for its weight, then scored, both from the primary
# key alone: to read them twice costs less than to keep them in between. OFFSET 0 keeps the planner to this order.
_BM25 = """
    WITH collection AS MATERIALIZED (
        SELECT segments, average, 0.9 / average AS slope FROM ({collection}) AS known
    ), weighted AS MATERIALIZED (
        SELECT asked.term, 2.2 * ln((greatest(segments, holders) + 1) / (holders + 0.5)) AS weight
        FROM unnest(%(terms)s::bigint[]) AS asked (term) CROSS JOIN collection CROSS JOIN LATERAL (
            SELECT count(*)::float8 AS holders FROM segment_posting
            WHERE dataset_id = ANY(%(datasets)s::uuid[]) AND segment_posting.term = asked.term
        ) AS counted
        WHERE holders > 0
    ), best AS (
        SELECT found.segment_id, sum(weight * share) AS score
        FROM weighted CROSS JOIN collection CROSS JOIN LATERAL (
            SELECT segment_id, frequency::float8 / (frequency::float8 + 0.3 + slope * length::float8) AS share
            FROM segment_posting
            WHERE dataset_id = ANY(%(datasets)s::uuid[]) AND segment_posting.term = weighted.term OFFSET 0
        ) AS found
        {within}
        GROUP BY found.segment_id ORDER BY score DESC, found.segment_id LIMIT %(limit)s
    )
    SELECT best.segment_id::text, score, (SELECT sum(weight) FROM weighted), segments, average
    FROM best CROSS JOIN collection ORDER BY score DESC, best.segment_id
"""
_COUNTED = """
    SELECT count(*)::float8 AS segments, greatest(avg(length), 1)::float8 AS average
    FROM segment_entry WHERE dataset_id = ANY(%(datasets)s::uuid[])
"""
_GIVEN = "SELECT %(segments)s::float8 AS segments, %(average)s::float8 AS average"
_WITHIN = """
    WHERE found.segment_id IN (
        SELECT id FROM segment WHERE workspace_id = %(workspace)s::uuid AND document_id = ANY(%(documents)s::uuid[])
    )
"""
