"""Who a call is made for: the end user behind a key, the visitor of a site, or an account."""

from __future__ import annotations

from handlers.call import Call
from handlers.callers import AccountCaller, EndUserCaller
from models import end_user as end_users
from models.author import Author
from models.scope import Scope


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
