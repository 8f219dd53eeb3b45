"""Identifiers. Every id is a UUID of version 7 in text form, so that ids sort by the time they were made."""

from __future__ import annotations

from uuid import UUID

from uuid_utils import uuid7


def new_id() -> str:
    """Returns a new identifier: lower-case UUIDv7 text."""
    return str(uuid7())


def is_id(text: str) -> bool:
    """Tells whether `text` is a UUID in the canonical form of 36 characters (any version)."""
    if len(text) != 36:
        return False
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
