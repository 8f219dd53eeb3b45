"""The job that adds the rows of a CSV file to a document as segments.

Each batch of rows is written with the job's count in one transaction, so that the progress is what is there, and a job
whose worker died goes on where it was.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from redis import Redis
from rq.job import Job

from engine.ingestion.segment_table import Row, read_segment_table
from engine.ingestion.unreadable import UnreadableDocument
from foundation.errors import ApiError
from models import dataset as datasets
from models import document as documents
from models import upload_file as uploads
from models.database import Database
from models.job import claim, finish, lock
from models.segment_import import SegmentImport
from workers import process
from workers.indexing import IndexingParts, opened
from workers.segment_edits import Draft, SegmentEditor

BATCH = 64
BROKE_OFF = "The import broke off several times; what it had added is kept. Try again with the rows that are missing."


def import_segments(workspace_id: str, job_id: str) -> str:
    """Add the segments of a job; the RQ job.

    Returns:
        How it ended: `completed`, `error` or `not waiting`.
    """
    return asyncio.run(_job(workspace_id, job_id))


def end_failed_import(job: Job, connection: Redis, kind: type[BaseException], value: BaseException, trace: Any) -> None:
    """Let an import end as `error` when its last try has failed; RQ's callback, outside any loop."""
    if job.retries_left:
        return
    asyncio.run(_end(*job.args))


async def run_import(parts: IndexingParts, workspace_id: str, job_id: str) -> str:
    """Add what is missing of a job's segments.

    Returns:
        See `import_segments`.
    """
    async with parts.database.workspace(workspace_id) as scope:
        job = await claim(scope, SegmentImport, job_id)
    if job is None:
        return "not waiting"
    reason: str | None = None
    try:
        await _add(parts, job)
    except ApiError as error:
        reason = error.message
    async with parts.database.workspace(workspace_id) as scope:
        await finish(scope, SegmentImport, job_id, reason)
    return "error" if reason else "completed"


async def _job(workspace_id: str, job_id: str) -> str:
    async with opened(process.settings()) as parts:
        return await run_import(parts, workspace_id, job_id)


async def _add(parts: IndexingParts, job: SegmentImport) -> None:
    database = parts.database
    async with database.workspace(job.workspace_id) as scope:
        dataset = await datasets.get(scope, job.dataset_id)
        document = await documents.get(scope, job.dataset_id, job.document_id)
        file = await uploads.get(scope, job.upload_file_id)
    rows = await _read(parts.storage.path(file.hash), document.doc_form == "qa_model")
    async with database.workspace(job.workspace_id) as scope:
        if (current := await lock(scope, SegmentImport, job.id)) is None:
            return
        current.segments_total = len(rows)
        done = current.segments_done
    editor = SegmentEditor(database, parts.embedders, dataset, document, job.created_by)
    while done < len(rows):
        drafts = [Draft(row.content, row.answer or None) for row in rows[done : done + BATCH]]
        prepared = await editor.prepare(drafts)
        async with database.workspace(job.workspace_id) as scope:
            current = await lock(scope, SegmentImport, job.id)
            if current is None or current.segments_done != done:
                return
            await editor.append(scope, drafts, prepared)
            done += len(drafts)
            current.segments_done = done


async def _read(path: Path, with_answers: bool) -> list[Row]:
    if not await asyncio.to_thread(path.is_file):
        raise UnreadableDocument("The uploaded file is no longer there. Upload it again.")
    return await asyncio.to_thread(read_segment_table, path, with_answers)


async def _end(workspace_id: str, job_id: str) -> None:
    database = Database(process.settings().database_url, pool_size=1)
    try:
        async with database.workspace(workspace_id) as scope:
            await finish(scope, SegmentImport, job_id, BROKE_OFF)
    finally:
        await database.close()
