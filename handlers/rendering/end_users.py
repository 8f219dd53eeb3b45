"""People who use an app, as the contract shows them."""

from __future__ import annotations

from handlers.contract import schemas
from handlers.rendering.times import iso
from models.end_user import EndUser


def render_end_user(person: EndUser) -> schemas.EndUser:
    """Render an `EndUser`."""
    return {
        "id": person.id,
        "tenant_id": person.workspace_id,
        "app_id": person.app_id,
        "type": "service_api" if person.kind == "service_api" else "browser",
        "external_user_id": person.session_id if person.kind == "service_api" else None,
        "name": person.name,
        "is_anonymous": person.is_anonymous,
        "session_id": person.session_id,
        "created_at": iso(person.created_at),
        "updated_at": iso(person.updated_at),
    }
