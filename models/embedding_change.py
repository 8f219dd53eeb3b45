"""Changes of how a dataset that holds documents is indexed; the row is the truth of the job that does it.

The new vectors are put aside by the hash of their texts while the old index goes on to serve. One transaction then puts
all of them in its place. Whoever writes vectors holds the dataset's embedding meanwhile, so that none of the old model
are left behind.
"""

from typing import Any, Literal, get_args

from pgvector.sqlalchemy import HALFVEC
from psycopg.errors import LockNotAvailable
from sqlalchemy import Index, PrimaryKeyConstraint, delete, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, aliased, mapped_column

from foundation.errors import ApiError
from models.dataset import Dataset, IndexingTechnique
from models.job import UNFINISHED, Job
from models.scope import Scope
from models.table import (
    Id,
    Owned,
    Table,
    Words,
    addressable,
    belongs_to,
    now,
    one_of,
)

Status = Literal["waiting", "processing", "completed", "error", "cancelled"]

RETRY_SECONDS = "10"
"""When to come back to a dataset whose new index is taking over."""


class EmbeddingChange(Job, Table):
    """One change to another technique or embedding model. `vectors_done` grows with the vectors that are put aside."""

    __tablename__ = "embedding_change"
    __table_args__ = (
        addressable(),
        belongs_to("dataset"),
        one_of("status", get_args(Status)),
        one_of("indexing_technique", get_args(IndexingTechnique)),
        Index(None, "dataset_id", "id"),
        Index("ix_embedding_change_unfinished", "dataset_id", unique=True, postgresql_where=UNFINISHED),
    )

    dataset_id: Mapped[str] = mapped_column(Id)
    indexing_technique: Mapped[IndexingTechnique] = mapped_column(Words)
    provider: Mapped[str | None]
    model: Mapped[str | None]
    status: Mapped[Status] = mapped_column(Words, default="waiting")
    vectors_done: Mapped[int] = mapped_column(default=0)
    vectors_total: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str | None] = mapped_column(Id)

    def aims_at(self, technique: str | None, provider: str | None, model: str | None) -> bool:
        """Return whether this is the change to a technique and a model."""
        return (self.indexing_technique, self.provider, self.model) == (technique, provider, model)


class ChangedVector(Owned, Table):
    """The vector of one text, put aside for a change."""

    __tablename__ = "changed_vector"
    __table_args__ = (
        PrimaryKeyConstraint("embedding_change_id", "text_hash"),
        belongs_to("embedding_change"),
    )

    embedding_change_id: Mapped[str] = mapped_column(Id)
    text_hash: Mapped[str]
    vector: Mapped[list[float]] = mapped_column(HALFVEC)


async def request(
    scope: Scope,
    dataset: Dataset,
    technique: IndexingTechnique,
    provider: str | None,
    model: str | None,
    created_by: str | None,
) -> EmbeddingChange | None:
    """Ask for a change of a dataset that the caller has locked; another one that has not ended is given up.

    Args:
        scope: the workspace.
        dataset: the dataset.
        technique: how it is to be indexed.
        provider: whose model is to make its vectors; None for `economy`.
        model: the model; likewise.
        created_by: who asks.

    Returns:
        The change that is to be done: a new one, or one with the same aim, which goes on where it stopped. None where
        the dataset is indexed like that already.
    """
    last = (await latest(scope, [dataset.id])).get(dataset.id)
    if last is not None and last.aims_at(technique, provider, model):
        if last.status == "error":
            last.status, last.error = "waiting", None
            await scope.session.flush()
        if last.status in ("waiting", "processing"):
            return last
    if last is not None:
        await cancel(scope, dataset.id)
    stands = (dataset.indexing_technique, dataset.embedding_model_provider, dataset.embedding_model)
    if stands == (technique, provider, model) or (technique == "economy" and stands[0] == "economy"):
        return None
    made = EmbeddingChange(
        workspace_id=scope.workspace_id,
        dataset_id=dataset.id,
        indexing_technique=technique,
        provider=provider,
        model=model,
        created_by=created_by,
    )
    scope.session.add(made)
    await scope.session.flush()
    return made


async def cancel(scope: Scope, dataset_id: str) -> None:
    """Give up the change of a dataset, where one has not ended or has failed, and drop its vectors."""
    statement = (
        update(EmbeddingChange)
        .where(
            EmbeddingChange.workspace_id == scope.workspace_id,
            EmbeddingChange.dataset_id == dataset_id,
            EmbeddingChange.status.in_(("waiting", "processing", "error")),
        )
        .values(status="cancelled", updated_at=now())
        .returning(EmbeddingChange.id)
        .execution_options(synchronize_session=False)
    )
    for change_id in list(await scope.session.scalars(statement)):
        await drop_vectors(scope, change_id)


async def latest(scope: Scope, dataset_ids: list[str]) -> dict[str, EmbeddingChange]:
    """Return the last change of each of some datasets that has had one."""
    newer = aliased(EmbeddingChange)
    query = select(EmbeddingChange).where(
        EmbeddingChange.workspace_id == scope.workspace_id,
        EmbeddingChange.dataset_id.in_(dataset_ids),
        ~exists().where(newer.dataset_id == EmbeddingChange.dataset_id, newer.id > EmbeddingChange.id),
    )
    return {change.dataset_id: change for change in await scope.session.scalars(query)}


async def put_aside(scope: Scope, change: EmbeddingChange, vectors: dict[str, Any], missing: int) -> None:
    """Keep the vectors of some texts for a change that the caller has locked, and count them.

    Args:
        scope: the workspace.
        change: the change.
        vectors: by the hash of their texts.
        missing: how many texts had none before these.
    """
    rows = [
        {
            "workspace_id": scope.workspace_id,
            "embedding_change_id": change.id,
            "text_hash": text_hash,
            "vector": vector,
        }
        for text_hash, vector in vectors.items()
    ]
    if rows:
        await scope.session.execute(insert(ChangedVector).on_conflict_do_nothing(), rows)
    query = select(func.count()).where(
        ChangedVector.workspace_id == scope.workspace_id, ChangedVector.embedding_change_id == change.id
    )
    change.vectors_done = await scope.session.scalar(query) or 0
    change.vectors_total = change.vectors_done + max(0, missing - len(rows))
    await scope.session.flush()


async def drop_vectors(scope: Scope, change_id: str) -> None:
    """Remove the vectors that were put aside for a change."""
    await scope.session.execute(
        delete(ChangedVector).where(
            ChangedVector.workspace_id == scope.workspace_id, ChangedVector.embedding_change_id == change_id
        )
    )


async def hold_embedding(scope: Scope, dataset_id: str, patience: float | None = None) -> None:
    """Keep the embedding of a dataset from changing before this transaction ends; many may do so at once.

    Read the dataset after this, not before.

    Args:
        scope: the workspace's transaction.
        dataset_id: the dataset.
        patience: how many seconds to wait for a new index that is taking over; None waits as a statement may.

    Raises:
        ApiError: `service_unavailable` where that took longer; the transaction has to end then.
    """
    if patience is not None:
        await scope.session.execute(text(f"SET LOCAL lock_timeout = '{round(patience * 1000)}ms'"))
    try:
        await scope.session.execute(select(func.pg_advisory_xact_lock_shared(_key(dataset_id))))
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        message = "A new index is taking over in this knowledge base at this moment. Try again shortly."
        raise ApiError("service_unavailable", message, headers={"Retry-After": RETRY_SECONDS}) from error
    if patience is not None:
        await scope.session.execute(text("SET LOCAL lock_timeout = DEFAULT"))


async def hold_embedding_alone(scope: Scope, dataset_id: str) -> None:
    """Wait until nobody holds the embedding of a dataset, and let nobody hold it before this transaction ends."""
    await scope.session.execute(select(func.pg_advisory_xact_lock(_key(dataset_id))))


def _key(dataset_id: str) -> Any:
    return func.hashtextextended(f"embedding of {dataset_id.lower()}", 0)
