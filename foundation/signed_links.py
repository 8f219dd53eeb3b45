"""Addresses of uploads that admit whoever holds them, for a few minutes.

A signature covers the file, the moment and a nonce, as in the real system: `file-preview|<id>|<timestamp>|<nonce>`.
"""

from __future__ import annotations

import secrets
import time
from typing import Literal
from urllib.parse import urlencode

from foundation.secrets import sign
from foundation.settings import Settings

Preview = Literal["file-preview", "image-preview"]


def signed_url(settings: Settings, file_id: str, preview: Preview = "file-preview") -> str:
    """Return an address under which an upload can be fetched until `settings.file_url_seconds` have passed."""
    timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
    signature = sign(settings.secret_key, signed_text(preview, file_id, timestamp, nonce))
    query = urlencode({"timestamp": timestamp, "nonce": nonce, "sign": signature})
    return f"{settings.url}/files/{file_id}/{preview}?{query}"


def signed_text(preview: Preview, file_id: str, timestamp: str, nonce: str) -> str:
    """Return what the signature of an address covers."""
    return f"{preview}|{file_id}|{timestamp}|{nonce}"
