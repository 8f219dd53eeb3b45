"""The documents that go with a message, as text; those behind links are fetched through the egress guard."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.chat.turn import Enclosure
from engine.ingestion.extract import ExtractionLimits, extract
from engine.ingestion.unreadable import UnreadableDocument
from foundation.errors import ApiError
from models.upload_file import UploadFile
from workers.process import GenerationProcess
from workers.remote_files import fetch_file

FETCH_SECONDS = 60.0
READ_AT_ONCE = 2
LIMITS = ExtractionLimits(cpu_seconds=60, wall_seconds=90.0, output_bytes=16 * 1024 * 1024)
READ = frozenset({"document", "custom"})

_places = asyncio.Semaphore(READ_AT_ONCE)


async def enclosures(
    process: GenerationProcess, files: Sequence[Mapping[str, Any]], uploaded: Mapping[str, UploadFile]
) -> list[Enclosure]:
    """Return the texts of a message's documents.

    Args:
        process: the storage, the way out and the limits.
        files: the message's files; pictures, sounds and videos are passed over.
        uploaded: those of them that were uploaded, by their id.

    Raises:
        ApiError: `unreadable_document`, `remote_file_error` or `egress_denied`.
    """
    return [await _enclosure(process, file, uploaded) for file in files if file.get("type") in READ]


async def _enclosure(
    process: GenerationProcess, file: Mapping[str, Any], uploaded: Mapping[str, UploadFile]
) -> Enclosure:
    stored = uploaded.get(str(file.get("upload_file_id")))
    if stored is not None:
        return Enclosure(stored.name, await _text(process.storage.path(stored.hash), stored.name))
    name = str(file.get("filename") or "document")
    url = str(file.get("url") or "")
    content = await fetch_file(process.egress, url, process.settings.document_max_bytes, FETCH_SECONDS)
    with tempfile.NamedTemporaryFile(prefix="enclosure-") as kept:
        path = Path(kept.name)
        await asyncio.to_thread(path.write_bytes, content)
        return Enclosure(name, await _text(path, name))


async def _text(path: Path, name: str) -> str:
    async with _places:
        try:
            read = await extract(path, name, LIMITS)
        except UnreadableDocument as error:
            raise ApiError("unreadable_document", f"{name}: {error}") from error
    return read.text
