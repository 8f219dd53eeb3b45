"""Dates and times: now, elsewhere, and which day of the week."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.tools.builtin.builtin_tool import BuiltinProvider, BuiltinTool, result, schema
from engine.tools.tool import ToolContext, ToolFailure, ToolResult, words

_FORMAT = "%Y-%m-%d %H:%M:%S"
_ZONE = {"type": "string", "description": "An IANA time zone such as Asia/Shanghai or UTC.", "default": "UTC"}
_LOCAL = {"type": "string", "description": "A local time, as YYYY-MM-DD HH:MM:SS or in ISO 8601."}


async def _current_time(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    zone = _zone(arguments.get("timezone"))
    pattern = str(arguments.get("format") or f"{_FORMAT} %Z")
    try:
        said = datetime.now(zone).strftime(pattern)
    except ValueError as error:
        raise ToolFailure(f"The format {pattern!r} is not one that strftime knows: {error}.") from error
    return result(said, {"time": said})


async def _convert(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    moment = _moment(arguments["current_time"], _zone(arguments["current_timezone"]))
    there = moment.astimezone(_zone(arguments["target_timezone"]))
    said = there.strftime(f"{_FORMAT} %Z")
    return result(said, {"time": there.isoformat()})


async def _timestamp(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    seconds = int(_moment(arguments["localtime"], _zone(arguments.get("timezone"))).timestamp())
    return result(str(seconds), {"timestamp": seconds})


async def _from_timestamp(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    try:
        moment = datetime.fromtimestamp(float(arguments["timestamp"]), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ToolFailure(f"{arguments['timestamp']!r} is not a moment in seconds since 1970.") from error
    local = moment.astimezone(_zone(arguments.get("timezone")))
    return result(local.strftime(f"{_FORMAT} %Z"), {"time": local.isoformat()})


async def _weekday(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    try:
        day = date(int(arguments["year"]), int(arguments["month"]), int(arguments["day"]))
    except (ValueError, OverflowError) as error:
        raise ToolFailure(f"There is no such day: {error}.") from error
    name = calendar.day_name[day.weekday()]
    return result(f"{day.isoformat()} is a {name}.", {"date": day.isoformat(), "weekday": name})


def _zone(name: Any) -> tzinfo:
    text = str(name or "UTC").strip()
    if text.upper() in ("UTC", "Z"):
        return UTC
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ToolFailure(f"There is no time zone {text!r}; use a name such as Europe/Berlin.") from error


def _moment(text: Any, zone: tzinfo) -> datetime:
    """Returns a time as it was given; one without an offset is local to `zone`."""
    try:
        moment = datetime.fromisoformat(str(text).strip())
    except ValueError as error:
        raise ToolFailure(f"{text!r} is not a time such as 2026-03-01 14:30:00.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


CLOCK = BuiltinProvider(
    name="time",
    label=words("Time", "时间"),
    description=words("Dates, times and time zones.", "日期、时间和时区。"),
    emoji="🕒",
    background="#E0F2FE",
    labels=("utilities",),
    tools=(
        BuiltinTool(
            "current_time",
            words("Current time", "当前时间"),
            "Tells the current date and time.",
            words("The current date and time.", "当前的日期和时间。"),
            _current_time,
            schema(
                timezone=_ZONE,
                format={"type": "string", "description": "A strftime pattern.", "default": f"{_FORMAT} %Z"},
            ),
        ),
        BuiltinTool(
            "timezone_conversion",
            words("Convert time zones", "时区转换"),
            "Converts a local time from one time zone to another.",
            words("A time in another time zone.", "把时间换算到另一个时区。"),
            _convert,
            schema(
                ("current_time", "current_timezone", "target_timezone"),
                current_time=_LOCAL,
                current_timezone={"type": "string", "description": "The IANA time zone of the given time."},
                target_timezone={"type": "string", "description": "The IANA time zone to convert to."},
            ),
        ),
        BuiltinTool(
            "localtime_to_timestamp",
            words("Time to timestamp", "本地时间转时间戳"),
            "Converts a local time to seconds since 1970.",
            words("A time as a Unix timestamp.", "把时间换算成 Unix 时间戳。"),
            _timestamp,
            schema(("localtime",), localtime=_LOCAL, timezone=_ZONE),
        ),
        BuiltinTool(
            "timestamp_to_localtime",
            words("Timestamp to time", "时间戳转本地时间"),
            "Converts seconds since 1970 to a local time.",
            words("A Unix timestamp as a time.", "把 Unix 时间戳换算成时间。"),
            _from_timestamp,
            schema(
                ("timestamp",),
                timestamp={"type": "number", "description": "Seconds since 1970-01-01 00:00 UTC."},
                timezone=_ZONE,
            ),
        ),
        BuiltinTool(
            "weekday",
            words("Day of the week", "星期几"),
            "Tells which day of the week a date is.",
            words("The day of the week of a date.", "某一天是星期几。"),
            _weekday,
            schema(
                ("year", "month", "day"),
                year={"type": "integer", "minimum": 1, "maximum": 9999},
                month={"type": "integer", "minimum": 1, "maximum": 12},
                day={"type": "integer", "minimum": 1, "maximum": 31},
            ),
        ),
    ),
)
