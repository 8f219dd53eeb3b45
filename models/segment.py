"""Segments: the passages of a document that retrieval finds, and their smaller child chunks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import Index, Select, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.page import Page, like, numbered
from models.partition import addressable_within_dataset
from models.scope import Scope
from models.table import (
    Created,
    Id,
    Identified,
    Json,
    Owned,
    Table,
    Updated,
    Words,
    addressable,
    belongs_to,
    now,
    one_of,
)

Status = Literal["waiting", "indexing", "completed", "error", "paused", "re_segment"]


class Segment(Identified, Created, Updated, Owned, Table):
    """One passage."""

    __tablename__ = "segment"
    __table_args__ = (
        addressable(),
        addressable_within_dataset(),
        belongs_to("dataset"),
        belongs_to("document"),
        one_of("status", get_args(Status)),
        Index(None, "document_id", "position", "id"),
        Index(None, "dataset_id", "created_at", "id"),
    )

    dataset_id: Mapped[str] = mapped_column(Id)
    document_id: Mapped[str] = mapped_column(Id)
    position: Mapped[int]
    content: Mapped[str]
    answer: Mapped[str | None]
    word_count: Mapped[int] = mapped_column(default=0)
    tokens: Mapped[int] = mapped_column(default=0)
    keywords: Mapped[list[str]] = mapped_column(default=list)
    index_node_id: Mapped[str | None] = mapped_column(Id)
    index_node_hash: Mapped[str | None]
    status: Mapped[Status] = mapped_column(Words, default="completed")
    enabled: Mapped[bool] = mapped_column(default=True)
    disabled_at: Mapped[datetime | None]
    disabled_by: Mapped[str | None] = mapped_column(Id)
    hit_count: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    metadata_: Mapped[Json] = mapped_column("metadata", default=dict)
    indexing_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    created_by: Mapped[str | None] = mapped_column(Id)
    updated_by: Mapped[str | None] = mapped_column(Id)


class ChildChunk(Identified, Created, Updated, Owned, Table):
    """A part of a segment that is found in its place."""

    __tablename__ = "child_chunk"
    __table_args__ = (
        addressable(),
        addressable_within_dataset(),
        belongs_to("segment"),
        one_of("type", ("automatic", "customized")),
        Index(None, "segment_id", "position", "id"),
    )

    dataset_id: Mapped[str] = mapped_column(Id)
    document_id: Mapped[str] = mapped_column(Id)
    segment_id: Mapped[str] = mapped_column(Id)
    position: Mapped[int]
    content: Mapped[str]
    word_count: Mapped[int] = mapped_column(default=0)
    index_node_id: Mapped[str | None] = mapped_column(Id)
    index_node_hash: Mapped[str | None]
    type: Mapped[str] = mapped_column(default="automatic")
    created_by: Mapped[str | None] = mapped_column(Id)


async def replace_all(scope: Scope, dataset_id: str, document_id: str, segments: Sequence[Segment]) -> list[Segment]:
    """Put new segments in the place of all that a document has; their index goes with the old ones.

    Args:
        scope: the workspace.
        dataset_id: the document's dataset.
        document_id: the document.
        segments: the new ones, in their order; positions are given here, from 1.
    """
    await scope.session.execute(
        delete(Segment)
        .where(Segment.workspace_id == scope.workspace_id, Segment.document_id == document_id)
        .execution_options(synchronize_session=False)
    )
    await _add(scope, dataset_id, document_id, segments, after=0)
    return list(segments)


async def append(scope: Scope, dataset_id: str, document_id: str, segments: Sequence[Segment]) -> None:
    """Add segments at a document's end. The caller holds the document's lock."""
    last = await scope.session.scalar(select(func.max(Segment.position)).where(Segment.document_id == document_id))
    await _add(scope, dataset_id, document_id, segments, after=last or 0)


async def get(scope: Scope, dataset_id: str, segment_id: str, document_id: str | None = None) -> Segment:
    """Return a segment of a dataset.

    Raises:
        ApiError: `not_found`, also where it is in another document than the one named.
    """
    query = _of_dataset(scope, dataset_id).where(Segment.id == segment_id)
    if document_id is not None:
        query = query.where(Segment.document_id == document_id)
    found = await scope.session.scalar(query)
    if found is None:
        raise ApiError("not_found", "Segment not found.")
    return found


async def get_many(scope: Scope, segment_ids: Sequence[str]) -> list[Segment]:
    """Return those of the segments that exist, of whatever dataset."""
    query = select(Segment).where(Segment.workspace_id == scope.workspace_id, Segment.id.in_(segment_ids))
    return list(await scope.session.scalars(query))


async def of_document(scope: Scope, document_id: str) -> list[Segment]:
    """Return all segments of a document in their order."""
    query = select(Segment).where(Segment.workspace_id == scope.workspace_id, Segment.document_id == document_id)
    return list(await scope.session.scalars(query.order_by(Segment.position, Segment.id)))


async def page(
    scope: Scope,
    dataset_id: str,
    document_id: str | None = None,
    *,
    page: int = 1,
    limit: int = 20,
    keyword: str | None = None,
    statuses: Sequence[str] = (),
    enabled: bool | None = None,
    least_hits: int = 0,
) -> Page[Segment]:
    """Return one page of the segments of a document, or of a whole dataset, in their order.

    Args:
        scope: the workspace.
        dataset_id: the dataset.
        document_id: the document; None means all of the dataset's.
        page: the number of the page, from 1.
        limit: how many it holds.
        keyword: a part of the content or the answer.
        statuses: the states to choose from; none means all.
        enabled: only those that are, or are not.
        least_hits: how often a question must have found them.
    """
    query = _of_dataset(scope, dataset_id)
    if document_id is not None:
        query = query.where(Segment.document_id == document_id)
    if keyword:
        query = query.where(Segment.content.ilike(like(keyword)) | Segment.answer.ilike(like(keyword)))
    if statuses:
        query = query.where(Segment.status.in_(statuses))
    if enabled is not None:
        query = query.where(Segment.enabled.is_(enabled))
    if least_hits:
        query = query.where(Segment.hit_count >= least_hits)
    if document_id is not None:
        query = query.order_by(Segment.position, Segment.id)
    else:
        query = query.order_by(Segment.created_at, Segment.document_id, Segment.position, Segment.id)
    return await numbered(scope, query, page, limit)


async def set_enabled(
    scope: Scope, document_id: str, segment_ids: Sequence[str], enabled: bool, account_id: str | None
) -> int:
    """Let segments of a document be found, or not; those that are so already stay as they are.

    Returns:
        How many were changed.
    """
    statement = (
        update(Segment)
        .where(
            Segment.workspace_id == scope.workspace_id,
            Segment.document_id == document_id,
            Segment.id.in_(segment_ids),
            Segment.enabled.is_(not enabled),
        )
        .values(
            enabled=enabled,
            disabled_at=None if enabled else now(),
            disabled_by=None if enabled else account_id,
            updated_at=now(),
            updated_by=account_id,
        )
        .returning(Segment.id)
        .execution_options(synchronize_session=False)
    )
    return len(list(await scope.session.scalars(statement)))


async def set_keywords(scope: Scope, keywords: Mapping[str, Sequence[str]]) -> None:
    """Give segments that have none the keywords that people read; nothing else of them changes.

    Args:
        scope: the workspace.
        keywords: by segment.
    """
    for segment_id, words in keywords.items():
        await scope.session.execute(
            update(Segment)
            .where(Segment.workspace_id == scope.workspace_id, Segment.id == segment_id, Segment.keywords == [])
            .values(keywords=list(words), updated_at=Segment.updated_at)
            .execution_options(synchronize_session=False)
        )


async def remove(scope: Scope, dataset_id: str, segment_ids: Sequence[str]) -> list[str]:
    """Delete segments with their index.

    Returns:
        The ids of those that existed.
    """
    statement = (
        delete(Segment)
        .where(
            Segment.workspace_id == scope.workspace_id,
            Segment.dataset_id == dataset_id,
            Segment.id.in_(segment_ids),
        )
        .returning(Segment.id)
    )
    return list(await scope.session.scalars(statement))


async def remove_some(scope: Scope, dataset_id: str, limit: int) -> int:
    """Delete some segments of a dataset with their index, whichever, and return how many."""
    chosen = _of_dataset(scope, dataset_id).with_only_columns(Segment.id).limit(limit)
    return len(await remove(scope, dataset_id, list(await scope.session.scalars(chosen))))


async def count_hits(scope: Scope, segment_ids: Sequence[str]) -> None:
    """Count that segments were found by a question."""
    await scope.session.execute(
        update(Segment)
        .where(Segment.workspace_id == scope.workspace_id, Segment.id.in_(sorted(segment_ids)))
        .values(hit_count=Segment.hit_count + 1, updated_at=Segment.updated_at)
        .execution_options(synchronize_session=False)
    )


async def child_chunks(scope: Scope, segment_ids: Sequence[str]) -> dict[str, list[ChildChunk]]:
    """Return the child chunks of some segments, by segment, in their order."""
    query = select(ChildChunk).where(
        ChildChunk.workspace_id == scope.workspace_id, ChildChunk.segment_id.in_(segment_ids)
    )
    found: dict[str, list[ChildChunk]] = {segment_id: [] for segment_id in segment_ids}
    for chunk in await scope.session.scalars(query.order_by(ChildChunk.position, ChildChunk.id)):
        found[chunk.segment_id].append(chunk)
    return found


async def child_page(
    scope: Scope, segment_id: str, *, page: int = 1, limit: int = 20, keyword: str | None = None
) -> Page[ChildChunk]:
    """Return one page of the child chunks of a segment in their order."""
    query = select(ChildChunk).where(ChildChunk.workspace_id == scope.workspace_id, ChildChunk.segment_id == segment_id)
    if keyword:
        query = query.where(ChildChunk.content.ilike(like(keyword)))
    return await numbered(scope, query.order_by(ChildChunk.position, ChildChunk.id), page, limit)


async def get_child(scope: Scope, segment_id: str, chunk_id: str) -> ChildChunk:
    """Return a child chunk of a segment.

    Raises:
        ApiError: `not_found`.
    """
    query = select(ChildChunk).where(
        ChildChunk.workspace_id == scope.workspace_id, ChildChunk.segment_id == segment_id, ChildChunk.id == chunk_id
    )
    found = await scope.session.scalar(query)
    if found is None:
        raise ApiError("not_found", "Child chunk not found.")
    return found


async def last_child_position(scope: Scope, segment_id: str) -> int:
    """Return the position of a segment's last child chunk; 0 where it has none."""
    query = select(func.max(ChildChunk.position)).where(
        ChildChunk.workspace_id == scope.workspace_id, ChildChunk.segment_id == segment_id
    )
    return await scope.session.scalar(query) or 0


async def remove_children(scope: Scope, segment_id: str) -> None:
    """Delete all child chunks of a segment."""
    await scope.session.execute(
        delete(ChildChunk).where(ChildChunk.workspace_id == scope.workspace_id, ChildChunk.segment_id == segment_id)
    )


async def _add(scope: Scope, dataset_id: str, document_id: str, segments: Sequence[Segment], after: int) -> None:
    for position, segment in enumerate(segments, start=after + 1):
        segment.workspace_id = scope.workspace_id
        segment.dataset_id = dataset_id
        segment.document_id = document_id
        segment.position = position
    scope.session.add_all(segments)
    await scope.session.flush()


def _of_dataset(scope: Scope, dataset_id: str) -> Select[Segment]:
    return select(Segment).where(Segment.workspace_id == scope.workspace_id, Segment.dataset_id == dataset_id)
