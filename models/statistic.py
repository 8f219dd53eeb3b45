"""What an app did, day by day in a time zone. What administrators tried is not counted."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Date, Numeric, cast, distinct, func, select

from models.conversation import Conversation
from models.conversation_log import Period
from models.message import Message
from models.message_feedback import MessageFeedback
from models.scope import Scope

TRIED = "debugger"
Rows = list[tuple[Any, ...]]


async def messages(scope: Scope, app_id: str, period: Period, zone: str) -> Rows:
    """Return the number of messages of each day."""
    return await _by_day(scope, app_id, period, zone, [func.count(Message.id)])


async def conversations(scope: Scope, app_id: str, period: Period, zone: str) -> Rows:
    """Return the number of conversations in which something was said on each day."""
    held = func.count(distinct(func.coalesce(Message.conversation_id, Message.id)))
    return await _by_day(scope, app_id, period, zone, [held])


async def end_users(scope: Scope, app_id: str, period: Period, zone: str) -> Rows:
    """Return the number of people of each day."""
    return await _by_day(scope, app_id, period, zone, [func.count(distinct(Message.end_user_id))])


async def costs(scope: Scope, app_id: str, period: Period, zone: str) -> Rows:
    """Return tokens, price and currency of each day."""
    tokens = func.sum(Message.message_tokens + Message.answer_tokens)
    price, currency = func.sum(Message.total_price), func.max(Message.currency)
    return await _by_day(scope, app_id, period, zone, [tokens, price, currency])


async def interactions(scope: Scope, app_id: str, period: Period, zone: str) -> Rows:
    """Return the mean number of messages in the conversations that were begun on each day."""
    day = _day(Conversation.created_at, zone)
    counted = (
        select(day.label("day"), func.count(Message.id).label("messages"))
        .join(Message, Message.conversation_id == Conversation.id)
        .where(
            Conversation.workspace_id == scope.workspace_id,
            Conversation.app_id == app_id,
            Conversation.invoke_from != TRIED,
            *period.holds(Conversation.created_at),
        )
        .group_by(Conversation.id)
        .subquery()
    )
    query = select(counted.c.day, func.avg(counted.c.messages)).group_by(counted.c.day).order_by(counted.c.day)
    return [tuple(row) for row in await scope.session.execute(query)]


async def satisfaction(scope: Scope, app_id: str, period: Period, zone: str) -> Rows:
    """Return how many of a thousand answers of each day were liked by the people who asked."""
    day = _day(Message.created_at, zone)
    liked = (MessageFeedback.rating == "like") & (MessageFeedback.source == "user")
    rate = func.count(MessageFeedback.id) * cast(1000, Numeric) / func.count(Message.id)
    query = (
        select(day, rate)
        .outerjoin(MessageFeedback, (MessageFeedback.message_id == Message.id) & liked)
        .where(*_own(scope, app_id, period))
        .group_by(day)
        .order_by(day)
    )
    return [tuple(row) for row in await scope.session.execute(query)]


async def latencies(scope: Scope, app_id: str, period: Period, zone: str) -> Rows:
    """Return the mean time of an answer of each day, in milliseconds."""
    return await _by_day(scope, app_id, period, zone, [func.avg(Message.provider_response_latency) * 1_000])


async def speeds(scope: Scope, app_id: str, period: Period, zone: str) -> Rows:
    """Return the tokens of answers by the seconds that they took, of each day."""
    seconds = func.nullif(func.sum(Message.provider_response_latency), 0)
    return await _by_day(scope, app_id, period, zone, [func.coalesce(func.sum(Message.answer_tokens) / seconds, 0)])


async def _by_day(scope: Scope, app_id: str, period: Period, zone: str, values: Sequence[Any]) -> Rows:
    day = _day(Message.created_at, zone)
    query = select(day, *values).where(*_own(scope, app_id, period)).group_by(day).order_by(day)
    return [tuple(row) for row in await scope.session.execute(query)]


def _own(scope: Scope, app_id: str, period: Period) -> list[Any]:
    return [
        Message.workspace_id == scope.workspace_id,
        Message.app_id == app_id,
        Message.invoke_from != TRIED,
        *period.holds(Message.created_at),
    ]


def _day(moment: Any, zone: str) -> Any:
    """Return the day of a column in a time zone."""
    return cast(func.timezone(zone, moment), Date)
