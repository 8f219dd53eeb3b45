"""The files that go with a message: what a caller named, as the message keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from foundation.egress import EgressGuard, EgressRefused
from foundation.errors import ApiError, ErrorDetail
from foundation.ids import new_id
from handlers.file_kinds import FILE_TYPES
from models import upload_file
from models.author import Author
from models.scope import Scope
from models.upload_file import UploadFile


async def attach(scope: Scope, app_id: str, author: Author, files: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Turn the `InputFile`s of a request into entries of `Message.files`.

    Each entry holds `id`, `type`, `transfer_method`, `url`, `upload_file_id`, `filename`, `extension`, `mime_type`,
    `size` and `hash`; what is not known of a link is None.

    Args:
        scope: the workspace.
        app_id: the app that is asked.
        author: who asks; uploads of others do not exist for them.
        files: the files of the request.

    Raises:
        ApiError: `file_not_found`, or `invalid_param` for a picture or a document that is none.
    """
    wanted = [file["upload_file_id"] for file in files if file["transfer_method"] == "local_file"]
    uploads = {file.id: file for file in await upload_file.get_many(scope, wanted)} if wanted else {}
    if strange := [found.id for found in uploads.values() if not _belongs(found, app_id, author)]:
        raise ApiError("file_not_found", f"File not found: {strange[0]}.")
    _check_kinds(files, uploads)
    if uploads:
        await upload_file.mark_used(scope, list(uploads))
    return [_entry(file, uploads) for file in files]


def links_of(files: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield the place and the link of each file behind a link."""
    for number, file in enumerate(files):
        if file["transfer_method"] == "remote_url":
            yield f"files[{number}].url", file["url"]


async def check_links(egress: EgressGuard, links: Iterable[tuple[str, str]]) -> None:
    """Refuse links that the server will not follow. Names are looked up, so no transaction may be open.

    Args:
        egress: the way out.
        links: where the request names each, and the link.

    Raises:
        ApiError: `egress_denied`, with an entry for each such link.
    """
    details: list[ErrorDetail] = []
    for place, link in links:
        try:
            await egress.check(link)
        except EgressRefused as refused:
            details.append({"field": place, "type": "egress", "message": refused.message})
    if details:
        raise ApiError("egress_denied", details[0]["message"], details=details)


def _check_kinds(files: Sequence[Mapping[str, Any]], uploads: Mapping[str, UploadFile]) -> None:
    for file in files:
        if file["transfer_method"] == "local_file" and file["type"] in ("image", "document"):
            upload = uploads[_canonical(file["upload_file_id"], uploads)]
            known = FILE_TYPES.get(upload.extension)
            if known is not None and known.kind != file["type"]:
                message = f"{upload.name} is of the type {known.kind}, not {file['type']}."
                raise ApiError(
                    "invalid_param", message, details=[{"field": "files", "type": "type", "message": message}]
                )


def _belongs(file: UploadFile, app_id: str, author: Author) -> bool:
    return file.app_id in (None, app_id) and file.author == author


def _entry(file: Mapping[str, Any], uploads: Mapping[str, UploadFile]) -> dict[str, Any]:
    entry = {"id": new_id(), "type": file["type"], "transfer_method": file["transfer_method"]}
    if file["transfer_method"] == "remote_url":
        name = PurePosixPath(urlsplit(file["url"]).path).name
        unknown = {"upload_file_id": None, "mime_type": None, "size": None, "hash": None}
        extension = PurePosixPath(name).suffix.lstrip(".").lower()
        return {**entry, **unknown, "url": file["url"], "filename": name[:255], "extension": extension}
    upload = uploads[_canonical(file["upload_file_id"], uploads)]
    return {
        **entry,
        "url": None,
        "upload_file_id": upload.id,
        "filename": upload.name,
        "extension": upload.extension,
        "mime_type": upload.mime_type,
        "size": upload.size,
        "hash": upload.hash,
    }


def _canonical(file_id: str, uploads: Mapping[str, UploadFile]) -> str:
    return file_id if file_id in uploads else file_id.lower()
