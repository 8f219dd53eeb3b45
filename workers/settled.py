"""Ends streams whose log is lost though their row has ended, from the row."""

from __future__ import annotations

import logging

import orjson

from foundation.settings import Settings
from models import message_run, workflow_run_state
from models.database import DATABASE_AWAY, Database
from models.scope import SystemScope
from models.workflow_run import WorkflowRun
from workers import message_replay, workflow_endings
from workers.event_log.hub import SettledEvents

log = logging.getLogger(__name__)


def settled_events(database: Database, settings: Settings) -> SettledEvents:
    """Return what a hub asks about a task that has been silent for a while.

    Args:
        database: where the rows are.
        settings: what signs the addresses of files.
    """

    async def settled(task_id: str, seen: bool) -> list[bytes] | None:
        try:
            async with database.system() as scope:
                run = await workflow_run_state.by_task(scope, task_id)
                if run is not None:
                    return await _events_of(scope, run, seen) if run.finished else None
                message = await message_run.by_task(scope, task_id)
                if message is None or not message.finished:
                    return None
                within = scope.within(message.workspace_id)
                told = await message_replay.replay(within, settings, message, continued=seen)
        except DATABASE_AWAY as error:
            log.warning("it cannot be told whether %s has ended: %s", task_id, error)
            return None
        return [orjson.dumps(event) for event in told]

    return settled


async def _events_of(scope: SystemScope, run: WorkflowRun, seen: bool) -> list[bytes]:
    told = await workflow_endings.replay(scope.within(run.workspace_id), run, continued=seen)
    return [orjson.dumps(event, default=str) for event in told]
