"""Files as the contract shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.rendering.times import unix
from models.upload_file import UploadFile


def render_upload(file: UploadFile) -> dict[str, Any]:
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


def render_message_file(file: Mapping[str, Any], files_url: str) -> dict[str, Any]:
    """Render a `MessageFile`.

    Args:
        file: an entry of `Message.files`, see `handlers.attachments`.
        files_url: where uploaded files can be fetched, without a slash at the end.
    """
    upload_file_id = file.get("upload_file_id")
    return {
        "id": file["id"],
        "type": file["type"],
        "transfer_method": file["transfer_method"],
        "filename": file.get("filename") or "",
        "mime_type": file.get("mime_type"),
        "size": file.get("size"),
        "url": f"{files_url}/{upload_file_id}/preview" if upload_file_id else file.get("url"),
        "belongs_to": "user",
        "upload_file_id": upload_file_id,
    }
