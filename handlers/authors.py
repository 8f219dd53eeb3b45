"""Who a call is made for: the end user behind a key, the visitor of a site, or an account."""

from __future__ import annotations

from handlers.call import Call
from handlers.callers import AccountCaller, AppKeyCaller, EndUserCaller
from models import app as apps
from models import end_user as end_users
from models.app import App, AskedApp
from models.author import Author
from models.scope import Scope


async def app_and_author(call: Call, scope: Scope, app_id: str, user: str | None) -> tuple[App | AskedApp, Author]:
    """Return the app that is asked and whom the call is made for, in one statement where both exist.

    Args:
        call: the call.
        scope: the workspace.
        app_id: the app.
        user: as `author_of` takes it.

    Raises:
        ApiError: `app_not_found`.
    """
    if not isinstance(call.caller, AppKeyCaller) or call.caller.app_id != app_id:
        return await apps.get(scope, app_id), await author_of(call, scope, user)
    app, person = await end_users.find_with_app(scope, app_id, "service_api", user or end_users.DEFAULT_SESSION)
    return app, await author_of(call, scope, user) if person is None else Author(end_user_id=person)


async def author_of(call: Call, scope: Scope, user: str | None = None) -> Author:
    """Return whom a call is made for; the first call for a person makes the end user.

    Args:
        call: the call.
        scope: the workspace.
        user: the caller's own id of the person, for calls with an app key; None and "" mean the default user.

    Raises:
        ApiError: the credential belongs to no app.
    """
    match call.caller:
        case EndUserCaller(end_user_id=end_user_id):
            return Author(end_user_id=end_user_id)
        case AccountCaller(account_id=account_id):
            return Author(account_id=account_id)
        case _:
            session_id = user or end_users.DEFAULT_SESSION
            person = await end_users.get_or_create(scope, call.app_id, "service_api", session_id)
            return Author(end_user_id=person.id)
