"""Files that are kept for later use."""

from __future__ import annotations

from handlers import uploads
from handlers.call import Call
from handlers.contract import schemas
from handlers.file_kinds import Kind
from handlers.rendering.apps import render_system_parameters
from handlers.rendering.files import render_upload
from handlers.replies import UploadedFile
from models.author import Author

FILES_AT_ONCE = 20


async def get_upload_limits(call: Call) -> schemas.UploadLimits:
    """Show what may be uploaded."""
    return {**render_system_parameters(call.services.settings), "batch_count_limit": FILES_AT_ONCE}


async def upload_file(call: Call, *, file: UploadedFile, source: str | None = None) -> schemas.UploadedFile:
    """Check a file and keep it; files for knowledge bases must be documents."""
    only: Kind | None = "document" if source == "datasets" else None
    checked = await uploads.keep(call.services, file, only=only)
    async with call.services.database.workspace(call.workspace_id) as scope:
        kept = await checked.record(scope, Author(account_id=call.account.account_id))
    return render_upload(kept)
