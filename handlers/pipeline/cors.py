"""Which other origins may call a tier from a browser, and with what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.call import Tier
from handlers.pipeline.sending import Header

SHARED_HEADERS = ("Content-Type", "Authorization", "X-App-Code", "X-Trace-Id", "Idempotency-Key", "Last-Event-ID")
EXPOSED = (
    "X-Version, X-Env, X-Trace-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, "
    "Retry-After, ETag, Location, Deprecation, Content-Disposition"
)
PREFLIGHT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class CorsRule:
    """What browsers of other origins may do; `origins` of `*` is any origin, and then never with cookies."""

    origins: frozenset[str]
    headers: tuple[str, ...]
    credentials: bool = False

    def headers_for(self, origin: str) -> list[Header]:
        """Return the headers for an answer to that origin; none where it is not allowed."""
        if "*" in self.origins:
            return [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", EXPOSED.encode())]
        if origin not in self.origins:
            return [(b"vary", b"Origin")]
        found = [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-expose-headers", EXPOSED.encode()),
            (b"vary", b"Origin"),
        ]
        if self.credentials:
            found.append((b"access-control-allow-credentials", b"true"))
        return found

    def preflight(self, origin: str, allow: str) -> list[Header]:
        """Return the headers for an OPTIONS request that asks before another one."""
        found = self.headers_for(origin)
        if any(name == b"access-control-allow-origin" for name, _ in found):
            found += [
                (b"access-control-allow-methods", allow.encode()),
                (b"access-control-allow-headers", ", ".join(self.headers).encode()),
                (b"access-control-max-age", b"%d" % PREFLIGHT_SECONDS),
            ]
        return found


def default_rules(
    console_origins: frozenset[str] = frozenset(), web_origins: frozenset[str] = frozenset()
) -> Mapping[Tier, CorsRule]:
    """Return the rules of the three tiers.

    Args:
        console_origins: other origins whose pages may use the Console API with cookies.
        web_origins: other origins whose pages may use the Web API with cookies; where there are none, every origin
            may use it with a bearer token.
    """
    browser = (*SHARED_HEADERS, "X-CSRF-Token", "X-App-Passport")
    return {
        "service": CorsRule(frozenset({"*"}), (*SHARED_HEADERS, "X-App-Id")),
        "console": CorsRule(console_origins, browser, credentials=True),
        "web": CorsRule(web_origins or frozenset({"*"}), browser, credentials=bool(web_origins)),
    }
