"""What users ran of an app's workflow, day by day in a time zone. What the editor tried is not counted."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Date, cast, distinct, func, select

from models.conversation_log import Period
from models.scope import Scope
from models.statistic import TRIED, Rows
from models.workflow_run import WorkflowRun

_PERSON = func.coalesce(WorkflowRun.end_user_id, WorkflowRun.account_id)


async def runs(scope: Scope, app_id: str, period: Period, zone: str) -> Rows:
    """Return the number of runs of each day."""
    return await _by_day(scope, app_id, period, zone, [func.count(WorkflowRun.id)])


async def people(scope: Scope, app_id: str, period: Period, zone: str) -> Rows:
    """Return the number of people of each day."""
    return await _by_day(scope, app_id, period, zone, [func.count(distinct(_PERSON))])


async def costs(scope: Scope, app_id: str, period: Period, zone: str) -> Rows:
    """Return tokens, price and currency of each day."""
    sums = [func.sum(WorkflowRun.total_tokens), func.sum(WorkflowRun.total_price), func.max(WorkflowRun.currency)]
    return await _by_day(scope, app_id, period, zone, sums)


async def interactions(scope: Scope, app_id: str, period: Period, zone: str) -> Rows:
    """Return the mean number of runs of a person on each day."""
    each = func.count(WorkflowRun.id) * 1.0 / func.nullif(func.count(distinct(_PERSON)), 0)
    return await _by_day(scope, app_id, period, zone, [func.coalesce(each, 0)])


async def _by_day(scope: Scope, app_id: str, period: Period, zone: str, values: Sequence[Any]) -> Rows:
    day = cast(func.timezone(zone, WorkflowRun.created_at), Date)
    query = (
        select(day, *values)
        .where(
            WorkflowRun.workspace_id == scope.workspace_id,
            WorkflowRun.app_id == app_id,
            WorkflowRun.invoke_from != TRIED,
            *period.holds(WorkflowRun.created_at),
        )
        .group_by(day)
        .order_by(day)
    )
    return [tuple(row) for row in await scope.session.execute(query)]
