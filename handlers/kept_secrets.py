"""Secrets that come back masked: they keep their stored value, but only for the server that they were entered for."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from foundation.errors import ApiError, ErrorDetail


def refuse_elsewhere(field: str, before: Iterable[str], after: Iterable[str]) -> None:
    """Let no stored secret go to another server: whoever changes where it goes has to know it.

    Args:
        field: where the masked secret stands in the request.
        before: the addresses that it was entered for.
        after: those that it would be sent to.

    Raises:
        ApiError: `invalid_param` where one of these is on another server.
    """
    if {_server(url) for url in after} <= {_server(url) for url in before}:
        return
    message = "Enter the secret again: it is for another server than before."
    raise ApiError("invalid_param", message, details=[ErrorDetail(field=field, type="masked", message=message)])


def _server(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()
