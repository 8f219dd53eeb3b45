"""The files that documents came from: uploaded beforehand, and downloaded again."""

from __future__ import annotations

import asyncio
import tempfile
import zipfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.datasets import acting_account, open_dataset
from handlers.documents import open_document
from handlers.rendering.files import render_upload
from handlers.rendering.pipelines import render_execution_log
from handlers.replies import CHUNK, FileReply, UploadedFile
from handlers.signed_files import signed_url
from handlers.uploads import keep
from models import document as documents
from models import upload_file
from models.author import Author
from models.document import Document
from models.scope import Scope
from models.upload_file import UploadFile

IN_MEMORY = 8 << 20


async def upload(call: Call, file: UploadedFile) -> schemas.UploadedFile:
    """Keep a file for later documents; it expires unless one uses it.

    Raises:
        ApiError: `filename_not_exists_error`, `unsupported_file_type` or `file_too_large`.
    """
    checked = await keep(call.services, file, only="document")
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = Author(account_id=await acting_account(call, scope))
        return render_upload(await checked.record(scope, author))


async def download_url(call: Call, dataset_id: str, document_id: str) -> schemas.SignedUrl:
    """Return an address from which a document's file can be fetched for a few minutes.

    Raises:
        ApiError: `not_found`, `forbidden` or `file_not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        _, document = await open_document(call, scope, dataset_id, document_id)
        file = await _file(scope, document)
    return {"url": f"{signed_url(call.services.settings, file.id)}&as_attachment=true"}


async def execution_log(call: Call, dataset_id: str, document_id: str) -> schemas.PipelineExecutionLog:
    """Return by which start node of the pipeline a document came in, and which file was read there.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        _, document = await open_document(call, scope, dataset_id, document_id)
        file = await upload_file.find(scope, document.upload_file_id) if document.upload_file_id else None
    return render_execution_log(file)


async def download_zip(call: Call, dataset_id: str, document_ids: Sequence[str]) -> FileReply:
    """Send the files of documents in one ZIP archive.

    Raises:
        ApiError: `not_found`, `forbidden` or `file_not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        wanted = await documents.get_all(scope, dataset.id, document_ids)
        files = [await _file(scope, document) for document in wanted]
    paths = [call.services.storage.path(file.hash) for file in files]
    archive, size = await asyncio.to_thread(_pack, list(zip(_names(files), paths, strict=True)))
    name = f"{dataset.name}.zip"
    return FileReply(_chunks(archive), "application/zip", name, size, disposition="attachment")


async def _file(scope: Scope, document: Document) -> UploadFile:
    file = await upload_file.find(scope, document.upload_file_id) if document.upload_file_id else None
    if file is None:
        raise ApiError("file_not_found", f"The file of {document.name} is no longer there.")
    return file


def _names(files: Sequence[UploadFile]) -> list[str]:
    """Return a name for each file; those that occur twice are numbered."""
    ordered: dict[str, None] = {}
    for file in files:
        plain = PurePosixPath(file.name.replace("\\", "/")).name or "document"
        name, number = plain, 1
        while name in ordered:
            number += 1
            name = f"{PurePosixPath(plain).stem} ({number}){PurePosixPath(plain).suffix}"
        ordered[name] = None
    return list(ordered)


def _pack(entries: Sequence[tuple[str, Path]]) -> tuple[BinaryIO, int]:
    archive = cast(BinaryIO, tempfile.SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 (closed when it was sent)
    try:
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, path in entries:
                packed.write(path, name)
    except FileNotFoundError:
        archive.close()
        raise ApiError("file_not_found", "The file of a document is no longer there.") from None
    size = archive.tell()
    archive.seek(0)
    return archive, size


async def _chunks(archive: BinaryIO) -> AsyncIterator[bytes]:
    try:
        while chunk := await asyncio.to_thread(archive.read, CHUNK):
            yield chunk
    finally:
        archive.close()
