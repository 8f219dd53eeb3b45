"""Identifiers. Every id is a UUID of version 7 in text form, so that ids sort by the time they were made."""

from __future__ import annotations

from uuid_utils import uuid7


def new_id() -> str:
    """Returns a new identifier: lower-case UUIDv7 text."""
    return str(uuid7())
