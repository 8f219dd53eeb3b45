"""The texts that a dataset's vectors are made of, and the moment in which a change puts new vectors in their place."""

from dataclasses import dataclass

from sqlalchemy import TextClause, Uuid, bindparam, text

from models import embedding_change as changes
from models.dataset import Dataset
from models.embedding_change import EmbeddingChange
from models.scope import Scope

_SWITCH_SECONDS = 600
"""How long one statement of the switch may run: it writes every vector of a dataset."""


@dataclass(frozen=True, slots=True)
class MissingTexts:
    """Some of the texts that have no vector yet, by their hashes, and how many there are in all."""

    texts: dict[str, str]
    total: int


async def missing_texts(scope: Scope, change: EmbeddingChange, limit: int) -> MissingTexts:
    """Return texts of a change's dataset whose vectors are still to be made, each once."""
    parameters = {"workspace": scope.workspace_id, "dataset": change.dataset_id, "change": change.id, "limit": limit}
    rows = (await scope.session.execute(_MISSING, parameters)).all()
    return MissingTexts({row.hash: row.content for row in rows}, rows[0].total if rows else 0)


async def dimension(scope: Scope, change_id: str) -> int | None:
    """Return the length of the vectors that were put aside for a change; None where there are none."""
    found: int | None = await scope.session.scalar(_DIMENSION, {"workspace": scope.workspace_id, "change": change_id})
    return found


async def segments_without_keywords(scope: Scope, dataset_id: str, limit: int) -> dict[str, str]:
    """Return the contents of segments of a dataset that have no keywords for people to read."""
    parameters = {"workspace": scope.workspace_id, "dataset": dataset_id, "limit": limit}
    return {row.id: row.content for row in await scope.session.execute(_WITHOUT_KEYWORDS, parameters)}


async def put_in_place(scope: Scope, change: EmbeddingChange) -> bool:
    """Let a dataset be found by the vectors that were put aside for a change.

    The caller holds the dataset's embedding alone, and calls `conclude` in the same transaction.

    Returns:
        False where nothing was written, because a text that came meanwhile has no vector yet.
    """
    await scope.session.execute(text(f"SET LOCAL statement_timeout = '{_SWITCH_SECONDS}s'"))
    parameters = {"workspace": scope.workspace_id, "dataset": change.dataset_id}
    if change.indexing_technique == "economy":
        await scope.session.execute(_FORGET_VECTORS, parameters)
        await scope.session.execute(_FORGET_CHILDREN, parameters)
        return True
    if (await missing_texts(scope, change, 1)).total:
        return False
    named = {**parameters, "change": change.id, "embedding": f"{change.provider}/{change.model}"}
    await scope.session.execute(_SWITCH_SEGMENTS, named)
    await scope.session.execute(_SWITCH_CHILDREN, named)
    return True


async def conclude(scope: Scope, change: EmbeddingChange, dataset: Dataset) -> None:
    """Write into a dataset how it is indexed now, and end the change. The caller has locked both."""
    economy = change.indexing_technique == "economy"
    dataset.embedding_dimension = None if economy else await dimension(scope, change.id)
    dataset.indexing_technique = change.indexing_technique
    dataset.embedding_model_provider, dataset.embedding_model = change.provider, change.model
    dataset.vector_index = None
    change.status = "completed"
    await scope.session.flush()
    await changes.drop_vectors(scope, change.id)


def _statement(sql: str) -> TextClause:
    ids = [name for name in ("workspace", "dataset", "change") if f":{name}" in sql]
    return text(sql).bindparams(*(bindparam(name, type_=Uuid(as_uuid=False)) for name in ids))


# A segment with child chunks is found by their vectors and has none itself.
_MISSING = _statement(
    """
    WITH wanted AS (
        SELECT encode(sha256(convert_to(segment.content, 'UTF8')), 'hex') AS hash, segment.id, content FROM segment
        WHERE segment.workspace_id = :workspace AND segment.dataset_id = :dataset
            AND NOT EXISTS (
                SELECT FROM child_chunk WHERE child_chunk.segment_id = segment.id AND child_chunk.dataset_id = :dataset
            )
        UNION ALL
        SELECT encode(sha256(convert_to(child_chunk.content, 'UTF8')), 'hex'), child_chunk.id, content FROM child_chunk
        WHERE child_chunk.workspace_id = :workspace AND child_chunk.dataset_id = :dataset
    ), missing AS (
        SELECT DISTINCT ON (hash) hash, id, content FROM wanted
        WHERE NOT EXISTS (
            SELECT FROM changed_vector WHERE embedding_change_id = :change AND text_hash = wanted.hash
        )
        ORDER BY hash, id
    )
    SELECT hash, content, count(*) OVER () AS total FROM missing ORDER BY id LIMIT :limit
    """
)
_WITHOUT_KEYWORDS = _statement(
    """
    SELECT id::text AS id, content FROM segment
    WHERE workspace_id = :workspace AND dataset_id = :dataset AND keywords = '[]'::jsonb ORDER BY id LIMIT :limit
    """
)
_SWITCH_SEGMENTS = _statement(
    """
    UPDATE segment_entry SET embedding = :embedding, vector = changed_vector.vector
    FROM segment LEFT JOIN changed_vector
        ON embedding_change_id = :change AND text_hash = encode(sha256(convert_to(segment.content, 'UTF8')), 'hex')
            AND NOT EXISTS (
                SELECT FROM child_chunk WHERE child_chunk.segment_id = segment.id AND child_chunk.dataset_id = :dataset
            )
    WHERE segment_entry.segment_id = segment.id AND segment_entry.dataset_id = :dataset
        AND segment.workspace_id = :workspace AND segment.dataset_id = :dataset
    """
)
_SWITCH_CHILDREN = _statement(
    """
    INSERT INTO child_entry (workspace_id, child_chunk_id, segment_id, dataset_id, embedding, vector)
    SELECT child_chunk.workspace_id, child_chunk.id, child_chunk.segment_id, child_chunk.dataset_id, :embedding,
        changed_vector.vector
    FROM child_chunk JOIN changed_vector
        ON embedding_change_id = :change AND text_hash = encode(sha256(convert_to(child_chunk.content, 'UTF8')), 'hex')
    WHERE child_chunk.workspace_id = :workspace AND child_chunk.dataset_id = :dataset
    FOR KEY SHARE OF child_chunk
    ON CONFLICT (dataset_id, child_chunk_id) DO UPDATE SET embedding = excluded.embedding, vector = excluded.vector
    """
)
_FORGET_VECTORS = _statement(
    "UPDATE segment_entry SET embedding = NULL, vector = NULL WHERE workspace_id = :workspace AND dataset_id = :dataset"
)
_FORGET_CHILDREN = _statement("DELETE FROM child_entry WHERE workspace_id = :workspace AND dataset_id = :dataset")
_DIMENSION = _statement(
    """
    SELECT vector_dims(vector) FROM changed_vector
    WHERE workspace_id = :workspace AND embedding_change_id = :change LIMIT 1
    """
)
