"""APIs whose operations are tools: what a request says of one, checked, and with its secret sealed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from engine.tools.openapi import ApiDocument, read_authorisation, read_document
from foundation.secrets import Sealer
from handlers.kept_secrets import refuse_elsewhere
from handlers.rendering.tools import masked

VALUE = "api_key_value"
DEFAULT_ICON = {"content": "🔌", "background": "#E0F2FE"}
CREDENTIAL_FORM: list[dict[str, Any]] = [
    {
        "name": "auth_type",
        "type": "select",
        "required": True,
        "default": "none",
        "options": [{"value": value} for value in ("none", "api_key_header", "api_key_query")],
    },
    {"name": "api_key_header", "type": "text-input", "required": False, "default": "Authorization"},
    {
        "name": "api_key_header_prefix",
        "type": "select",
        "required": False,
        "default": "custom",
        "options": [{"value": value} for value in ("basic", "bearer", "custom")],
    },
    {"name": "api_key_query_param", "type": "text-input", "required": False, "default": "key"},
    {"name": VALUE, "type": "secret-input", "required": False, "default": ""},
]


async def read(text: str) -> ApiDocument:
    """Return what a document offers; large ones are read beside the event loop.

    Raises:
        ApiError: `invalid_param`, or `egress_denied` for a server that must not be called.
    """
    return await asyncio.to_thread(read_document, text)


def unmasked(
    sent: Mapping[str, Any] | None,
    document: ApiDocument,
    stored: Mapping[str, Any],
    kept_operations: Sequence[Any] = (),
) -> dict[str, Any]:
    """Return credentials as they were sent, with the stored secret where its mask came back.

    Args:
        sent: the credentials of a request.
        document: the API that they are for.
        stored: the credentials that are kept for it.
        kept_operations: the operations that these were entered for, as the row keeps them.

    Raises:
        ApiError: `invalid_param` where they make no sense, or where the stored secret would go to another server.
    """
    given = {key: value for key, value in (sent or {"auth_type": "none"}).items() if value is not None}
    kept = str(stored.get(VALUE) or "")
    if kept and given.get(VALUE) == masked(kept):
        before = [operation["server_url"] for operation in kept_operations]
        after = [operation.server_url for operation in document.operations]
        refuse_elsewhere(f"credentials.{VALUE}", before, after)
        given[VALUE] = kept
    read_authorisation(given)
    return given


def shown(credentials: Mapping[str, Any]) -> dict[str, Any]:
    """Return credentials with their secret masked."""
    value = str(credentials.get(VALUE) or "")
    return {**credentials, VALUE: masked(value)} if value else dict(credentials)


def columns(
    body: Mapping[str, Any], document: ApiDocument, credentials: Mapping[str, Any], sealer: Sealer
) -> dict[str, Any]:
    """Return the columns of an `ApiToolProvider` that a request and its document make."""
    return {
        "name": body["provider"].strip(),
        "icon": dict(body.get("icon") or DEFAULT_ICON),
        "description": document.description or document.title,
        "schema": body["schema"],
        "operations": [operation.as_dict() for operation in document.operations],
        "sealed": sealer.seal(dict(credentials)),
        "labels": list(body.get("labels") or []),
        "privacy_policy": body.get("privacy_policy") or "",
        "custom_disclaimer": body.get("custom_disclaimer") or "",
    }
