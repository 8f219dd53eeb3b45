"""Many new documents in one request: of files, or of the lines of one JSON Lines file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from engine.ingestion.text_lines import read_text_lines
from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.document_creation import as_documents, check, create
from handlers.document_sources import Source, text_source
from handlers.replies import UploadedFile
from handlers.uploads import keep

T = TypeVar("T")

AT_ONCE = 8
"""How many contents are stored at a time."""


async def create_batch(
    call: Call,
    dataset_id: str,
    files: Sequence[UploadedFile],
    lines: UploadedFile | None,
    settings: Mapping[str, Any],
) -> schemas.CreatedDocuments:
    """Make a document of each file, or of each line of a JSON Lines file, and start their indexing.

    Args:
        call: the call.
        dataset_id: the dataset.
        files: the files; none where `lines` is given.
        lines: the JSON Lines file.
        settings: a `DocumentSettings` for all of them.

    Raises:
        ApiError: as `create_by_file` of the first file that is not in order, by its name; `no_file_uploaded` or
            `conflict` where not exactly one of the two is given; as `read_text_lines`.
    """
    if files and lines is not None:
        raise ApiError("conflict", "Send `files` or `lines`, not both.")
    if not files and lines is None:
        raise ApiError("no_file_uploaded", "Send documents as `files`, or as one JSON Lines file `lines`.")
    if settings.get("original_document_id"):
        raise ApiError("conflict", "A batch makes new documents; `original_document_id` names one that is there.")
    await check(call, dataset_id, settings)
    if lines is not None:
        lines.file.seek(0)
        texts = await asyncio.to_thread(read_text_lines, lines.file, "lines")
        sources = await _each(texts, lambda text: text_source(call, text.name, text.text))
    else:
        sources = await _each(files, lambda file: _file_source(call, file))
    return as_documents(await create(call, dataset_id, sources, settings, "api"))


async def _file_source(call: Call, file: UploadedFile) -> Source:
    try:
        upload = await keep(call.services, file, only="document")
    except ApiError as error:
        raise ApiError(error.code, f"{file.filename}: {error.message}", details=error.details) from error
    return Source(upload.name, upload)


async def _each(items: Sequence[T], make: Callable[[T], Coroutine[Any, Any, Source]]) -> list[Source]:
    """Return what is made of each item, in their order, some of them at once.

    Raises:
        ApiError: what `make` raised first; by then nothing of the others runs any more, so that their files may be
            closed.
    """
    made: list[Source] = []
    for start in range(0, len(items), AT_ONCE):
        tasks: list[asyncio.Task[Source]] = []
        try:
            async with asyncio.TaskGroup() as group:
                tasks += [group.create_task(make(item)) for item in items[start : start + AT_ONCE]]
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        made += [task.result() for task in tasks]
    return made
