"""The cookies of a session and of its beginning. Scripts read only the CSRF token, which they send back in a header."""

from handlers.call import RequestHead
from handlers.credentials.sessions import IssuedSession
from models.sign_in import Tier

SESSION_COOKIES = ("session", "access_token")
REFRESH_COOKIE = "refresh_token"
CSRF_COOKIE = "csrf_token"
INIT_COOKIE = "init_validated"
_PATHS: dict[Tier, str] = {"console": "/console/api", "web": "/api"}
_CSRF_PATHS: dict[Tier, str] = {"console": "/", "web": "/api"}


def session_cookies(issued: IssuedSession, tier: Tier, refresh_seconds: int, *, secure: bool) -> list[tuple[str, str]]:
    """Return the `Set-Cookie` headers that hand a session to a browser.

    Args:
        issued: the session.
        tier: where it counts.
        refresh_seconds: how long the refresh token is valid.
        secure: whether the client came by https.
    """
    path = _PATHS[tier]
    return [
        *(_cookie(name, issued.access_token, issued.expires_in, path, secure) for name in SESSION_COOKIES),
        _cookie(REFRESH_COOKIE, issued.refresh_token, refresh_seconds, path, secure),
        _cookie(CSRF_COOKIE, issued.csrf_token, refresh_seconds, _CSRF_PATHS[tier], secure, readable=True),
    ]


def ended_cookies(tier: Tier, *, secure: bool) -> list[tuple[str, str]]:
    """Return the `Set-Cookie` headers that take a session out of a browser."""
    path = _PATHS[tier]
    return [
        *(_cookie(name, "", 0, path, secure) for name in (*SESSION_COOKIES, REFRESH_COOKIE)),
        _cookie(CSRF_COOKIE, "", 0, _CSRF_PATHS[tier], secure, readable=True),
    ]


def init_cookie(token: str, seconds: int, *, secure: bool) -> tuple[str, str]:
    """Return the `Set-Cookie` header of a browser that has given the initial password.

    Args:
        token: what says so.
        seconds: how long it is valid.
        secure: whether the client came by https.
    """
    return _cookie(INIT_COOKIE, token, seconds, _PATHS["console"], secure)


def comes_by_https(head: RequestHead, public_url: str) -> bool:
    """Tell whether cookies may be marked `Secure`."""
    return head.scheme == "https" or public_url.startswith("https://")


def _cookie(name: str, value: str, seconds: int, path: str, secure: bool, *, readable: bool = False) -> tuple[str, str]:
    parts = [f"{name}={value}", f"Path={path}", f"Max-Age={seconds}", "SameSite=Lax"]
    if not readable:
        parts.append("HttpOnly")
    if secure:
        parts.append("Secure")
    return ("Set-Cookie", "; ".join(parts))
