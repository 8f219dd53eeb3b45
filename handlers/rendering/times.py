"""Times as the contract shows them: unix seconds, and in a few places texts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload


@overload
def unix(moment: datetime) -> int: ...


@overload
def unix(moment: datetime | None) -> int | None: ...


def unix(moment: datetime | None) -> int | None:
    """Return a moment as whole seconds since 1970, UTC; None stays None."""
    return int(moment.timestamp()) if moment is not None else None


def iso(moment: datetime) -> str:
    """Return a moment as text (ISO 8601, UTC, whole seconds)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
