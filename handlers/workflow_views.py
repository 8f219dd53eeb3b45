"""Runs of workflows as their readers see them: streams that can be joined at any time, and where a run stands."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator

import orjson

from handlers.authors import author_of
from handlers.call import Call
from handlers.event_views import Events, simplified, until_pause
from handlers.replies import EventStream
from models import workflow_run as runs
from models.author import Author
from models.workflow_run import WorkflowRun
from workers import workflow_endings
from workers.event_log import EntryId


def stream(call: Call, run: WorkflowRun, *, simple: bool = False) -> EventStream:
    """Answer with the events of a run that was just begun, to its end or to its first pause.

    Args:
        call: the call; with a `Last-Event-ID` header the events carry their ids.
        run: whose events.
        simple: whether they are shown to an end user, who does not see what nodes read and gave.
    """
    shown = _shown(call.services.hub.follow(run.task_id), simple)
    ids = call.head.header("last-event-id") is not None
    return EventStream(until_pause(call, run.task_id, shown), ids=ids, task_id=run.task_id)


async def follow(
    call: Call,
    app_id: str,
    run_id: str,
    author: Author | None,
    *,
    snapshot: bool = False,
    through_pauses: bool = False,
    simple: bool = False,
) -> EventStream:
    """Answer with the events of a run from the one after `Last-Event-ID` to the last.

    Args:
        call: the call.
        app_id: the app.
        run_id: the run, by its own id or its task's.
        author: whose run it must be; None admits anybody's.
        snapshot: begin with events that stand for the run as far as it has come, from its rows.
        through_pauses: go on while the run waits for a person.
        simple: whether the events are shown to an end user.

    Raises:
        ApiError: `not_found`.
    """
    async with call.services.database.reading(call.workspace_id) as scope:
        run = await runs.get(scope, app_id, run_id, author)
    after = call.head.header("last-event-id")
    if snapshot:
        events: Events = _snapshot_first(call, run)
    else:
        left = await call.services.hub.left(run.task_id, after)
        if left is None and run.status in (*runs.ENDED, "paused"):
            events = _from_rows(call, run, after, go_on=run.status == "paused")
        elif left is False:
            events = _nothing()
        else:
            events = call.services.hub.follow(run.task_id, after)
    shown = _shown(events, simple)
    seen = shown if through_pauses else until_pause(call, run.task_id, shown)
    return EventStream(seen, ids=True, task_id=run.task_id)


async def find_task(call: Call, app_id: str, task_id: str, user: str | None) -> WorkflowRun | None:
    """Return the run of a task of the caller's own that writes no message, if there is one.

    Args:
        call: the call.
        app_id: the app.
        task_id: the task.
        user: the caller's own id of the person.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        run = await runs.find(scope, app_id, task_id, await author_of(call, scope, user))
    return run if run is not None and run.message_id is None else None


def _shown(events: Events, simple: bool) -> Events:
    return simplified(events) if simple else events


async def _snapshot_first(call: Call, run: WorkflowRun) -> AsyncGenerator[tuple[str, bytes], None]:
    """Yield what the rows say, then what the log says that they did not say yet."""
    newest = await call.services.hub.newest(run.task_id)
    async with call.services.database.workspace(run.workspace_id) as scope:
        current = await runs.get(scope, run.app_id, run.id)
        told = await workflow_endings.replay(scope, current)
    for event in told:
        yield newest or "0-0", orjson.dumps(event, default=str)
    if not current.finished:
        following = call.services.hub.follow(run.task_id, newest)
        async with contextlib.aclosing(following):
            async for event_id, payload in following:
                yield event_id, payload


async def _from_rows(
    call: Call, run: WorkflowRun, after: str | None, *, go_on: bool
) -> AsyncGenerator[tuple[str, bytes], None]:
    """Yield what stands for a run whose log is gone, numbered as if a further attempt had written it.

    So a reader who comes back in the midst of these events continues there.
    """
    last = EntryId.parse(after)
    own = run.attempt + 1
    if last.attempt < own or last.sequence > 0:
        async with call.services.database.workspace(run.workspace_id) as scope:
            told = await workflow_endings.replay(scope, run, continued=last.attempt > 0)
        seen = last.sequence if last.attempt >= own else 0
        for number, event in enumerate(told, 1):
            if number > seen:
                yield str(EntryId(own, number)), orjson.dumps(event, default=str)
    if go_on:
        following = call.services.hub.follow(run.task_id)
        async with contextlib.aclosing(following):
            async for event_id, payload in following:
                yield event_id, payload


async def _nothing() -> AsyncGenerator[tuple[str, bytes], None]:
    events: tuple[tuple[str, bytes], ...] = ()
    for event in events:
        yield event
