"""The vectors that lie nearest to a question's: compared one by one in small datasets, which is exact, and found by an
approximate index (`models.vector_index`) in large ones.

Both index tables are read alike: `segment_entry` by `segment_id`, `child_entry` by `child_chunk_id`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import orjson
from sqlalchemy import ARRAY, BindParameter, Integer, Row, Text, TextClause, Uuid, bindparam, text

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


async def rank(scope: Scope, table: EntryTable, key: Key, search: VectorSearch, limit: int) -> list[Row[Any]]:
    """Return the `id`, `segment_id` and cosine (`score`) of the entries whose vectors lie nearest, best first."""
    by_index = [one for one in search.dataset_ids if one in search.indexed] if limit <= MOST_BY_INDEX else []
    one_by_one = [one for one in search.dataset_ids if one not in by_index]
    parameters = _parameters(scope, search) | {"limit": limit}
    found: list[Row[Any]] = []
    for dataset_id in by_index:
        query = _ranking(table, key, len(search.vector), search.document_ids is not None)
        rows = (await scope.session.execute(query, parameters | {"dataset": dataset_id})).all()
        if len(rows) < limit:
            one_by_one.append(dataset_id)
        else:
            found += rows
    if one_by_one:
        query = _ranking(table, key, None, search.document_ids is not None)
        found += await scope.session.execute(query, parameters | {"datasets": one_by_one})
    return sorted(found, key=lambda row: (-row.score, row.id))[:limit]


async def compare(
    scope: Scope, table: EntryTable, key: Key, search: VectorSearch, segment_ids: Sequence[str]
) -> Sequence[Row[Any]]:
    """Return the `id`, `segment_id` and cosine (`score`) of each entry of some segments."""
    parameters = _parameters(scope, search) | {"datasets": list(search.dataset_ids), "segments": list(segment_ids)}
    parameters.pop("documents", None)
    return (await scope.session.execute(_comparison(table, key), parameters)).all()


def _parameters(scope: Scope, search: VectorSearch) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "workspace": scope.workspace_id,
        "embedding": search.embedding,
        "vector": orjson.dumps(list(search.vector)).decode(),
    }
    if search.document_ids is not None:
        parameters["documents"] = list(search.document_ids)
    return parameters


@cache
def _ranking(table: EntryTable, key: Key, dimension: int | None, within: bool) -> TextClause:
    """Return the query for the nearest entries; with a dimension, the one that an approximate index answers.

    What such an index is about, and the limit, stand in the text: a plan that is prepared for any value could not use
    it. Each distance is computed once.
    """
    vector = "vector" if dimension is None else f"(vector::halfvec({dimension}))"
    datasets = "dataset_id = ANY(:datasets)" if dimension is None else "dataset_id = :dataset"
    parameters: list[BindParameter[Any]] = [bindparam("limit", type_=Integer(), literal_execute=True)]
    if dimension is None:
        parameters += [bindparam("datasets", type_=_UUIDS), bindparam("embedding", type_=Text())]
    else:
        parameters += [
            bindparam("dataset", type_=Uuid(as_uuid=False), literal_execute=True),
            bindparam("embedding", type_=Text(), literal_execute=True),
        ]
    if within:
        parameters.append(bindparam("documents", type_=_UUIDS))
    return _statement(
        _NEAREST.replace("<within>", _WITHIN if within else "").replace("<vector>", vector), datasets, table, key
    ).bindparams(*parameters)


@cache
def _comparison(table: EntryTable, key: Key) -> TextClause:
    statement = _statement(_COMPARED, "dataset_id = ANY(:datasets)", table, key)
    parameters = (bindparam("datasets", type_=_UUIDS), bindparam("segments", type_=_UUIDS))
    return statement.bindparams(*parameters, bindparam("embedding", type_=Text()))


def _statement(sql: str, datasets: str, table: EntryTable, key: Key) -> TextClause:
    sql = sql.replace("<datasets>", datasets).replace("<entry>", table).replace("<key>", key)
    return text(sql).bindparams(bindparam("workspace", type_=Uuid(as_uuid=False)), bindparam("vector", type_=Text()))


_UUIDS = ARRAY(Uuid(as_uuid=False))
_NEAREST = """
    SELECT id::text AS id, segment_id::text AS segment_id, 1 - distance AS score FROM (
        SELECT <key> AS id, segment_id, <vector> <=> CAST(:vector AS halfvec) AS distance FROM <entry>
        WHERE workspace_id = :workspace AND <datasets> AND embedding = :embedding AND vector IS NOT NULL <within>
        ORDER BY distance LIMIT :limit
    ) AS nearest
"""
_WITHIN = """
    AND segment_id IN (SELECT id FROM segment WHERE workspace_id = :workspace AND document_id = ANY(:documents))
"""
_COMPARED = """
    SELECT <key>::text AS id, segment_id::text AS segment_id, 1 - (vector <=> CAST(:vector AS halfvec)) AS score
    FROM <entry>
    WHERE workspace_id = :workspace AND <datasets> AND embedding = :embedding AND vector IS NOT NULL
        AND segment_id = ANY(:segments)
"""
