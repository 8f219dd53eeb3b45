"""The files of workflow runs: as values of variables, and their bytes for the nodes that need them."""

from __future__ import annotations

import asyncio
import base64
import mimetypes
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from engine.workflow import make_file
from foundation.errors import ApiError
from foundation.ids import new_id
from foundation.settings import Settings
from foundation.signed_links import signed_url
from models import upload_file as uploads
from models.upload_file import UploadFile
from models.workflow_run import WorkflowRun
from workers.process import GenerationProcess
from workers.remote_files import fetch_file

FETCH_SECONDS = 60.0
FAMILIES = ("image", "audio", "video")


def file_value(settings: Settings, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a file as the value of a variable.

    Args:
        settings: where the server is reached.
        entry: an entry as of `Message.files`.
    """
    upload_id, extension = entry.get("upload_file_id"), str(entry.get("extension") or "")
    return make_file(
        id=entry["id"],
        type=entry["type"],
        transfer_method=entry["transfer_method"],
        filename=entry.get("filename") or "",
        extension=f".{extension}" if extension and not extension.startswith(".") else extension,
        mime_type=entry.get("mime_type"),
        size=entry.get("size"),
        url=signed_url(settings, upload_id) if upload_id else entry.get("url"),
        remote_url=entry.get("url"),
        related_id=upload_id,
    )


def entry_of(file: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of a file as an entry as of `Message.files`, which `file_value` makes a value of again."""
    kept = ("id", "type", "transfer_method", "filename", "mime_type", "size")
    return {
        **{name: file.get(name) for name in kept},
        "extension": str(file.get("extension") or "").lstrip("."),
        "url": file.get("remote_url"),
        "upload_file_id": file.get("related_id"),
    }


class RunFiles:
    """The files of one run; what is fetched is kept until `close`."""

    def __init__(self, process: GenerationProcess, run: WorkflowRun) -> None:
        """Prepare the files of a run; nothing is read yet."""
        self._process = process
        self._run = run
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._fetched: dict[str, Path] = {}

    async def check(self, file: Mapping[str, Any]) -> None:
        """Make sure that a file is one of the run's.

        Raises:
            ApiError: `file_not_found`.
        """
        await self._upload(file)

    async def path(self, file: Mapping[str, Any]) -> Path:
        """Return where the bytes of a file can be read.

        Raises:
            ApiError: `file_not_found`, `remote_file_error` or `egress_denied`.
        """
        upload = await self._upload(file)
        if upload is not None:
            return self._process.storage.path(upload.hash)
        url = str(file.get("remote_url") or file.get("url") or "")
        if url not in self._fetched:
            content = await self._fetch(url)
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="run-")
            suffix = PurePosixPath(str(file.get("filename") or "")).suffix[:20]
            path = Path(self._folder.name) / f"{len(self._fetched)}{suffix}"
            await asyncio.to_thread(path.write_bytes, content)
            self._fetched[url] = path
        return self._fetched[url]

    async def picture(self, file: Mapping[str, Any]) -> str:
        """Return a picture as a `data:` address; a provider is never handed a link that it would follow.

        Raises:
            ApiError: as for `path`.
        """
        path = await self.path(file)
        content = await asyncio.to_thread(path.read_bytes)
        kind = str(file.get("mime_type") or mimetypes.guess_type(str(file.get("filename") or ""))[0] or "image/png")
        return f"data:{kind};base64,{base64.b64encode(content).decode()}"

    async def keep(self, content: bytes, name: str, mime_type: str) -> dict[str, Any]:
        """Store bytes that a node made, as an upload of whoever began the run, and return their value.

        Where a run of another app called this one, the file belongs to no app, so that the caller can use it.
        """

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        stored = await self._process.storage.put(chunks())
        extension = (PurePosixPath(name).suffix or mimetypes.guess_extension(mime_type) or "").lstrip(".").lower()
        family = mime_type.partition("/")[0]
        async with self._process.database.workspace(self._run.workspace_id) as scope:
            upload = await uploads.create(
                scope,
                author=self._run.author,
                app_id=None if self._run.within_task_id else self._run.app_id,
                hash=stored.hash,
                name=name[:255],
                size=stored.size,
                extension=extension,
                mime_type=mime_type,
            )
            await uploads.mark_used(scope, [upload.id])
        entry = {
            "id": new_id(),
            "type": family if family in FAMILIES else "document",
            "transfer_method": "local_file",
            "filename": upload.name,
            "extension": extension,
            "mime_type": mime_type,
            "size": stored.size,
            "url": None,
            "upload_file_id": upload.id,
        }
        return file_value(self._process.settings, entry)

    def close(self) -> None:
        """Delete what was fetched."""
        if self._folder is not None:
            self._folder.cleanup()

    async def _upload(self, file: Mapping[str, Any]) -> UploadFile | None:
        """Return the upload that a value stands for: of this app, of nobody's app, or passed on by a caller."""
        upload_id = file.get("related_id")
        if not upload_id:
            return None
        async with self._process.database.workspace(self._run.workspace_id) as scope:
            found = await uploads.find(scope, str(upload_id))
        passed_on = {entry.get("upload_file_id") for entry in self._run.files}
        ours = found is not None and (found.app_id in (None, self._run.app_id) or found.id in passed_on)
        if found is None or not ours or found.author != self._run.author:
            raise ApiError("file_not_found", f"File not found: {upload_id}.")
        return found

    async def _fetch(self, url: str) -> bytes:
        if not url:
            raise ApiError("file_not_found", "The file has no address and no upload.")
        limit = self._process.settings.document_max_bytes
        return await fetch_file(self._process.egress, url, limit, FETCH_SECONDS)
