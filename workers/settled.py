"""Ends streams whose log is lost though their row has ended, from the row."""

from __future__ import annotations

import orjson

from models import message_run
from models.database import Database
from workers.envelopes import replay
from workers.event_log.hub import SettledEvents


def settled_events(database: Database) -> SettledEvents:
    """Return what a hub asks about a task that has been silent for a while.

    Args:
        database: where the rows are.
    """

    async def settled(task_id: str, seen: bool) -> list[bytes] | None:
        async with database.system() as scope:
            message = await message_run.by_task(scope, task_id)
        if message is None or not message.finished:
            return None
        return [orjson.dumps(event) for event in replay(message, continued=seen)]

    return settled
