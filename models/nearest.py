"""The vectors that lie nearest to a question's: compared one by one in small datasets, which is exact, and found by an
approximate index (`models.vector_index`) in large ones.

Both index tables are read alike: `segment_entry` by `segment_id`, `child_entry` by `child_chunk_id`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from psycopg import sql

from models.direct import HalfVector, fetch
from models.scope import Scope

EntryTable = Literal["segment_entry", "child_entry"]
Key = Literal["segment_id", "child_chunk_id"]

MOST_BY_INDEX = 1_000
"""How many neighbours an approximate index is asked for at most: beyond, comparing all costs no more."""


@dataclass(frozen=True, slots=True)
class VectorSearch:
    """A question's vector of one embedding, and where to look.

    `indexed` are those of the datasets that have an approximate index for the embedding. `document_ids` are the
    documents to choose from; None means all.
    """

    embedding: str
    vector: Sequence[float]
    dataset_ids: Sequence[str]
    indexed: frozenset[str] = frozenset()
    document_ids: Sequence[str] | None = None


class Entry(NamedTuple):
    """An entry of an index table, by its key, with its segment and its cosine to a question's vector."""

    id: str
    segment_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Nearest:
    """The entries that lie nearest, best first, and all those of some segments, in no order."""

    ranked: list[Entry]
    known: list[Entry]


async def rank(
    scope: Scope, table: EntryTable, key: Key, search: VectorSearch, limit: int, known: Sequence[str] = ()
) -> Nearest:
    """Return the entries whose vectors lie nearest, and in the same round trip those of segments that are known."""
    by_index = [one for one in search.dataset_ids if one in search.indexed] if limit <= MOST_BY_INDEX else []
    one_by_one = [one for one in search.dataset_ids if one not in by_index]
    parameters = _parameters(scope, search, known)
    beside = f"UNION ALL {_COMPARED.format(entries=_entries(table, key))}" if known else ""
    among = _WITHIN if search.document_ids is not None else ""
    found: list[Entry] = []
    compared: list[Entry] = []
    for dataset_id in by_index:
        indexed = _indexed_entries(table, key, search, dataset_id)
        rows = await fetch(scope, _NEAREST.format(entries=indexed, among=among, limit=limit) + beside, parameters)
        nearest = [Entry(*row[:3]) for row in rows if row[3]]
        compared += [Entry(*row[:3]) for row in rows if not row[3]]
        beside = ""
        if len(nearest) < limit:
            one_by_one.append(dataset_id)
        else:
            found += nearest
    if one_by_one:
        query = _NEAREST.format(entries=_entries(table, key, "looked_through"), among=among, limit=limit)
        rows = await fetch(scope, query + beside, parameters | {"looked_through": one_by_one})
        found += [Entry(*row[:3]) for row in rows if row[3]]
        compared += [Entry(*row[:3]) for row in rows if not row[3]]
    return Nearest(sorted(found, key=lambda entry: (-entry.score, entry.id))[:limit], compared)


async def compare(
    scope: Scope, table: EntryTable, key: Key, search: VectorSearch, segment_ids: Sequence[str]
) -> list[Entry]:
    """Return each entry of some segments."""
    query = _COMPARED.format(entries=_entries(table, key))
    return [Entry(*row[:3]) for row in await fetch(scope, query, _parameters(scope, search, segment_ids))]


def _parameters(scope: Scope, search: VectorSearch, segment_ids: Sequence[str]) -> dict[str, Any]:
    return {
        "workspace": scope.workspace_id,
        "embedding": search.embedding,
        "vector": HalfVector(search.vector),
        "datasets": list(search.dataset_ids),
        "documents": list(search.document_ids or ()),
        "segments": list(segment_ids),
    }


def _entries(table: EntryTable, key: Key, datasets: str = "datasets") -> str:
    return _ENTRIES.format(
        entry=table,
        key=key,
        vector="vector",
        datasets=f"dataset_id = ANY(%({datasets})s::uuid[])",
        embedding="%(embedding)s",
    )


def _indexed_entries(table: EntryTable, key: Key, search: VectorSearch, dataset_id: str) -> str:
    """Return the entries of one dataset in such words that they are found by its approximate index.

    What the index is about stands in the text: a plan that is prepared for any value could not use it.
    """
    return _ENTRIES.format(
        entry=table,
        key=key,
        vector=f"(vector::halfvec({len(search.vector)}))",
        datasets=f"dataset_id = {_literal(dataset_id)}::uuid",
        embedding=f"{_literal(search.embedding)}::text",
    )


def _literal(value: str) -> str:
    return sql.Literal(value).as_string().replace("%", "%%")


# Each distance is computed once. The limit stands in the text, because plans depend on it.
_ENTRIES = """
    SELECT {key} AS id, segment_id, {vector} <=> %(vector)b::halfvec AS distance FROM {entry}
    WHERE workspace_id = %(workspace)s::uuid AND {datasets} AND embedding = {embedding} AND vector IS NOT NULL
"""
_NEAREST = """
    SELECT id::text, segment_id::text, 1 - distance, true
    FROM ({entries} {among} ORDER BY distance LIMIT {limit}) AS nearest
"""
_COMPARED = """
    SELECT id::text, segment_id::text, 1 - distance, false
    FROM ({entries} AND segment_id = ANY(%(segments)s::uuid[])) AS compared
"""
_WITHIN = """
    AND segment_id IN (
        SELECT id FROM segment WHERE workspace_id = %(workspace)s::uuid AND document_id = ANY(%(documents)s::uuid[])
    )
"""
