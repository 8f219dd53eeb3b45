"""Passages from CSV files: the import is a job, and its row says how far it is."""

from __future__ import annotations

from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.datasets import acting_account, open_dataset
from handlers.document_sources import uploaded_files
from handlers.documents import open_document
from handlers.rendering.segments import render_import
from models import segment_import as imports
from models import upload_file
from workers.segment_edits import check_editable


async def start(call: Call, dataset_id: str, document_id: str, upload_file_id: str) -> schemas.SegmentImport:
    """Queue an import of the rows of an uploaded CSV file.

    Raises:
        ApiError: `not_found`, `forbidden`, `archived_document_immutable`, `file_not_found` or `unsupported_file_type`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        _, document = await open_document(call, scope, dataset_id, document_id)
    check_editable(document)
    [file] = await uploaded_files(call, [upload_file_id])
    if file.extension != "csv":
        raise ApiError("unsupported_file_type", f"Passages are read from a CSV file; {file.name} is none.")
    async with call.services.database.workspace(call.workspace_id) as scope:
        await upload_file.mark_used(scope, [file.id])
        acting = await acting_account(call, scope)
        job = await imports.create(scope, document.dataset_id, document.id, file.id, acting)
    await call.services.queues.enqueue_segment_import(call.workspace_id, job.id)
    return render_import(job)


async def get(call: Call, job_id: str) -> schemas.SegmentImport:
    """Return where an import stands.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        job = await imports.get(scope, job_id)
        await open_dataset(call, scope, job.dataset_id)
    return render_import(job)
