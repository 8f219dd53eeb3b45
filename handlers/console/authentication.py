"""Sessions of administrators."""

from __future__ import annotations

from handlers import signing_in
from handlers.call import Call
from handlers.contract import schemas
from handlers.credentials.cookies import comes_by_https, ended_cookies
from handlers.credentials.sessions import end_session
from handlers.replies import Reply


async def login(call: Call, *, body: schemas.LoginRequest) -> Reply[schemas.LoginResult]:
    """Sign in."""
    return await signing_in.sign_in(call, "console", body["email"], body["password"])


async def refresh_token(call: Call, *, body: schemas.RefreshRequest | None = None) -> Reply[schemas.LoginResult]:
    """Exchange a refresh token for the next pair of tokens."""
    return await signing_in.refresh(call, "console", body)


async def logout(call: Call) -> Reply[schemas.Result]:
    """End the session and take its cookies out of the browser."""
    if call.account.session_id is not None:
        await end_session(call.services, call.account.session_id)
    secure = comes_by_https(call.head, call.services.settings.public_url)
    return Reply({"result": "success"}, headers=ended_cookies("console", secure=secure))
