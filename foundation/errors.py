"""The domain's one exception family.

    ApiError
    └── (none: a cause is told by its code, and `openapi/shared/errors.yaml` is the table of codes)

Engine, models and workers raise it; only the request pipeline turns a code into an HTTP status and a body.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict


class ErrorDetail(TypedDict):
    """One thing that was wrong in a request: where, which rule, and what would have been right."""

    field: str
    type: str
    message: str


class ApiError(Exception):
    """A failure that its caller can be told about.

    `code` is a row of the error table. `message` says what was wrong and what would have been right.
    `reason` is a second, additive word for the same cause, and `headers` are response headers that belong
    to the failure (`Retry-After`, `Allow`, `WWW-Authenticate`).
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        details: Sequence[ErrorDetail] | None = None,
        reason: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details: list[ErrorDetail] = list(details or ())
        self.reason = reason
        self.headers: dict[str, str] = dict(headers or {})

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def __repr__(self) -> str:
        return f"ApiError({self.code!r}, {self.message!r})"

    def __reduce__(self) -> tuple[object, ...]:
        """Lets the error cross a process border with everything it carries."""
        state = {"details": self.details, "reason": self.reason, "headers": self.headers}
        return (type(self), (self.code, self.message), state)
