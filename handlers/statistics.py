"""The days that statistics are counted over, in the time zone of whoever asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from handlers.call import Call
from handlers.periods import read_period, zone_of
from models import app as apps
from models.conversation_log import Period
from models.scope import Scope
from models.statistic import Rows

Counted = Callable[[Scope, str, Period, str], Awaitable[Rows]]


async def count_days(call: Call, app_id: str, start: str | None, end: str | None, count: Counted) -> Rows:
    """Return a row for each day on which an app did something.

    Args:
        call: the call.
        app_id: the app.
        start: the beginning of the period, as the request has it.
        end: its end.
        count: what is counted: a function of `models.statistic` or `models.workflow_statistic`.

    Raises:
        ApiError: `not_found`, or `invalid_param` for a period that cannot be read.
    """
    zone = await zone_of(call)
    period = read_period(start, end, zone)
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        return await count(scope, app.id, period, zone)
