"""What an app did, day by day."""

from __future__ import annotations

from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.statistics import render_costs, render_interactions, render_people
from handlers.statistics import count_days
from models import statistic


async def get_daily_messages(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.MessageStatisticList:
    """Count the messages of each day."""
    rows = await count_days(call, app_id, start, end, statistic.messages)
    return {"data": [{"date": day.isoformat(), "message_count": number} for day, number in rows]}


async def get_daily_conversations(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.ConversationStatisticList:
    """Count the conversations of each day."""
    rows = await count_days(call, app_id, start, end, statistic.conversations)
    return {"data": [{"date": day.isoformat(), "conversation_count": number} for day, number in rows]}


async def get_daily_end_users(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.EndUserStatisticList:
    """Count the people of each day."""
    rows = await count_days(call, app_id, start, end, statistic.end_users)
    return render_people(rows)


async def get_token_costs(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.CostStatisticList:
    """Sum up what each day cost."""
    rows = await count_days(call, app_id, start, end, statistic.costs)
    return render_costs(rows)


async def get_average_session_interactions(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.InteractionStatisticList:
    """Tell how long conversations are."""
    rows = await count_days(call, app_id, start, end, statistic.interactions)
    return render_interactions(rows)


async def get_user_satisfaction_rate(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.SatisfactionStatisticList:
    """Tell how content people are."""
    rows = await count_days(call, app_id, start, end, statistic.satisfaction)
    return {"data": [{"date": day.isoformat(), "rate": round(float(rate), 2)} for day, rate in rows]}


async def get_average_response_time(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.LatencyStatisticList:
    """Tell how long answers take."""
    rows = await count_days(call, app_id, start, end, statistic.latencies)
    return {"data": [{"date": day.isoformat(), "latency": round(float(mean), 4)} for day, mean in rows]}


async def get_tokens_per_second(
    call: Call, *, app_id: str, start: str | None = None, end: str | None = None
) -> schemas.SpeedStatisticList:
    """Tell how fast answers are written."""
    rows = await count_days(call, app_id, start, end, statistic.speeds)
    return {"data": [{"date": day.isoformat(), "tps": round(float(speed), 4)} for day, speed in rows]}
