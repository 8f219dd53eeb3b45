"""Runs that were begun before: found again by their task, and followed from where a reader left."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

import orjson

from foundation.errors import ApiError
from handlers import workflow_views
from handlers.authors import author_of
from handlers.call import Call
from handlers.callers import EndUserCaller
from handlers.contract import schemas
from handlers.event_views import simplified
from handlers.rendering.tasks import render_task
from handlers.replies import EventStream, Reply
from models import message as messages
from models import message_run, workflow_run_state
from models.message import Message
from workers.event_log import EntryId
from workers.message_replay import replay


async def find(call: Call, app_id: str, task_id: str, user: str | None) -> Message:
    """Return the message that a task of the caller's own writes.

    Args:
        call: the call.
        app_id: the app.
        task_id: the run's task.
        user: the caller's own id of the person.

    Raises:
        ApiError: `not_found`, also for a task of another app or person.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        message = await messages.find_by_task(scope, app_id, task_id, author)
    if message is None:
        raise ApiError("not_found", "Task Not Exists.")
    return message


async def follow(call: Call, app_id: str, task_id: str, user: str | None) -> EventStream:
    """Answer with the events of a run from the one after `Last-Event-ID` to the last.

    Raises:
        ApiError: `not_found`.
    """
    message = await find(call, app_id, task_id, user)
    if message.workflow_run_id is not None:
        return await workflow_views.follow(call, app_id, message.workflow_run_id, message.author)
    events = await events_of(call, message, call.head.header("last-event-id"))
    return EventStream(events, ids=True, task_id=task_id)


async def rejoin(call: Call, task_id: str) -> EventStream:
    """Answer the repeat of an idempotent request with the stream that the first one began.

    Args:
        call: the call, of the same caller and operation as the first.
        task_id: the run's task.
    """
    after, simple = call.head.header("last-event-id"), isinstance(call.caller, EndUserCaller)
    async with call.services.database.system() as scope:
        run = await workflow_run_state.by_task(scope, task_id)
        message = None if run else await message_run.by_task(scope, task_id)
    if run is not None:
        stream = await workflow_views.follow(call, run.app_id, run.id, None, simple=simple)
    elif message is not None:
        events = await events_of(call, message, after)
        stream = EventStream(simplified(events) if simple else events, task_id=task_id)
    else:
        raise ApiError("not_found", "The run that this request began is gone.")
    return replace(stream, ids=after is not None, headers=[("Idempotent-Replayed", "true")])


async def events_of(call: Call, message: Message, after: str | None) -> AsyncGenerator[tuple[str, bytes], None]:
    """Return the events of a message's run after one that the reader has: from its log, or from its rows.

    Args:
        call: the call.
        message: whose run, as the row is now.
        after: the id of the reader's last event.
    """
    left = await call.services.hub.left(message.task_id, after)
    if left is None and message.finished:
        return _from_rows(call, message, after)
    return _nothing() if left is False else call.services.hub.follow(message.task_id, after)


def accepted(message: Message) -> Reply[schemas.Task]:
    """Answer that a run is queued, and where its state is read."""
    return Reply(render_task(message), status=202, headers={"Location": f"/v1/tasks/{message.task_id}"})


async def _from_rows(call: Call, message: Message, after: str | None) -> AsyncGenerator[tuple[str, bytes], None]:
    """Yield what stands for a run whose log is gone, numbered as if a further attempt had written it.

    So a reader who comes back in the midst of these events continues there. Sequence 0 of that attempt is the end that
    a log was given from outside its run.
    """
    last = EntryId.parse(after)
    own = message.attempt + 1
    if last.attempt >= own and last.sequence == 0:
        return
    seen = last.sequence if last.attempt >= own else 0
    async with call.services.database.reading(message.workspace_id) as scope:
        told = await replay(scope, call.services.settings, message, continued=last.attempt > 0)
    for number, event in enumerate(told, 1):
        if number > seen:
            yield str(EntryId(own, number)), orjson.dumps(event)


async def _nothing() -> AsyncGenerator[tuple[str, bytes], None]:
    events: tuple[tuple[str, bytes], ...] = ()
    for event in events:
        yield event
