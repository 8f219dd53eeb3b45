"""Keeping uploaded files: checked, stored by their content, recorded with their owner."""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterator

from foundation.storage import FileStorage, StoredFile
from handlers.call import Services
from handlers.file_kinds import FileType, Kind, recognise
from handlers.replies import UploadedFile
from models import upload_file
from models.author import Author
from models.scope import Scope
from models.table import without_nul
from models.upload_file import UploadFile

LONGEST_NAME = 255


class CheckedUpload:
    """An upload whose type and size are in order and whose bytes are stored, but which has no row yet."""

    def __init__(
        self, name: str, extension: str, type: FileType, stored: StoredFile, character_count: int | None
    ) -> None:
        self.name = name
        self.extension = extension
        self.type = type
        self.stored = stored
        self.character_count = character_count

    async def record(self, scope: Scope, author: Author, app_id: str | None = None) -> UploadFile:
        """Write its row.

        Args:
            scope: the workspace.
            author: who uploaded it.
            app_id: the app it was uploaded to.
        """
        return await upload_file.create(
            scope,
            author=author,
            app_id=app_id,
            hash=self.stored.hash,
            name=self.name,
            size=self.stored.size,
            extension=self.extension,
            mime_type=self.type.media_type,
            character_count=self.character_count,
        )


async def keep(services: Services, file: UploadedFile, *, only: Kind | None = None) -> CheckedUpload:
    """Check an uploaded file and store its bytes.

    Args:
        services: the storage and the limits.
        file: the part that was uploaded.
        only: the one kind that is accepted; None accepts all.

    Raises:
        ApiError: `filename_not_exists_error`, `unsupported_file_type` or `file_too_large`.
    """
    found = await recognise(file, services.settings, only=only)
    counter = _CharacterCounter() if found.media_type.startswith("text/") else None
    chunks = counter.count(file.chunks()) if counter else file.chunks()
    stored = await services.storage.put(chunks)
    return CheckedUpload(_short_name(file.filename), file.extension, found, stored, counter.total if counter else None)


async def keep_text(storage: FileStorage, text: str) -> StoredFile:
    """Store a text as UTF-8."""

    async def chunks() -> AsyncIterator[bytes]:
        yield text.encode("utf-8", "replace")

    return await storage.put(chunks())


class _CharacterCounter:
    """Counts the characters of a text while its bytes pass."""

    def __init__(self) -> None:
        self.total = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    async def count(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            self.total += len(self._decoder.decode(chunk))
            yield chunk
        self.total += len(self._decoder.decode(b"", final=True))


def _short_name(name: str) -> str:
    """Return a file's name as it is stored: without NUL, shortened before its extension where it is too long."""
    name = without_nul(name)
    if len(name) <= LONGEST_NAME:
        return name
    head, dot, extension = name.rpartition(".")
    return f"{head[: LONGEST_NAME - len(extension) - 1]}{dot}{extension}"
