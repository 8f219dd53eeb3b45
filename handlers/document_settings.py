"""The settings of a document that comes as a form: the part `data`, and older parts beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merged_settings(data: Mapping[str, Any] | None, **parts: Any) -> dict[str, Any]:
    """Put the parts of a form together; where `data` and a part say the same thing, `data` wins.

    Args:
        data: the `DocumentSettings` in the part of that name.
        parts: the other parts of the form.

    Returns:
        The `DocumentSettings` that hold.
    """
    settings = {name: value for name, value in parts.items() if value not in (None, "")}
    return settings | {name: value for name, value in (data or {}).items() if value is not None}
