"""Files that go with a question."""

from __future__ import annotations

from handlers import remote_files
from handlers.authors import author_of
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.files import render_upload
from handlers.replies import UploadedFile
from handlers.uploads import keep
from handlers.web_manner import person


async def upload_file(call: Call, *, file: UploadedFile, user: str | None = None) -> schemas.UploadedFile:
    """Keep a file for later messages of the same person."""
    named = person(call, user)
    checked = await keep(call.services, file)
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, named)
        return render_upload(await checked.record(scope, author, call.app_id))


async def upload_remote_file(call: Call, *, body: schemas.RemoteFileRequest) -> schemas.RemoteFile:
    """Fetch a file and keep it for later messages of the same person."""
    return await remote_files.fetch(call, call.app_id, body["url"], person(call, body.get("user")))


async def get_remote_file(call: Call, *, url: str) -> schemas.RemoteFileInfo:
    """Tell what a link leads to."""
    return await remote_files.look(call, url)
