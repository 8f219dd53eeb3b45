"""The pictures of a message as its model gets them: always as bytes, never as an address.

A provider that was handed a link would follow it, and it may stand inside a network that the caller must not reach.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping, Sequence
from typing import Any

from engine.chat import Picture
from engine.providers.builtin import PROVIDER
from engine.providers.construction import entry
from engine.providers.model import ChatModel
from foundation.errors import ApiError
from models.upload_file import UploadFile
from workers.process import GenerationProcess
from workers.remote_files import fetch_file

FETCH_SECONDS = 15.0
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def sees(model: ChatModel) -> bool:
    """Tell whether a model may be given pictures: one that nothing is known of may; the built-in one quotes texts."""
    features = entry(model.provider, model.model).features
    return model.provider != PROVIDER and (features is None or "vision" in features)


async def pictures(
    process: GenerationProcess,
    files: Sequence[Mapping[str, Any]],
    uploaded: Mapping[str, UploadFile],
    detail: str = "auto",
) -> list[Picture]:
    """Return the pictures of a message as `data:` URLs, those behind links fetched through the egress guard.

    Args:
        process: the storage, the way out and the limits.
        files: the message's files.
        uploaded: those of them that were uploaded, by their id.
        detail: how closely the model looks at them.

    Raises:
        ApiError: `remote_file_error` or `egress_denied` where a link gives no picture.
    """
    found: list[Picture] = []
    for file in files:
        if file.get("type") != "image":
            continue
        stored = uploaded.get(str(file.get("upload_file_id")))
        if stored is not None:
            content = await asyncio.to_thread(process.storage.path(stored.hash).read_bytes)
            found.append(_picture(content, stored.mime_type, detail))
        elif file.get("url"):
            url, limit = str(file["url"]), process.settings.image_max_bytes
            content = await fetch_file(process.egress, url, limit, FETCH_SECONDS, "picture")
            found.append(_picture(content, _media_type(content, url), detail))
    return found


def _picture(content: bytes, media_type: str, detail: str) -> Picture:
    return Picture(f"data:{media_type};base64,{base64.b64encode(content).decode()}", detail)


def _media_type(content: bytes, url: str) -> str:
    """Return what a fetched picture is by its own bytes, whatever its server calls it."""
    for signature, media_type in SIGNATURES:
        if content.startswith(signature):
            return media_type
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    raise ApiError("remote_file_error", f"What is at {url} is no picture; PNG, JPEG, GIF and WebP are accepted.")
