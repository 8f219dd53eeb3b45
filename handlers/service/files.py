"""Files that go with a question."""

from __future__ import annotations

from foundation.errors import ApiError
from handlers.authors import author_of
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.files import render_upload
from handlers.replies import FileReply, UploadedFile
from handlers.uploads import keep
from models import upload_file as uploads

SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain", "audio/", "video/")


async def upload_file(call: Call, *, file: UploadedFile, user: str | None = None) -> schemas.UploadedFile:
    """Keep a file for later messages of the same person."""
    checked = await keep(call.services, file)
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        return render_upload(await checked.record(scope, author, call.app_id))


async def preview_file(call: Call, *, file_id: str, user: str | None = None, as_attachment: bool = False) -> FileReply:
    """Send the bytes of a file that was uploaded to this app; what a browser might run is only saved, not shown."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await uploads.get(scope, file_id)
    if found.app_id != call.app_id:
        raise ApiError("file_access_denied", "Access to the requested file is denied.")
    shown = found.mime_type.startswith(SHOWN) and not as_attachment
    return FileReply(
        call.services.storage.open(found.hash),
        media_type=found.mime_type,
        filename=found.name,
        size=found.size,
        disposition="inline" if shown else "attachment",
        headers={"X-Content-Type-Options": "nosniff"},
    )
