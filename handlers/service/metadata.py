"""Fields of datasets, and the values that documents have for them."""

from __future__ import annotations

from handlers import metadata
from handlers.call import Call
from handlers.contract import schemas


async def list_metadata_fields(call: Call, *, dataset_id: str) -> schemas.MetadataFieldList:
    """List the fields of a dataset."""
    return await metadata.list_fields(call, dataset_id)


async def create_metadata_field(
    call: Call, *, dataset_id: str, body: schemas.MetadataFieldCreate
) -> schemas.MetadataField:
    """Make a field."""
    return await metadata.create_field(call, dataset_id, body["name"], body["type"])


async def rename_metadata_field(
    call: Call, *, dataset_id: str, metadata_id: str, body: schemas.MetadataFieldRename
) -> schemas.MetadataField:
    """Rename a field."""
    return await metadata.rename_field(call, dataset_id, metadata_id, body["name"])


async def delete_metadata_field(call: Call, *, dataset_id: str, metadata_id: str) -> None:
    """Delete a field."""
    await metadata.remove_field(call, dataset_id, metadata_id)


async def list_built_in_fields(call: Call, *, dataset_id: str) -> schemas.BuiltInFieldList:
    """List the fields that every document has by itself."""
    return await metadata.list_built_in(call, dataset_id)


async def set_built_in_fields(call: Call, *, dataset_id: str, action: schemas.BuiltInAction) -> schemas.Result:
    """Switch the built-in fields on or off."""
    return await metadata.set_built_in(call, dataset_id, action == "enable")


async def update_documents_metadata(
    call: Call, *, dataset_id: str, body: schemas.DocumentMetadataOperations
) -> schemas.Result:
    """Write the values of documents."""
    return await metadata.write_values(call, dataset_id, body["operation_data"])
