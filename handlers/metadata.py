"""What every tier does with metadata: the fields of datasets, and the values of documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.datasets import acting_account, open_dataset
from handlers.documents import open_document
from handlers.rendering.metadata import render_built_in_fields, render_field, render_field_list
from models import document as documents
from models import metadata as fields
from models.metadata import FieldType, MetadataField


async def list_fields(call: Call, dataset_id: str) -> schemas.MetadataFieldList:
    """Return the fields of a dataset.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        return render_field_list(await fields.counted_fields(scope, dataset.id), dataset.built_in_field_enabled)


async def list_built_in(call: Call, dataset_id: str | None = None) -> schemas.BuiltInFieldList:
    """Return the fields that every document has by itself.

    Raises:
        ApiError: `not_found` or `forbidden` for the dataset, where one is named.
    """
    if dataset_id is not None:
        async with call.services.database.workspace(call.workspace_id) as scope:
            await open_dataset(call, scope, dataset_id)
    return render_built_in_fields()


async def create_field(call: Call, dataset_id: str, name: str, type: FieldType) -> schemas.MetadataField:
    """Give a dataset another field.

    Raises:
        ApiError: `not_found`, `forbidden` or `metadata_name_duplicate`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        return render_field(await fields.create(scope, dataset.id, name, type, await acting_account(call, scope)))


async def rename_field(call: Call, dataset_id: str, field_id: str, name: str) -> schemas.MetadataField:
    """Give a field another name.

    Raises:
        ApiError: `not_found`, `forbidden` or `metadata_name_duplicate`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        acting = await acting_account(call, scope)
        return render_field(await fields.rename(scope, dataset.id, field_id, name, acting))


async def remove_field(call: Call, dataset_id: str, field_id: str) -> None:
    """Delete a field with its values.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        await fields.remove(scope, dataset.id, field_id)


async def set_built_in(call: Call, dataset_id: str, enabled: bool) -> schemas.Result:
    """Say whether documents show their built-in fields.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        (await open_dataset(call, scope, dataset_id)).built_in_field_enabled = enabled
    return {"result": "success"}


async def write_values(
    call: Call, dataset_id: str, operations: Sequence[schemas.DocumentMetadataOperation]
) -> schemas.Result:
    """Write the values of some documents: all of them, or none.

    Raises:
        ApiError: `not_found` for a document or a field, `forbidden`, or `invalid_metadata` for a value that is not of
            its field's type.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        known = (await fields.fields(scope, [dataset.id]))[dataset.id]
        for operation in sorted(operations, key=lambda one: one["document_id"].lower()):
            document = await documents.lock(scope, dataset.id, operation["document_id"])
            values = dict(document.doc_metadata or {}) if operation.get("partial_update") else {}
            for entry in operation["metadata_list"]:
                _write(values, _field(known, entry.get("id"), entry.get("name")), entry.get("value"))
            document.doc_metadata = values
            await scope.session.flush()
    return {"result": "success"}


async def set_type(call: Call, dataset_id: str, document_id: str, body: schemas.DocumentTypeRequest) -> schemas.Result:
    """Say of what kind a document is, and write values by the names of their fields.

    Raises:
        ApiError: `not_found`, `forbidden`, or `invalid_metadata` for a value that is not of its field's type.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset, document = await open_document(call, scope, dataset_id, document_id)
        known = (await fields.fields(scope, [dataset.id]))[dataset.id]
        values = dict(document.doc_metadata or {})
        given: Mapping[str, Any] = body["doc_metadata"]
        for name, value in given.items():
            _write(values, _field(known, None, name), value)
        document.doc_metadata = values
        document.doc_type = body["doc_type"] or document.doc_type
    return {"result": "success"}


def _field(known: Sequence[MetadataField], field_id: str | None, name: str | None) -> MetadataField:
    for field in known:
        if field.id == field_id.lower() if field_id else field.name == name:
            return field
    raise ApiError("not_found", f"Metadata not found: {field_id or name}.")


def _write(values: dict[str, Any], field: MetadataField, value: Any) -> None:
    if value is None:
        values.pop(field.name, None)
        return
    values[field.name] = _of_type(field, value)


def _of_type(field: MetadataField, value: Any) -> str | int | float:
    """Return a value as its field keeps it: a number may come as text."""
    if field.type == "string" and isinstance(value, str):
        return value
    if field.type != "string" and isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if field.type != "string" and isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if number == number and abs(number) != float("inf"):
            return int(number) if number.is_integer() else number
    raise ApiError("invalid_metadata", f"The value of {field.name} must be a {field.type}.")
