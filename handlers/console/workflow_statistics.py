"""What users ran of an app's workflow, day by day."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from handlers.call import Call
from handlers.contract import schemas
from handlers.periods import read_period, zone_of
from models import app as apps
from models import workflow_statistic as statistic
from models.conversation_log import Period
from models.scope import Scope
from models.statistic import Rows

Counted = Callable[[Scope, str, Period, str], Awaitable[Rows]]


async def get_workflow_daily_runs(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.RunStatisticList:
    """Count the runs of each day."""
    rows = await _rows(call, app_id, start, end, statistic.runs)
    return {"data": [{"date": day.isoformat(), "runs": number} for day, number in rows]}


async def get_workflow_daily_terminals(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.EndUserStatisticList:
    """Count the people of each day."""
    rows = await _rows(call, app_id, start, end, statistic.people)
    return {"data": [{"date": day.isoformat(), "terminal_count": number} for day, number in rows]}


async def get_workflow_token_costs(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.CostStatisticList:
    """Sum up what each day cost."""
    rows = await _rows(call, app_id, start, end, statistic.costs)
    return {
        "data": [
            {"date": day.isoformat(), "token_count": int(tokens), "total_price": f"{price:f}", "currency": currency}
            for day, tokens, price, currency in rows
        ]
    }


async def get_workflow_average_interactions(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.InteractionStatisticList:
    """Tell how often a person runs the workflow on a day."""
    rows = await _rows(call, app_id, start, end, statistic.interactions)
    return {"data": [{"date": day.isoformat(), "interactions": round(float(mean), 2)} for day, mean in rows]}


async def _rows(call: Call, app_id: str, start: str | None, end: str | None, count: Counted) -> Rows:
    zone = await zone_of(call)
    period = read_period(start, end, zone)
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        return await count(scope, app.id, period, zone)
