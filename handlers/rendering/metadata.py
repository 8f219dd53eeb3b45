"""Metadata fields and values as the contract shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.contract import schemas
from models.document import Document
from models.metadata import BUILT_IN, CountedField, MetadataField

BUILT_IN_ID = "built-in"


@dataclass(frozen=True, slots=True)
class ShownFields:
    """The fields that a dataset's documents show; `uploaders` are the names of accounts by id."""

    fields: Sequence[MetadataField]
    built_in: bool
    uploaders: dict[str, str]


def render_field(field: MetadataField) -> schemas.MetadataField:
    """Render a `MetadataField`."""
    return {"id": field.id, "name": field.name, "type": field.type}


def render_field_list(fields: Sequence[CountedField], built_in: bool) -> schemas.MetadataFieldList:
    """Render a `MetadataFieldList`."""
    counted: list[schemas.MetadataFieldCount] = [
        {"id": one.field.id, "name": one.field.name, "type": one.field.type, "count": one.documents} for one in fields
    ]
    return {"doc_metadata": counted, "built_in_field_enabled": built_in}


def render_built_in_fields() -> schemas.BuiltInFieldList:
    """Render a `BuiltInFieldList`."""
    return {"fields": [{"name": name, "type": kind} for name, kind in BUILT_IN.items()]}


def render_values(document: Document, shown: ShownFields | None) -> list[schemas.DocumentMetadata]:
    """Render a document's values, those of the built-in fields last."""
    if shown is None:
        return []
    stored = document.doc_metadata or {}
    values: list[schemas.DocumentMetadata] = [
        {"id": field.id, "name": field.name, "type": field.type, "value": stored[field.name]}
        for field in shown.fields
        if field.name in stored
    ]
    if shown.built_in:
        own = document.built_in_values(shown.uploaders.get(document.created_by or ""))
        values += [{"id": BUILT_IN_ID, "name": name, "type": BUILT_IN[name], "value": own[name]} for name in own]
    return values
