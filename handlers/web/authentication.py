"""Who is visiting: passports for anybody, a sign-in for people with an account."""

from __future__ import annotations

from foundation.errors import ApiError
from handlers import signing_in
from handlers.call import Call
from handlers.contract import schemas
from handlers.credentials.cookies import comes_by_https, ended_cookies
from handlers.credentials.web import authenticate_end_user, issue_passport
from handlers.replies import Reply
from models import app as apps


async def get_passport(call: Call, *, x_app_code: str | None = None, user_id: str | None = None) -> schemas.Passport:
    """Let a visitor use the app of a code."""
    if not x_app_code:
        raise ApiError("unauthorized", "X-App-Code header is missing.")
    return {"access_token": await issue_passport(call.services, x_app_code, user_id or None)}


async def login(
    call: Call, *, body: schemas.WebLoginRequest, x_app_code: str | None = None
) -> Reply[schemas.LoginResult]:
    """Sign in, for the app that is named or for those that later calls name."""
    app_id = await _named_app(call, x_app_code or body.get("app_code"), body.get("app_id"))
    return await signing_in.sign_in(call, "web", body["email"], body["password"], app_id)


async def refresh_token(call: Call, *, body: schemas.RefreshRequest | None = None) -> Reply[schemas.LoginResult]:
    """Exchange a refresh token for the next pair of tokens."""
    return await signing_in.refresh(call, "web", body)


async def _named_app(call: Call, code: str | None, app_id: str | None) -> str | None:
    if not code and not app_id:
        return None
    async with call.services.database.system() as scope:
        found = await apps.find_by_site_code(scope, code) if code else await apps.find_anywhere(scope, app_id or "")
    if found is None:
        raise ApiError("not_found", "No app is published under this code or id.")
    return found.app.id


async def logout(call: Call) -> Reply[schemas.Result]:
    """Take the session's cookies out of the browser."""
    secure = comes_by_https(call.head, call.services.settings.public_url)
    return Reply({"result": "success"}, headers=ended_cookies("web", secure=secure))


async def get_login_status(
    call: Call, *, app_code: str | None = None, user_id: str | None = None
) -> schemas.LoginStatus:
    """Tell whether the credential that is sent is a good one."""
    try:
        caller = await authenticate_end_user(call.head, call.services)
    except ApiError:
        caller = None
    return {"logged_in": caller is not None, "app_logged_in": caller is not None}
