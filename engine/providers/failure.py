"""How a provider can fail, and what the caller is told.

ProviderFailure   inside this package: knows whether another attempt makes sense
    └─ error()    → ApiError, in words for a person, without keys
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from foundation.errors import ApiError

_RETRYABLE_STATUSES = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_QUOTA_WORDS = (
    "insufficient_quota",
    "billing",
    "exceeded your current quota",
    "credit balance",
    "quota exhausted",
)
_CONTEXT_WORDS = (
    "context_length",
    "context length",
    "context window",
    "prompt is too long",
    "too many tokens",
)
_SECRET = re.compile(
    r"(?i)(\bbearer\s+\S+|\b(?:sk|pk|rk|ak|gsk|xai|hf|app|key)[-_][A-Za-z0-9*._-]{6,}|\bAIza[A-Za-z0-9_-]{10,}"
    r"|\b(?:api[-_]?key|key|token|secret|password)\s*[=:]\s*[^\s&,;]+|://[^/@\s]+@)"
)
_LONGEST_MESSAGE = 500


class ProviderFailure(Exception):
    """One attempt at a provider that did not work.

    `kind` is auth, quota, rate_limit, model, context, request, server, connection, timeout, truncated or
    malformed.
    `retry_after` is in seconds, where the provider told it.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        retryable: bool = False,
        status: int | None = None,
        retry_after: float | None = None,
        body: str = "",
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.retryable = retryable
        self.status = status
        self.retry_after = retry_after
        self.body = body

    def error(self, provider: str, model: str) -> ApiError:
        """Returns the error that a caller sees."""
        name = f"{provider} ({model})" if model else provider
        said = self.message.rstrip(".") or f"status {self.status}"
        headers: dict[str, str] = {}
        if self.kind == "auth":
            text = f"{name} refused the credentials: {said}. Check the provider's API key."
            return ApiError("completion_request_error", text, reason="invalid_api_key")
        if self.kind == "quota":
            text = f"The quota of {name} is spent: {said}. Check the provider's plan and billing."
            return ApiError("provider_quota_exceeded", text, reason="quota_exceeded")
        if self.kind == "rate_limit":
            if self.retry_after is not None:
                headers["Retry-After"] = str(max(1, round(self.retry_after)))
            text = f"{name} limits requests: {said}. Try again later."
            return ApiError("rate_limit_error", text, headers=headers)
        if self.kind == "model":
            text = f"{name} does not serve this model: {said}. Choose another model."
            return ApiError("model_currently_not_support", text, reason="model_not_found")
        return ApiError("completion_request_error", f"{name}: {said}.", reason=_REASONS.get(self.kind))


_REASONS = {
    "context": "context_length_exceeded",
    "request": "model_request_refused",
    "server": "provider_unavailable",
    "connection": "provider_unreachable",
    "timeout": "provider_timeout",
    "truncated": "answer_truncated",
    "malformed": "provider_malformed_answer",
}


def refused(status: int, headers: Mapping[str, str], body: str, secret: str = "") -> ProviderFailure:
    """Returns what an HTTP answer outside 2xx means."""
    payload = _parse(body)
    code, said = describe(payload)
    message = redact(said or _plain(body) or f"status {status}", secret)
    known = f"{code} {said or body[:2000]}".lower()
    wait = retry_after(headers)
    if status == 402 or (status in (400, 403, 429) and any(word in known for word in _QUOTA_WORDS)):
        return ProviderFailure("quota", message, status=status, body=body)
    if status == 429:
        return ProviderFailure("rate_limit", message, retryable=True, status=429, retry_after=wait, body=body)
    if status in (401, 403) or (status == 400 and "api key not valid" in known):
        return ProviderFailure("auth", message, status=status, body=body)
    if status == 404:
        return ProviderFailure("model", message, status=status, body=body)
    if status in (400, 413, 422) and any(word in known for word in _CONTEXT_WORDS):
        return ProviderFailure("context", message, status=status, body=body)
    again = status in _RETRYABLE_STATUSES
    wish = headers.get("x-should-retry", "").lower()
    again = again if wish not in ("true", "false") else wish == "true"
    kind = "server" if status >= 500 or status in _RETRYABLE_STATUSES else "request"
    return ProviderFailure(kind, message, retryable=again, status=status, retry_after=wait, body=body)


def broke(payload: Any, secret: str = "") -> ProviderFailure:
    """Returns what an error frame within a stream means."""
    code, said = describe(payload)
    message = redact(said or "the provider reported an error without a message", secret)
    if code.isdigit() and 400 <= int(code) <= 599:
        return refused(int(code), {}, orjson.dumps(payload).decode(), secret)
    known = f"{code} {said}".lower()
    if any(word in known for word in _QUOTA_WORDS):
        return ProviderFailure("quota", message)
    if "rate_limit" in known or "rate limit" in known:
        return ProviderFailure("rate_limit", message, retryable=True)
    if any(word in known for word in _CONTEXT_WORDS):
        return ProviderFailure("context", message)
    if "authentication" in known or "invalid_api_key" in known:
        return ProviderFailure("auth", message)
    return ProviderFailure("server", message, retryable="invalid_request" not in known)


def describe(payload: Any) -> tuple[str, str]:
    """Returns the code and the message within an error body of any of the usual shapes."""
    if isinstance(payload, list) and payload:
        payload = payload[0]
    if not isinstance(payload, dict):
        return "", payload if isinstance(payload, str) else ""
    error = payload.get("error", payload)
    if isinstance(error, str):
        return str(payload.get("code") or ""), error
    if not isinstance(error, dict):
        return "", ""
    told = (source.get(name) for source in (error, payload) for name in ("message", "detail"))
    message = next(filter(None, told), "")
    code = error.get("code") or error.get("type") or error.get("status") or ""
    if isinstance(code, str) and isinstance(error.get("type"), str) and error["type"] != code:
        code = f"{code} {error['type']}"
    return str(code), message if isinstance(message, str) else orjson.dumps(message).decode()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Returns the seconds that `Retry-After` (seconds or a date) or `retry-after-ms` asks for."""
    milliseconds = headers.get("retry-after-ms")
    value = headers.get("retry-after") or headers.get("Retry-After")
    try:
        if milliseconds:
            return max(0.0, float(milliseconds) / 1000)
        if value is None:
            return None
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value or "") - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def redact(text: str, secret: str = "") -> str:
    """Returns `text` on one line, shortened, without `secret` and without what looks like a key."""
    if len(secret) >= 4:
        text = text.replace(secret, "[hidden]")
    text = _SECRET.sub("[hidden]", " ".join(text.split()))
    return text if len(text) <= _LONGEST_MESSAGE else text[: _LONGEST_MESSAGE - 1] + "…"


def _parse(body: str) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _plain(body: str) -> str:
    """Returns a body that is short text, and nothing for a page of HTML."""
    text = body.strip()
    return "" if text[:1] in ("<", "{", "[") else text
