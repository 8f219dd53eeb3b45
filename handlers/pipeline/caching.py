"""HTTP caching of operations that the document marks with `x-cache`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.pipeline.sending import Header

DEFAULT_AGE = 300


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """What a client may keep: `max_age` seconds for itself, or only what it asks about again."""

    max_age: int | None

    def headers_for(self, body: bytes) -> list[Header]:
        """Return ETag and Cache-Control for a body."""
        tag = hashlib.blake2b(body, digest_size=12).hexdigest()
        control = "private, no-cache" if self.max_age is None else f"private, max-age={self.max_age}"
        return [(b"etag", b'"' + tag.encode() + b'"'), (b"cache-control", control.encode())]


def cache_policy(operation: Mapping[str, Any]) -> CachePolicy | None:
    """Read `x-cache`: `private`, `etag`, or `{etag: true, max-age: <seconds>}`; None where there is none."""
    marked = operation.get("x-cache")
    if not marked:
        return None
    if marked == "private":
        return CachePolicy(DEFAULT_AGE)
    if marked == "etag":
        return CachePolicy(None)
    if isinstance(marked, Mapping):
        return CachePolicy(marked.get("max-age"))
    raise ValueError(f"x-cache of {operation.get('operationId')} is {marked!r}; it must be `private` or `etag`")


def is_fresh(if_none_match: bytes | None, etag: bytes) -> bool:
    """Tell whether the client holds this version; weak tags compare like strong ones."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == b"*":
        return True
    return etag in {tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")}
