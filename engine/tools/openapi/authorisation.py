"""How an API wants to be told who calls."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from foundation.errors import ApiError

AuthType = Literal["none", "api_key_header", "api_key_query"]
Prefix = Literal["basic", "bearer", "custom", "no_prefix"]
VALUE = "api_key_value"
_OLDER = {"api_key": "api_key_header", "": "none"}


@dataclass(frozen=True, slots=True)
class Authorisation:
    """What is added to each request."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret: str = field(default="", repr=False)


def read_authorisation(credentials: Mapping[str, Any]) -> Authorisation:
    """Returns what credentials add to a request.

    Args:
        credentials: `auth_type` none, api_key_header (also api_key) or api_key_query; `api_key_value`;
            `api_key_header` (Authorization) with `api_key_header_prefix` basic, bearer or custom;
            `api_key_query_param` (key). A basic value with a colon is a name and a password, and gets encoded.

    Raises:
        ApiError: `invalid_tool_credentials`.
    """
    kind = str(credentials.get("auth_type") or "none")
    kind = _OLDER.get(kind, kind)
    if kind == "none":
        return Authorisation()
    if kind not in get_args(AuthType):
        raise ApiError("invalid_tool_credentials", f"auth_type must be one of: {', '.join(get_args(AuthType))}.")
    value = str(credentials.get(VALUE) or "").strip()
    if not value or not value.isprintable():
        raise ApiError("invalid_tool_credentials", "api_key_value is required, on one line.")
    if kind == "api_key_query":
        return Authorisation(query={str(credentials.get("api_key_query_param") or "key"): value}, secret=value)
    header = str(credentials.get("api_key_header") or "Authorization").strip()
    if not header.isascii() or not header.replace("-", "").replace("_", "").isalnum():
        raise ApiError("invalid_tool_credentials", f"{header!r} is no name of a header.")
    prefix = str(credentials.get("api_key_header_prefix") or "custom")
    if prefix not in get_args(Prefix):
        known = ", ".join(get_args(Prefix))
        raise ApiError("invalid_tool_credentials", f"api_key_header_prefix must be one of: {known}.")
    if not value.isascii():
        raise ApiError("invalid_tool_credentials", "The value of a header is plain ASCII text.")
    return Authorisation(headers={header: _prefixed(prefix, value)}, secret=value)


def _prefixed(prefix: str, value: str) -> str:
    if prefix == "bearer":
        return value if value.lower().startswith("bearer ") else f"Bearer {value}"
    if prefix == "basic":
        if value.lower().startswith("basic "):
            return value
        return f"Basic {base64.b64encode(value.encode()).decode() if ':' in value else value}"
    return value
