"""API keys as the Console shows them."""

from __future__ import annotations

from typing import Any

from handlers.rendering.times import unix
from models.api_key import ApiKey


def render_api_key(key: ApiKey, secret: str | None = None) -> dict[str, Any]:
    """Render an `ApiKey`; `secret` is given only where it was made this moment."""
    return {
        "id": key.id,
        "type": key.kind,
        "token": secret or key.token_hint,
        "name": key.name or None,
        "permissions": key.permissions,
        "access": key.access,
        "app_id": key.app_id,
        "dataset_ids": key.dataset_ids,
        "expires_at": unix(key.expires_at),
        "last_used_at": unix(key.last_used_at),
        "created_at": unix(key.created_at),
    }
