"""What an app did, day by day."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from handlers.call import Call
from handlers.contract import schemas
from handlers.periods import read_period, zone_of
from models import app as apps
from models import statistic
from models.conversation_log import Period
from models.scope import Scope

Counted = Callable[[Scope, str, Period, str], Awaitable[statistic.Rows]]


async def get_daily_messages(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.MessageStatisticList:
    """Count the messages of each day."""
    rows = await _rows(call, app_id, start, end, statistic.messages)
    return {"data": [{"date": day.isoformat(), "message_count": number} for day, number in rows]}


async def get_daily_conversations(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.ConversationStatisticList:
    """Count the conversations of each day."""
    rows = await _rows(call, app_id, start, end, statistic.conversations)
    return {"data": [{"date": day.isoformat(), "conversation_count": number} for day, number in rows]}


async def get_daily_end_users(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.EndUserStatisticList:
    """Count the people of each day."""
    rows = await _rows(call, app_id, start, end, statistic.end_users)
    return {"data": [{"date": day.isoformat(), "terminal_count": number} for day, number in rows]}


async def get_token_costs(
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


async def get_average_session_interactions(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.InteractionStatisticList:
    """Tell how long conversations are."""
    rows = await _rows(call, app_id, start, end, statistic.interactions)
    return {"data": [{"date": day.isoformat(), "interactions": round(float(mean), 2)} for day, mean in rows]}


async def get_user_satisfaction_rate(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.SatisfactionStatisticList:
    """Tell how content people are."""
    rows = await _rows(call, app_id, start, end, statistic.satisfaction)
    return {"data": [{"date": day.isoformat(), "rate": round(float(rate), 2)} for day, rate in rows]}


async def get_average_response_time(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.LatencyStatisticList:
    """Tell how long answers take."""
    rows = await _rows(call, app_id, start, end, statistic.latencies)
    return {"data": [{"date": day.isoformat(), "latency": round(float(mean), 4)} for day, mean in rows]}


async def get_tokens_per_second(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.SpeedStatisticList:
    """Tell how fast answers are written."""
    rows = await _rows(call, app_id, start, end, statistic.speeds)
    return {"data": [{"date": day.isoformat(), "tps": round(float(speed), 4)} for day, speed in rows]}


async def _rows(call: Call, app_id: str, start: str | None, end: str | None, count: Counted) -> statistic.Rows:
    zone = await zone_of(call)
    period = read_period(start, end, zone)
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        return await count(scope, app.id, period, zone)
