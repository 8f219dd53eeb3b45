"""Files that links lead to: fetched through the egress guard and kept like uploads."""

from __future__ import annotations

import re
from io import BytesIO
from mimetypes import guess_extension
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from foundation.egress import EgressTooLarge, Fetched
from foundation.errors import ApiError
from handlers.authors import author_of
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.files import render_remote_file
from handlers.replies import UploadedFile
from handlers.signed_files import signed_url
from handlers.uploads import keep

FETCH_SECONDS = 60.0
LOOK_SECONDS = 10.0
LOOKED_AT = 1024 * 1024
_RANGE = re.compile(r"bytes \d+-\d+/(\d{1,18})")
_LENGTH = re.compile(r"\d{1,18}")


async def look(call: Call, url: str) -> schemas.RemoteFileInfo:
    """Tell what a link leads to, without its content.

    Raises:
        ApiError: `egress_denied` or `remote_file_error`.
    """
    for method in ("HEAD", "GET"):
        headers = {"Range": "bytes=0-0"} if method == "GET" else {}
        try:
            answer = await call.services.egress.fetch(url, LOOKED_AT, LOOK_SECONDS, method=method, headers=headers)
        except EgressTooLarge as failed:
            raise ApiError("remote_file_error", failed.message) from failed
        if answer.status in (200, 206):
            return {"file_type": answer.content_type[:255], "file_length": _length(answer)}
    raise ApiError("remote_file_error", f"The link leads to nothing: HTTP {answer.status}.")


async def fetch(call: Call, app_id: str, url: str, user: str | None) -> schemas.RemoteFile:
    """Fetch a file and keep it for a person.

    Raises:
        ApiError: `egress_denied`, `remote_file_error`, `file_too_large` or `unsupported_file_type`.
    """
    settings = call.services.settings
    answer = await call.services.egress.fetch(url, settings.document_max_bytes, FETCH_SECONDS)
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


def _length(answer: Fetched) -> int:
    """Return how long a file is by the headers of its answer; 0 where they do not say."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    if part := _RANGE.fullmatch(headers.get("content-range", "")):
        return int(part.group(1))
    whole = headers.get("content-length", "")
    return int(whole) if _LENGTH.fullmatch(whole) else 0
