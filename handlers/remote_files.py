"""Files that links lead to: fetched through the egress guard and kept like uploads."""

from __future__ import annotations

from io import BytesIO
from mimetypes import guess_extension
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from foundation.egress import EgressFailed, EgressRefused
from foundation.errors import ApiError
from handlers.authors import author_of
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.files import render_remote_file
from handlers.replies import UploadedFile
from handlers.signed_files import signed_url
from handlers.uploads import keep

FETCH_SECONDS = 60.0


async def fetch(call: Call, app_id: str, url: str, user: str | None) -> schemas.RemoteFile:
    """Fetch a file and keep it for a person.

    Raises:
        ApiError: `egress_denied`, `remote_file_error`, `file_too_large` or `unsupported_file_type`.
    """
    settings = call.services.settings
    try:
        answer = await call.services.egress.fetch(url, settings.document_max_bytes, FETCH_SECONDS)
    except EgressRefused as refused:
        raise ApiError("egress_denied", refused.message) from refused
    except EgressFailed as failed:
        raise ApiError("remote_file_error", failed.message) from failed
    if answer.status != 200:
        raise ApiError("remote_file_error", f"The file could not be fetched: HTTP {answer.status}.")
    name = unquote(PurePosixPath(urlsplit(answer.url).path).name) or "file"
    if not PurePosixPath(name).suffix:
        name += guess_extension(answer.content_type) or ""
    file = UploadedFile(name, answer.content_type, len(answer.body), BytesIO(answer.body))
    checked = await keep(call.services, file)
    async with call.services.database.workspace(call.workspace_id) as scope:
        kept = await checked.record(scope, await author_of(call, scope, user), app_id)
    return render_remote_file(kept, signed_url(settings, kept.id))
