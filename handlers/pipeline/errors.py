"""Failures as answers: the one place that turns a code into a status, headers and the uniform body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from foundation.error_table import ErrorRow
from foundation.errors import ApiError
from handlers.call import Tier

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class RenderedError:
    """A failure, ready to be sent."""

    status: int
    code: str
    body: bytes
    headers: list[Header]


class UnknownCode(LookupError):
    """An error was raised with a code that the error table does not have."""


class Errors:
    """Renders failures by the error table."""

    def __init__(self, table: Mapping[str, ErrorRow]) -> None:
        for code in ("internal_server_error", "not_found", "invalid_param", "method_not_allowed"):
            if code not in table:
                raise ValueError(f"the error table has no row `{code}`")
        self._table = table

    def status(self, code: str) -> int:
        """Return the HTTP status of a code.

        Raises:
            UnknownCode: when the table has no such row.
        """
        if code not in self._table:
            raise UnknownCode(f"`{code}` is no row of the error table")
        return self._table[code].status

    def body(self, error: ApiError, tier: Tier | None) -> dict[str, Any]:
        """Return the uniform body of a failure; the Service tier also gets the nested `error`."""
        row = self._table[error.code]
        message = error.message or row.message
        body: dict[str, Any] = {"code": error.code, "message": message, "status": self.status(error.code)}
        if reason := error.reason or row.reason:
            body["reason"] = reason
        if error.details:
            body["details"] = error.details
            body["params"] = error.details[0]["field"]
        if tier == "service":
            body["error"] = {"type": row.type, "message": message}
        return body

    def render(self, error: ApiError, tier: Tier | None, incident: str | None = None) -> RenderedError:
        """Render a failure with the headers that its status asks for.

        Args:
            error: what happened.
            tier: where it happened; None outside the tiers.
            incident: the id under which a crash stands in the log.

        Raises:
            UnknownCode: when the table has no row for the error's code.
        """
        status = self.status(error.code)
        body = self.body(error, tier)
        if incident is not None:
            body["incident_id"] = incident
        headers = {name.lower(): value for name, value in error.headers.items()}
        if status == 401:
            headers.setdefault("www-authenticate", 'Bearer realm="api"')
        elif status in (429, 503):
            headers.setdefault("retry-after", "1")
        encoded = [(n.encode("latin-1"), v.encode("latin-1", "replace")) for n, v in headers.items()]
        return RenderedError(status, error.code, orjson.dumps(body), encoded)


def crash(incident: str) -> ApiError:
    """The error for a failure of our own, which tells nothing of the inside."""
    return ApiError(
        "internal_server_error", f"Internal server error. Quote the incident {incident} when you report it."
    )
