"""Times as callers name them: spans of minutes in their own time zone, and single moments."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from foundation.errors import ApiError
from handlers.call import Call
from models import account
from models.conversation_log import Period

FORMAT = "%Y-%m-%d %H:%M"


async def zone_of(call: Call) -> str:
    """Return the name of the caller's time zone; UTC where it is not known."""
    async with call.services.database.system() as scope:
        name = (await account.get(scope, call.account.account_id)).timezone
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


async def check_zone(call: Call, name: str) -> None:
    """Refuse a time zone that this server or its database does not know.

    Raises:
        ApiError: `invalid_param`.
    """
    async with call.services.database.system() as scope:
        if name in _zones() and await account.knows_zone(scope, name):
            return
    message = f"There is no time zone called {name!r}. Take a name of the IANA database, such as Europe/London."
    raise ApiError("invalid_param", message, details=[{"field": "timezone", "type": "time_zone", "message": message}])


@cache
def _zones() -> set[str]:
    return available_timezones()


def read_period(start: str | None, end: str | None, zone: str) -> Period:
    """Read the two ends of a span.

    Args:
        start: its first minute, `YYYY-MM-DD HH:MM`.
        end: the minute that it ends before.
        zone: the time zone that both are in.

    Raises:
        ApiError: `invalid_param` for a day that does not exist, or an end before its start.
    """
    since, until = _moment("start", start, zone), _moment("end", end, zone)
    if since is not None and until is not None and since > until:
        raise _wrong("end", "`end` must not lie before `start`.")
    return Period(since, until)


def read_moment(name: str, text: str | None) -> datetime | None:
    """Read a moment of ISO 8601 as the contract's `OptionalMoment` allows it.

    Args:
        name: of the parameter.
        text: a day, or a day and a time; without an offset it is in UTC. A leap second counts as the one before it.

    Raises:
        ApiError: `invalid_param` for a day that does not exist.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.upper().replace(":60", ":59"))
    except ValueError:
        raise _wrong(name, f"`{name}` must be a moment that exists, such as 2026-01-31T00:00:00Z.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moment(name: str, text: str | None, zone: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, FORMAT).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _wrong(name, f"`{name}` must be a minute that exists, such as 2025-01-31 09:30.") from None


def _wrong(name: str, message: str) -> ApiError:
    return ApiError("invalid_param", message, details=[{"field": name, "type": "period", "message": message}])
