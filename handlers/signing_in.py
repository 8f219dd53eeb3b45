"""From an e-mail address and a password to a session, the same on the Console and the Web tier."""

from __future__ import annotations

import asyncio
import base64
import binascii
from functools import cache

from foundation.errors import ApiError
from foundation.secrets import hash_password, verify_password
from handlers.attempts import Attempts
from handlers.call import Call
from handlers.contract import schemas
from handlers.credentials.cookies import REFRESH_COOKIE, comes_by_https, session_cookies
from handlers.credentials.sessions import IssuedSession, issue_session, refresh_session
from handlers.replies import Reply
from models import account as accounts
from models.sign_in import Tier

REFUSAL = "Invalid email or password."


async def sign_in(
    call: Call, tier: Tier, email: str, password: str, app_id: str | None = None
) -> Reply[schemas.LoginResult]:
    """Check a password and begin a session.

    Args:
        call: the call.
        tier: where the session counts.
        email: whose account.
        password: as sent; newer front ends send it base64-encoded.
        app_id: the app that a session of the web tier is begun for.

    Returns:
        A `LoginResult` with the session's cookies.

    Raises:
        ApiError: `authentication_failed`, `account_banned`, `account_not_initialized` or `email_code_login_limit`.
    """
    services = call.services
    attempts = Attempts(services.redis, email, call.head.address)
    await attempts.count()
    async with services.database.system() as scope:
        found = await accounts.find_by_email(scope, email)
    right = await asyncio.to_thread(password_matches, found.password_hash if found else None, password)
    if found is None or not right:
        raise ApiError("authentication_failed", REFUSAL)
    await attempts.forget()
    if found.status in ("banned", "closed"):
        raise ApiError("account_banned", f"The account is {found.status}.")
    if found.status != "active":
        raise ApiError("account_not_initialized", "The account has not been initialised.")
    async with services.database.system() as scope:
        person = await accounts.get(scope, found.id)
        await accounts.record_login(scope, person, call.head.address or None)
        issued = await issue_session(services, scope, person.id, tier, app_id)
    return signed_in(call, tier, issued)


async def refresh(call: Call, tier: Tier, body: schemas.RefreshRequest | None) -> Reply[schemas.LoginResult]:
    """Exchange the refresh token of the body, or of the cookie, for the next pair.

    Args:
        call: the call.
        tier: where the session counts.
        body: a `RefreshRequest`, or nothing.

    Returns:
        A `LoginResult` with the session's cookies.

    Raises:
        ApiError: `unauthorized` without a token that serves.
    """
    given = (body or {}).get("refresh_token") or call.head.cookie(REFRESH_COOKIE)
    if not given:
        raise ApiError("unauthorized", "No refresh token was sent, neither in the body nor as a cookie.")
    return signed_in(call, tier, await refresh_session(call.services, tier, str(given)))


def signed_in(call: Call, tier: Tier, issued: IssuedSession) -> Reply[schemas.LoginResult]:
    """Return the answer that hands a session to its client: a `LoginResult` with the session's cookies."""
    return Reply({"result": "success", "data": tokens_of(issued)}, headers=cookies_of(call, tier, issued))


def tokens_of(issued: IssuedSession) -> schemas.LoginTokens:
    """Return a session's tokens as an answer shows them."""
    return {
        "access_token": issued.access_token,
        "refresh_token": issued.refresh_token,
        "expires_in": issued.expires_in,
    }


def cookies_of(call: Call, tier: Tier, issued: IssuedSession) -> list[tuple[str, str]]:
    """Return the `Set-Cookie` headers that hand a session to the browser of a call."""
    settings = call.services.settings
    secure = comes_by_https(call.head, settings.public_url)
    return session_cookies(issued, tier, settings.refresh_token_seconds, secure=secure)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Try a password as it is, then base64-decoded; an unknown account takes as long as a known one."""
    known = password_hash or _nobody()
    candidates = [password, *_decoded(password)]
    return any(verify_password(known, candidate) for candidate in candidates) and password_hash is not None


def _decoded(password: str) -> list[str]:
    try:
        return [base64.b64decode(password, validate=True).decode()]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return []


@cache
def _nobody() -> str:
    return hash_password("the password of nobody")
