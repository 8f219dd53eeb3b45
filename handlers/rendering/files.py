"""Files as the contract shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from handlers.contract import schemas
from handlers.rendering.times import unix
from models.upload_file import UploadFile

FileLink = Callable[[str], str]
"""Returns the address of an upload."""


def render_upload(file: UploadFile) -> schemas.UploadedFile:
    """Render an `UploadedFile`."""
    return {
        "id": file.id,
        "name": file.name,
        "size": file.size,
        "extension": file.extension,
        "mime_type": file.mime_type,
        "created_by": file.end_user_id or file.account_id,
        "created_at": unix(file.created_at),
        "preview_url": None,
        "source_url": file.source_url,
        "doc_type": file.extension,
        "character_count": file.character_count,
    }


def render_message_file(file: Mapping[str, Any], link: FileLink) -> schemas.MessageFile:
    """Render a `MessageFile`.

    Args:
        file: an entry of `Message.files`, see `handlers.attachments`.
        link: returns where an uploaded file can be fetched.
    """
    upload_file_id = file.get("upload_file_id")
    return {
        "id": file["id"],
        "type": file["type"],
        "transfer_method": file["transfer_method"],
        "filename": file.get("filename") or "",
        "mime_type": file.get("mime_type"),
        "size": file.get("size"),
        "url": link(upload_file_id) if upload_file_id else file.get("url"),
        "belongs_to": file.get("belongs_to", "user"),
        "upload_file_id": upload_file_id,
    }


def render_message_files(files: Sequence[Mapping[str, Any]], link: FileLink) -> list[schemas.MessageFile]:
    """Render the files of a message; those of its inputs are shown there."""
    return [render_message_file(file, link) for file in files if "variable" not in file]


def render_inputs(inputs: Mapping[str, Any], link: FileLink) -> dict[str, Any]:
    """Render the inputs of a message, the files among them with an address that they can be fetched under."""
    return {name: _render_input(value, link) for name, value in inputs.items()}


def _render_input(value: Any, link: FileLink) -> Any:
    if isinstance(value, list):
        return [_render_input(each, link) for each in value]
    if isinstance(value, Mapping) and "transfer_method" in value and value.get("upload_file_id"):
        return {**value, "url": link(str(value["upload_file_id"]))}
    return value


def render_remote_file(file: UploadFile, url: str) -> schemas.RemoteFile:
    """Render a `RemoteFile` with an address that it can be fetched under."""
    return {
        "id": file.id,
        "name": file.name,
        "size": file.size,
        "extension": file.extension,
        "url": url,
        "mime_type": file.mime_type,
        "created_by": file.end_user_id or file.account_id,
        "created_at": unix(file.created_at),
    }
