"""Streams as their readers get them: let go of in time, reduced for end users, ended where a run waits for a person."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator

import orjson

from handlers.call import Call
from handlers.rendering.messages import render_metadata
from models import workflow_run as runs

Events = AsyncGenerator[tuple[str, bytes], None]

_REDUCED = (b'"message_end"', b'"node_started"', b'"node_finished"', b'"node_retry"')
_DETAILS = ("inputs", "process_data", "outputs", "error", "execution_metadata")
_PAUSED = b'"workflow_paused"'


async def simplified(events: Events) -> AsyncGenerator[tuple[str, bytes], None]:
    """Take out of a stream what an end user is not shown: costs, and what nodes read and gave."""
    async with contextlib.aclosing(events):
        async for event_id, payload in events:
            yield event_id, simplify(payload)


def simplify(payload: bytes) -> bytes:
    """Return an event's JSON without what an end user is not shown."""
    if not any(mark in payload for mark in _REDUCED):
        return payload
    event = orjson.loads(payload)
    match event.get("event"):
        case "message_end":
            event["metadata"] = render_metadata(event.get("metadata") or {}, simple=True)
        case "node_started" | "node_finished" | "node_retry":
            event["data"] |= {name: None for name in _DETAILS if name in event["data"]}
        case _:
            return payload
    return orjson.dumps(event)


async def until_pause(call: Call, task_id: str, events: Events) -> AsyncGenerator[tuple[str, bytes], None]:
    """End a stream with the pause that its run is in; a pause that is over is passed on like any other event."""
    async with contextlib.aclosing(events):
        async for event_id, payload in events:
            yield event_id, payload
            if _PAUSED in payload and orjson.loads(payload).get("event") == "workflow_paused":
                async with call.services.database.system() as scope:
                    if await runs.is_paused(scope, task_id):
                        return
