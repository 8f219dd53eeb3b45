"""What a moderator says of a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a question: it is answered with `answer`, or asked with other words."""

    answer: str | None = None
    query: str | None = None
    inputs: Mapping[str, Any] | None = None
