"""Documents of a dataset and the rules by which they are split."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import ColumnElement, Index, Select, and_, delete, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models import dataset as datasets
from models import upload_file
from models.page import Page, like, numbered
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
    one_of,
)

IndexingStatus = Literal["waiting", "parsing", "cleaning", "splitting", "indexing", "completed", "error", "paused"]
DisplayStatus = Literal["queuing", "indexing", "paused", "error", "available", "disabled", "archived"]
RuleMode = Literal["automatic", "custom", "hierarchical"]
WORKING = ("parsing", "cleaning", "splitting", "indexing")


class ProcessRule(Identified, Created, Owned, Table):
    """How documents are cleaned and split."""

    __tablename__ = "process_rule"
    __table_args__ = (
        addressable(),
        belongs_to("dataset"),
        one_of("mode", get_args(RuleMode)),
        Index(None, "dataset_id", "created_at", "id"),
    )

    dataset_id: Mapped[str] = mapped_column(Id)
    mode: Mapped[RuleMode] = mapped_column(Words)
    rules: Mapped[Json | None]
    created_by: Mapped[str | None] = mapped_column(Id)


class Document(Identified, Created, Updated, Owned, Table):
    """A document and how far its indexing has come."""

    __tablename__ = "document"
    __table_args__ = (
        addressable(),
        belongs_to("dataset"),
        belongs_to("process_rule"),
        one_of("indexing_status", get_args(IndexingStatus)),
        Index(None, "dataset_id", "position", "id"),
        Index(None, "dataset_id", "batch"),
        Index(None, "process_rule_id"),
        Index(None, "upload_file_id"),
        Index(
            "ix_document_unfinished",
            "indexing_status",
            "created_at",
            postgresql_where=text("indexing_status NOT IN ('completed', 'error', 'paused')"),
        ),
    )

    dataset_id: Mapped[str] = mapped_column(Id)
    process_rule_id: Mapped[str | None] = mapped_column(Id)
    upload_file_id: Mapped[str | None] = mapped_column(Id)
    position: Mapped[int]
    batch: Mapped[str]
    name: Mapped[str]
    data_source_type: Mapped[str] = mapped_column(default="upload_file")
    data_source_info: Mapped[Json] = mapped_column(default=dict)
    doc_form: Mapped[str] = mapped_column(default="text_model")
    doc_language: Mapped[str | None]
    doc_type: Mapped[str | None]
    doc_metadata: Mapped[Json | None]
    indexing_status: Mapped[IndexingStatus] = mapped_column(Words, default="waiting")
    attempt: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    word_count: Mapped[int] = mapped_column(default=0)
    tokens: Mapped[int] = mapped_column(default=0)
    segments_done: Mapped[int] = mapped_column(default=0)
    segments_planned: Mapped[int] = mapped_column(default=0)
    enabled: Mapped[bool] = mapped_column(default=True)
    disabled_at: Mapped[datetime | None]
    disabled_by: Mapped[str | None] = mapped_column(Id)
    archived: Mapped[bool] = mapped_column(default=False)
    archived_at: Mapped[datetime | None]
    archived_by: Mapped[str | None] = mapped_column(Id)
    processing_started_at: Mapped[datetime | None]
    parsing_completed_at: Mapped[datetime | None]
    cleaning_completed_at: Mapped[datetime | None]
    splitting_completed_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[str | None] = mapped_column(Id)
    stopped_at: Mapped[datetime | None]
    indexing_latency: Mapped[float | None]
    created_from: Mapped[str] = mapped_column(default="api")
    created_by: Mapped[str | None] = mapped_column(Id)

    def built_in_values(self, uploader: str | None) -> dict[str, str | float]:
        """Return the values of the built-in metadata fields.

        Args:
            uploader: the name of who added the document.
        """
        return {
            "document_name": self.name,
            "uploader": uploader or "",
            "upload_date": self.created_at.timestamp(),
            "last_update_date": self.updated_at.timestamp(),
            "source": self.data_source_type,
        }

    @property
    def display_status(self) -> DisplayStatus:
        """Return the one word that lists show for the document's state."""
        match self.indexing_status:
            case "waiting":
                return "queuing"
            case "error" | "paused" as same:
                return same
            case "completed":
                if self.archived:
                    return "archived"
                return "available" if self.enabled else "disabled"
            case _:
                return "indexing"


async def create_batch(scope: Scope, dataset_id: str, documents: Sequence[Document]) -> list[Document]:
    """Add documents at the end of a dataset, waiting to be indexed; two batches at once do not collide.

    Raises:
        ApiError: `not_found` where the dataset does not exist.
    """
    await datasets.lock(scope, dataset_id)
    last = await scope.session.scalar(select(func.max(Document.position)).where(Document.dataset_id == dataset_id))
    for position, document in enumerate(documents, start=(last or 0) + 1):
        document.workspace_id = scope.workspace_id
        document.dataset_id = dataset_id
        document.position = position
    scope.session.add_all(documents)
    await scope.session.flush()
    return list(documents)


async def load(scope: Scope, document_id: str) -> Document | None:
    """Return a document by its id alone, for the worker that indexes it."""
    query = select(Document).where(Document.workspace_id == scope.workspace_id, Document.id == document_id)
    return await scope.session.scalar(query)


async def get(scope: Scope, dataset_id: str, document_id: str) -> Document:
    """Return a document of a dataset.

    Raises:
        ApiError: `not_found`.
    """
    found = await scope.session.scalar(_of_dataset(scope, dataset_id).where(Document.id == document_id))
    if found is None:
        raise ApiError("not_found", "Document not found.")
    return found


async def lock(scope: Scope, dataset_id: str, document_id: str) -> Document:
    """Return a document whose segments nobody else can change before this transaction ends.

    Raises:
        ApiError: `not_found`.
    """
    query = _of_dataset(scope, dataset_id).where(Document.id == document_id).with_for_update()
    found = await scope.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise ApiError("not_found", "Document not found.")
    return found


async def get_all(scope: Scope, dataset_id: str, document_ids: Sequence[str]) -> list[Document]:
    """Return documents of a dataset in the order of their ids, each once.

    Raises:
        ApiError: `not_found` where one is missing.
    """
    query = _of_dataset(scope, dataset_id).where(Document.id.in_(document_ids))
    found = {document.id: document for document in await scope.session.scalars(query)}
    wanted = list(dict.fromkeys(document_id.lower() for document_id in document_ids))
    if missing := [document_id for document_id in wanted if document_id not in found]:
        raise ApiError("not_found", f"Document not found: {missing[0]}.")
    return [found[document_id] for document_id in wanted]


async def failed(scope: Scope, dataset_id: str) -> list[Document]:
    """Return the documents of a dataset whose indexing failed or was paused, in their order."""
    query = _of_dataset(scope, dataset_id).where(Document.indexing_status.in_(("error", "paused")))
    return list(await scope.session.scalars(query.order_by(Document.position, Document.id)))


async def of_dataset(scope: Scope, dataset_id: str) -> list[Document]:
    """Return all documents of a dataset in their order."""
    return list(await scope.session.scalars(_of_dataset(scope, dataset_id).order_by(Document.position, Document.id)))


async def get_many(scope: Scope, document_ids: Sequence[str]) -> list[Document]:
    """Return those of the documents that exist, of whatever dataset."""
    query = select(Document).where(Document.workspace_id == scope.workspace_id, Document.id.in_(document_ids))
    return list(await scope.session.scalars(query))


async def page(
    scope: Scope,
    dataset_id: str,
    *,
    page: int = 1,
    limit: int = 20,
    keyword: str | None = None,
    status: str | None = None,
) -> Page[Document]:
    """Return one page of a dataset's documents, the last added first.

    Args:
        scope: the workspace.
        dataset_id: the dataset.
        page: the number of the page, from 1.
        limit: how many it holds.
        keyword: a part of the name.
        status: a display status; None, "" and "all" mean any.
    """
    query = _of_dataset(scope, dataset_id)
    if keyword:
        query = query.where(Document.name.ilike(like(keyword)))
    if status and status != "all":
        query = query.where(_displayed_as(status))
    query = query.order_by(Document.position.desc(), Document.id.desc())
    return await numbered(scope, query, page, limit)


async def list_batch(scope: Scope, dataset_id: str, batch: str) -> list[Document]:
    """Return the documents that were added together, in their order.

    Raises:
        ApiError: `not_found` where there are none.
    """
    query = _of_dataset(scope, dataset_id).where(Document.batch == batch).order_by(Document.position)
    found = list(await scope.session.scalars(query))
    if not found:
        raise ApiError("not_found", "Documents not found.")
    return found


async def remove(scope: Scope, dataset_id: str, document_ids: Sequence[str]) -> list[str]:
    """Delete documents with their segments, their index and their files.

    Returns:
        The ids of those that existed.
    """
    statement = (
        delete(Document)
        .where(
            Document.workspace_id == scope.workspace_id,
            Document.dataset_id == dataset_id,
            Document.id.in_(document_ids),
        )
        .returning(Document.id, Document.upload_file_id)
    )
    removed = (await scope.session.execute(statement)).all()
    await upload_file.discard(scope, [file_id for _, file_id in removed if file_id])
    return [document_id for document_id, _ in removed]


async def remove_some(scope: Scope, dataset_id: str, limit: int) -> int:
    """Delete some documents of a dataset, whichever, and return how many."""
    query = select(Document.id).where(Document.workspace_id == scope.workspace_id, Document.dataset_id == dataset_id)
    return len(await remove(scope, dataset_id, list(await scope.session.scalars(query.limit(limit)))))


async def add_rule(
    scope: Scope, dataset_id: str, mode: RuleMode, rules: Json | None, created_by: str | None
) -> ProcessRule:
    """Keep a rule for splitting documents of a dataset."""
    made = ProcessRule(
        workspace_id=scope.workspace_id, dataset_id=dataset_id, mode=mode, rules=rules, created_by=created_by
    )
    scope.session.add(made)
    await scope.session.flush()
    return made


async def find_rule(scope: Scope, rule_id: str) -> ProcessRule | None:
    """Return a rule of the workspace."""
    query = select(ProcessRule).where(ProcessRule.workspace_id == scope.workspace_id, ProcessRule.id == rule_id)
    return await scope.session.scalar(query)


async def latest_rule(scope: Scope, dataset_id: str) -> ProcessRule | None:
    """Return the rule that a dataset used last."""
    query = select(ProcessRule).where(
        ProcessRule.workspace_id == scope.workspace_id, ProcessRule.dataset_id == dataset_id
    )
    query = query.order_by(ProcessRule.created_at.desc(), ProcessRule.id.desc()).limit(1)
    return await scope.session.scalar(query)


def _of_dataset(scope: Scope, dataset_id: str) -> Select[Document]:
    return select(Document).where(Document.workspace_id == scope.workspace_id, Document.dataset_id == dataset_id)


def _displayed_as(status: str) -> ColumnElement[bool]:
    """Return the condition that a document's `display_status`, or its indexing status, is a word."""
    completed = Document.indexing_status == "completed"
    match status:
        case "queuing":
            return Document.indexing_status == "waiting"
        case "indexing":
            return Document.indexing_status.in_(WORKING)
        case "available":
            return and_(completed, Document.archived.is_(False), Document.enabled.is_(True))
        case "disabled":
            return and_(completed, Document.archived.is_(False), Document.enabled.is_(False))
        case "archived":
            return and_(completed, Document.archived.is_(True))
        case _:
            return Document.indexing_status == status
