"""Times as the contract shows them: unix seconds."""

from __future__ import annotations

from datetime import datetime
from typing import overload


@overload
def unix(moment: datetime) -> int: ...


@overload
def unix(moment: datetime | None) -> int | None: ...


def unix(moment: datetime | None) -> int | None:
    """Return a moment as whole seconds since 1970, UTC; None stays None."""
    return int(moment.timestamp()) if moment is not None else None
