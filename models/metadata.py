"""Metadata of documents: the fields that a dataset has, and the values that documents have for them.

Values stand in `Document.doc_metadata` under the name of their field. The built-in fields are not stored: they are read
off the document, so that they are never out of date.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Index, UniqueConstraint, bindparam, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.document import Document
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

FieldType = Literal["string", "number", "time"]
BUILT_IN: Mapping[str, FieldType] = {
    "document_name": "string",
    "uploader": "string",
    "upload_date": "time",
    "last_update_date": "time",
    "source": "string",
}
"""The fields that every document has by itself, with their types."""


class MetadataField(Identified, Created, Updated, Owned, Table):
    """A field that documents of a dataset may have a value for."""

    __tablename__ = "metadata_field"
    __table_args__ = (
        addressable(),
        belongs_to("dataset"),
        one_of("type", get_args(FieldType)),
        UniqueConstraint("dataset_id", "name"),
        Index(None, "dataset_id", "created_at", "id"),
    )

    dataset_id: Mapped[str] = mapped_column(Id)
    name: Mapped[str]
    type: Mapped[FieldType] = mapped_column(Words)
    created_by: Mapped[str | None] = mapped_column(Id)
    updated_by: Mapped[str | None] = mapped_column(Id)


@dataclass(frozen=True, slots=True)
class CountedField:
    """A field and how many documents have a value for it."""

    field: MetadataField
    documents: int


async def fields(scope: Scope, dataset_ids: Sequence[str]) -> dict[str, list[MetadataField]]:
    """Return the fields of some datasets, by dataset, oldest first."""
    query = select(MetadataField).where(
        MetadataField.workspace_id == scope.workspace_id, MetadataField.dataset_id.in_(dataset_ids)
    )
    found: dict[str, list[MetadataField]] = {dataset_id: [] for dataset_id in dataset_ids}
    for field in await scope.session.scalars(query.order_by(MetadataField.created_at, MetadataField.id)):
        found[field.dataset_id].append(field)
    return found


async def counted_fields(scope: Scope, dataset_id: str) -> list[CountedField]:
    """Return the fields of a dataset with their numbers of documents, oldest first."""
    listed = (await fields(scope, [dataset_id]))[dataset_id]
    if not listed:
        return []
    counts = [func.count().filter(func.jsonb_exists(Document.doc_metadata, field.name)) for field in listed]
    query = select(*counts).where(Document.workspace_id == scope.workspace_id, Document.dataset_id == dataset_id)
    row = (await scope.session.execute(query)).one()
    return [CountedField(field, count) for field, count in zip(listed, row, strict=True)]


async def get(scope: Scope, dataset_id: str, field_id: str) -> MetadataField:
    """Return a field of a dataset.

    Raises:
        ApiError: `not_found`.
    """
    query = select(MetadataField).where(
        MetadataField.workspace_id == scope.workspace_id,
        MetadataField.dataset_id == dataset_id,
        MetadataField.id == field_id,
    )
    found = await scope.session.scalar(query)
    if found is None:
        raise ApiError("not_found", "Metadata not found.")
    return found


async def create(scope: Scope, dataset_id: str, name: str, type: FieldType, created_by: str | None) -> MetadataField:
    """Give a dataset another field.

    Raises:
        ApiError: `metadata_name_duplicate`, also for the name of a built-in field.
    """
    made = MetadataField(workspace_id=scope.workspace_id, dataset_id=dataset_id, type=type, created_by=created_by)
    await _write(scope, made, name)
    return made


async def rename(scope: Scope, dataset_id: str, field_id: str, name: str, updated_by: str | None) -> MetadataField:
    """Give a field another name; the documents keep their values.

    Raises:
        ApiError: `not_found`, `metadata_name_duplicate`.
    """
    found = await get(scope, dataset_id, field_id)
    former = found.name
    if former == name:
        return found
    found.updated_by = updated_by
    await _write(scope, found, name)
    await scope.session.execute(_RENAME, _parameters(scope, dataset_id, former) | {"name": name})
    return found


async def remove(scope: Scope, dataset_id: str, field_id: str) -> None:
    """Take a field and its values away.

    Raises:
        ApiError: `not_found`.
    """
    found = await get(scope, dataset_id, field_id)
    await scope.session.delete(found)
    await scope.session.execute(_REMOVE, _parameters(scope, dataset_id, found.name))


async def _write(scope: Scope, field: MetadataField, name: str) -> None:
    taken = ApiError("metadata_name_duplicate", f"There is a metadata field called {name} already.")
    if name in BUILT_IN:
        raise taken
    try:
        async with scope.session.begin_nested():
            field.name = name
            scope.session.add(field)
            await scope.session.flush()
    except IntegrityError as error:
        if "uq_metadata_field_dataset_id_name" not in str(error.orig):
            raise
        raise taken from error


def _parameters(scope: Scope, dataset_id: str, name: str) -> Json:
    return {"workspace": scope.workspace_id, "dataset": dataset_id, "former": name}


_KEYS = (bindparam("workspace", type_=Id()), bindparam("dataset", type_=Id()))

_RENAME = text(
    """
    UPDATE document SET doc_metadata = (doc_metadata - :former) || jsonb_build_object(:name, doc_metadata -> :former)
    WHERE workspace_id = :workspace AND dataset_id = :dataset AND jsonb_exists(doc_metadata, :former)
    """
).bindparams(*_KEYS, bindparam("former", type_=Words()), bindparam("name", type_=Words()))

_REMOVE = text(
    """
    UPDATE document SET doc_metadata = doc_metadata - :former
    WHERE workspace_id = :workspace AND dataset_id = :dataset AND jsonb_exists(doc_metadata, :former)
    """
).bindparams(*_KEYS, bindparam("former", type_=Words()))
