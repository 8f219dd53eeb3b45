"""The trace id of a request, and its line in the access log."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from time import perf_counter_ns
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_plus

from foundation.ids import new_id

HEADER = b"x-trace-id"
HIDDEN_NAMES = frozenset(
    ("api_key", "apikey", "access_token", "refresh_token", "token", "sign", "secret", "password", "code")
)

_VALID = re.compile(r"[a-zA-Z0-9_-]{1,128}").fullmatch

log = logging.getLogger("parley.access")


def trace_id_of(headers: Mapping[bytes, bytes], query_string: bytes) -> tuple[str, bool]:
    """Find or make a request's trace id.

    Args:
        headers: the request's headers by lower-case name.
        query_string: the query as sent.

    Returns:
        The id, and whether the request named it: `X-Trace-Id` first, then `trace_id` in the query. An id of another
        form than `[a-zA-Z0-9_-]{1,128}` is passed over.
    """
    sent = headers.get(HEADER)
    if sent is not None and _VALID(text := sent.decode("latin-1")):
        return text, True
    if b"trace_id=" in query_string:
        for name, text in parse_qsl(query_string.decode("latin-1")):
            if name == "trace_id" and _VALID(text):
                return text, True
    return new_id(), False


def trace_id_in(body: Any) -> str | None:
    """Return the trace id that a body names, or None."""
    if type(body) is dict:
        text = body.get("trace_id")
        if isinstance(text, str) and _VALID(text):
            return text
    return None


def redacted(query_string: bytes) -> str:
    """Return a query with the values of secrets hidden."""
    pairs = (pair.partition("=") for pair in query_string.decode("latin-1").split("&"))
    return "&".join(f"{name}{equals}{_shown(name, value)}" for name, equals, value in pairs)


def log_access(
    scope: Mapping[str, Any], status: int, started: int, operation: str | None, subject: str | None, trace: str
) -> None:
    """Write one line for a request that was answered; secrets in its query are hidden.

    Args:
        scope: the ASGI scope.
        status: the status sent; 499 where the client left before.
        started: `perf_counter_ns()` at the request's beginning.
        operation: the operationId, None outside the documents.
        subject: the caller, None where it is not known.
        trace: the trace id.
    """
    milliseconds = (perf_counter_ns() - started) / 1e6
    query = scope["query_string"]
    path = scope["path"] if scope["path"].isprintable() else quote(scope["path"])
    if query:
        path = f"{path}?{redacted(query)}"
    client = scope.get("client")
    facts = {
        "status": status,
        "milliseconds": round(milliseconds, 2),
        "operation": operation,
        "caller": subject,
        "address": client[0] if client else None,
        "trace": trace,
    }
    log.info("%s %s %d %.1f ms", scope["method"], path, status, milliseconds, extra=facts)


def _shown(name: str, value: str) -> str:
    return "[hidden]" if value and unquote_plus(name).strip().lower() in HIDDEN_NAMES else value
