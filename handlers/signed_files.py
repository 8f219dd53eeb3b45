"""Files behind signed addresses: whoever holds one may fetch the file for a few minutes, without a credential."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from foundation.error_table import status_of
from foundation.errors import ApiError
from foundation.secrets import signature_matches
from foundation.settings import Settings
from foundation.signed_links import Preview, signed_text, signed_url
from handlers.call import Services
from models import upload_file as uploads

__all__ = ["PREVIEWS", "signed_file_routes", "signed_url"]

PREVIEWS: Final[tuple[Preview, ...]] = ("file-preview", "image-preview")
SHOWN: Final = (
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/pdf",
    "text/plain",
    "audio/",
    "video/",
)


def signed_file_routes(services: Services) -> list[BaseRoute]:
    """Return the routes that answer signed addresses; they stand outside the tiers."""
    return [
        Route(f"/files/{{file_id}}/{preview}", _endpoint(services, preview), methods=["GET"]) for preview in PREVIEWS
    ]


def _endpoint(services: Services, preview: Preview) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return await _send(services, request, preview)
        except ApiError as error:
            status = status_of(error.code)
            body: dict[str, Any] = {"code": error.code, "message": error.message, "status": status}
            return JSONResponse(body, status)

    return endpoint


async def _send(services: Services, request: Request, preview: Preview) -> Response:
    file_id = request.path_params["file_id"]
    _check(services.settings, request, preview, file_id)
    async with services.database.system() as scope:
        found = await uploads.find_anywhere(scope, file_id)
    if found is None:
        raise ApiError("file_not_found", "File not found.")
    shown = found.mime_type.startswith(SHOWN) and request.query_params.get("as_attachment") not in ("true", "1", "True")
    headers = {
        "Content-Length": str(found.size),
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(found.name)}",
        "Cache-Control": f"private, max-age={services.settings.file_url_seconds}",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(services.storage.open(found.hash), media_type=found.mime_type, headers=headers)


def _check(settings: Settings, request: Request, preview: Preview, file_id: str) -> None:
    given = request.query_params
    timestamp, nonce, signature = (given.get(name, "") for name in ("timestamp", "nonce", "sign"))
    expected = signed_text(preview, file_id, timestamp, nonce)
    if not signature_matches(settings.secret_key, expected, signature.rstrip("=")):
        raise ApiError("file_access_denied", "The address is not signed, or was changed. Ask for a new one.")
    age = time.time() - int(timestamp)
    if not -60 <= age <= settings.file_url_seconds:
        raise ApiError("file_access_denied", "The address has expired. Ask for a new one.")
