"""API keys as the Console shows them."""

from __future__ import annotations

from handlers.contract import schemas
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from models.api_key import ApiKey


def render_api_key(key: ApiKey, secret: str | None = None) -> schemas.ApiKey:
    """Render an `ApiKey`; `secret` is given only where it was made this moment."""
    return {
        "id": key.id,
        "type": key.kind,
        "token": secret or key.token_hint,
        "name": key.name or None,
        "permissions": trusted(key.permissions),
        "access": key.access,
        "app_id": key.app_id,
        "dataset_ids": key.dataset_ids,
        "max_active_requests": key.max_active_requests,
        "expires_at": unix(key.expires_at),
        "last_used_at": unix(key.last_used_at),
        "created_at": unix(key.created_at),
    }
