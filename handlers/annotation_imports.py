"""Annotations from CSV files: all rows in one transaction, so that there is no half import."""

from __future__ import annotations

import asyncio

from engine.ingestion.segment_table import read_rows
from engine.ingestion.unreadable import UnreadableDocument
from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.replies import UploadedFile
from models import annotation as notes
from models import annotation_job as jobs
from models import app as apps

LARGEST_FILE = 5 * 1024 * 1024
MOST_ROWS = 10_000


async def run(call: Call, app_id: str, file: UploadedFile) -> schemas.AnnotationImport:
    """Add the rows of a CSV file to an app's annotations; their vectors are made when they are first needed.

    Raises:
        ApiError: `app_not_found`, `unsupported_file_type`, `file_too_large` or `unreadable_document`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        await apps.get(scope, app_id)
    if file.extension not in ("", "csv"):
        raise ApiError("unsupported_file_type", "Annotations are read from a CSV file; its name must end in .csv.")
    if file.size > LARGEST_FILE:
        raise ApiError("file_too_large", f"The file has {file.size} bytes; annotations may have {LARGEST_FILE}.")
    content = b"".join([chunk async for chunk in file.chunks()])
    try:
        rows = await asyncio.to_thread(read_rows, content, True)
    except UnreadableDocument as unreadable:
        raise ApiError("unreadable_document", str(unreadable)) from unreadable
    if len(rows) > MOST_ROWS:
        raise ApiError("unreadable_document", f"The file has {len(rows)} rows; one import may have {MOST_ROWS}.")
    account_id = call.account.account_id
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        await notes.create_many(scope, app.id, [(row.content, row.answer) for row in rows], account_id)
        job = await jobs.note_import(scope, app.id, account_id)
    return {"job_id": job.id, "job_status": job.status, "record_count": len(rows)}
