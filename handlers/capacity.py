"""How many runs may be at work at the same time, for each app and each API key."""

from __future__ import annotations

from foundation.errors import ApiError
from handlers.call import Call
from handlers.callers import AppKeyCaller
from models import message as messages
from models import workflow_run as runs
from models.app import App, AskedApp
from models.scope import Scope

RETRY_SECONDS = "5"


async def check_capacity(call: Call, scope: Scope, app: App | AskedApp) -> None:
    """Refuse one run too many of an app or of a key. What has ended does not count, however it ended.

    Raises:
        ApiError: `too_many_requests`.
    """
    if app.max_active_requests:
        await messages.lock_admission(scope, app.id)
        active = await messages.active_count(scope, app.id) + await runs.active_count(scope, app.id)
        if active >= app.max_active_requests:
            raise _busy("app", app.max_active_requests)
    caller = call.caller
    if isinstance(caller, AppKeyCaller) and caller.max_active_requests:
        await messages.lock_admission(scope, caller.key_id)
        of_key = await messages.active_count_of_key(scope, caller.key_id)
        if of_key + await runs.active_count_of_key(scope, caller.key_id) >= caller.max_active_requests:
            raise _busy("API key", caller.max_active_requests)


def has_capacity_limit(call: Call, app: App | AskedApp) -> bool:
    """Tell whether runs of an app or of the caller's key are counted."""
    caller = call.caller
    return bool(app.max_active_requests or (isinstance(caller, AppKeyCaller) and caller.max_active_requests))


def _busy(owner: str, most: int) -> ApiError:
    text = f"The {owner} has {most} requests at work, the most at the same time. Try again when one has ended."
    return ApiError("too_many_requests", text, headers={"Retry-After": RETRY_SECONDS})
