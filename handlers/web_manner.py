"""In which manner a call of the Web tier is answered: its credential decides.

A passport or a user's token names the person and hides what an end user need not see. An app's key is answered as on
the Service tier, where `user` names the person.
"""

from __future__ import annotations

from foundation.errors import ApiError
from handlers.call import Call
from handlers.callers import EndUserCaller
from models.message import InvokeFrom


def is_visitor(call: Call) -> bool:
    """Tell whether a visitor calls, and not a program with a key."""
    return isinstance(call.caller, EndUserCaller)


def invoke_from(call: Call) -> InvokeFrom:
    """Return by which way a run is begun."""
    return "web-app" if is_visitor(call) else "service-api"


def person(call: Call, user: str | None) -> str | None:
    """Return the caller's own id of the person; a visitor needs none.

    Raises:
        ApiError: `invalid_param` for a call with a key that names nobody.
    """
    if is_visitor(call):
        return None
    if not user:
        message = "Arg user must be provided."
        raise ApiError("invalid_param", message, details=[{"field": "user", "type": "required", "message": message}])
    return user
