"""The approximate indexes over the vectors of large datasets: one for each, made and dropped while all else goes on.

An index covers the vectors of one dataset and one embedding. So it finds as much there as it would alone, small
datasets cost it nothing, and it goes as a whole when the dataset goes. `Dataset.vector_index` names the embedding of
an index that is complete.
"""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import sql
from sqlalchemy import Integer, bindparam, text

from models.scope import SystemScope

LONGEST_VECTOR = 4_000
"""What pgvector indexes at most; datasets of longer vectors are searched exactly."""

_LOCK = 5001_0014
_PREFIX = "nearest_"
_BUILDING_MEMORY = "256MB"


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """An index that there is, or should be; `table` is `segment_entry` or `child_entry`."""

    dataset_id: str
    table: str
    embedding: str
    dimension: int

    @property
    def name(self) -> str:
        """The name in the database, which says all of the above."""
        told = f"{self.table} {self.embedding} {self.dimension}"
        return f"{_PREFIX}{UUID(self.dataset_id).hex}_{hashlib.sha256(told.encode()).hexdigest()[:12]}"


async def lock(scope: SystemScope) -> bool:
    """Take the right to make and drop indexes while the scope's connection lives; False where another has it."""
    return bool(await scope.session.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK}))


async def unlock(scope: SystemScope) -> None:
    """Give the right back."""
    await scope.session.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})


async def wanted(scope: SystemScope, least: int) -> list[VectorIndex]:
    """Return the indexes that datasets with so many vectors, or more, should have."""
    rows = await scope.session.execute(_WANTED, {"least": least, "longest": LONGEST_VECTOR})
    return [VectorIndex(*row) for row in rows]


async def existing(scope: SystemScope) -> dict[str, bool]:
    """Return the names of the indexes that there are, and whether each is complete."""
    return {name: bool(valid) for name, valid in await scope.session.execute(_EXISTING)}


async def create(scope: SystemScope, index: VectorIndex) -> None:
    """Build an index. It takes minutes for a large dataset; nobody waits for it but the caller.

    Args:
        scope: of a connection in autocommit mode, without a limit for statements.
        index: which one.
    """
    partition = await scope.session.scalar(_PARTITIONS[index.table], {"dataset": index.dataset_id})
    if partition is None:
        return
    driver = await _driver(scope)
    await driver.execute(f"SET maintenance_work_mem = '{_BUILDING_MEMORY}'")
    # Parallel workers would share the graph in /dev/shm, which is too small for that in many containers.
    await driver.execute("SET max_parallel_maintenance_workers = 0")
    await driver.execute(
        sql.SQL(
            "CREATE INDEX CONCURRENTLY {name} ON {partition} USING hnsw ((vector::halfvec({dimension}))"
            " halfvec_cosine_ops) WITH (m = 16, ef_construction = 128)"
            " WHERE dataset_id = {dataset}::uuid AND embedding = {embedding}"
        ).format(
            name=sql.Identifier(index.name),
            partition=sql.Identifier(partition),
            dimension=sql.Literal(index.dimension),
            dataset=sql.Literal(index.dataset_id),
            embedding=sql.Literal(index.embedding),
        )
    )


async def drop(scope: SystemScope, name: str) -> None:
    """Drop an index. It waits for those who read by it, and nobody waits for it."""
    driver = await _driver(scope)
    await driver.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(name)))


async def note(scope: SystemScope, index: VectorIndex) -> None:
    """Let searches use an index that is complete."""
    parameters = {"dataset": index.dataset_id, "embedding": index.embedding}
    await scope.session.execute(_NOTE, parameters)


async def forget(scope: SystemScope, name: str) -> None:
    """Let no search use the index of that name any more."""
    dataset_id = str(UUID(name.removeprefix(_PREFIX).partition("_")[0]))
    await scope.session.execute(_FORGET, {"dataset": dataset_id})


async def _driver(scope: SystemScope) -> Any:
    """Return the driver's own connection, which takes statements that no transaction may hold."""
    return (await (await scope.session.connection()).get_raw_connection()).driver_connection


_WANTED = text(
    """
    SELECT dataset.id::text, entries.name, embedding_model_provider || '/' || embedding_model, embedding_dimension
    FROM dataset CROSS JOIN (VALUES ('segment_entry'), ('child_entry')) AS entries (name)
    WHERE deleted_at IS NULL AND indexing_technique = 'high_quality' AND embedding_dimension <= :longest
        AND embedding_model_provider || '/' || embedding_model IS NOT NULL
        AND entries.name = CASE doc_form WHEN 'hierarchical_model' THEN 'child_entry' ELSE 'segment_entry' END
        AND CASE entries.name
            WHEN 'child_entry'
                THEN EXISTS (SELECT FROM child_entry WHERE dataset_id = dataset.id OFFSET :least - 1)
            ELSE EXISTS (SELECT FROM segment_entry WHERE dataset_id = dataset.id OFFSET :least - 1)
        END
    """
).bindparams(bindparam("least", type_=Integer()), bindparam("longest", type_=Integer()))
_EXISTING = text(
    "SELECT relname, indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
    " WHERE starts_with(relname, 'nearest_') AND relnamespace = current_schema()::regnamespace"
)
_PARTITIONS = {
    "segment_entry": text(
        "SELECT tableoid::regclass::text FROM segment_entry WHERE dataset_id = CAST(:dataset AS uuid) LIMIT 1"
    ),
    "child_entry": text(
        "SELECT tableoid::regclass::text FROM child_entry WHERE dataset_id = CAST(:dataset AS uuid) LIMIT 1"
    ),
}
_NOTE = text(
    "UPDATE dataset SET vector_index = :embedding WHERE id = CAST(:dataset AS uuid)"
    " AND vector_index IS DISTINCT FROM :embedding"
)
_FORGET = text("UPDATE dataset SET vector_index = NULL WHERE id = CAST(:dataset AS uuid) AND vector_index IS NOT NULL")
