"""What users ran of an app's workflow, day by day."""

from __future__ import annotations

from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.statistics import render_costs, render_interactions, render_people
from handlers.statistics import count_days
from models import workflow_statistic as statistic


async def get_workflow_daily_runs(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.RunStatisticList:
    """Count the runs of each day."""
    rows = await count_days(call, app_id, start, end, statistic.runs)
    return {"data": [{"date": day.isoformat(), "runs": number} for day, number in rows]}


async def get_workflow_daily_terminals(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.EndUserStatisticList:
    """Count the people of each day."""
    rows = await count_days(call, app_id, start, end, statistic.people)
    return render_people(rows)


async def get_workflow_token_costs(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.CostStatisticList:
    """Sum up what each day cost."""
    rows = await count_days(call, app_id, start, end, statistic.costs)
    return render_costs(rows)


async def get_workflow_average_interactions(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.InteractionStatisticList:
    """Tell how often a person runs the workflow on a day."""
    rows = await count_days(call, app_id, start, end, statistic.interactions)
    return render_interactions(rows)
