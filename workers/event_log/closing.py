"""Ending a log from outside its run: for runs that never started and runs whose worker is dead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from redis import Redis
from redis.exceptions import ResponseError

from workers.event_log.entries import EVENT, FIELD, LAST, EntryId, channel, published, stream_key
from workers.event_log.publisher import ENDED_SECONDS


def close_log(
    redis: Redis, task_id: str, attempt: int, event: dict[str, Any], before: Sequence[dict[str, Any]] = ()
) -> bool:
    """Append a task's last event under the number of the next attempt, which fences the dead one off.

    Args:
        redis: a blocking client.
        task_id: whose log.
        attempt: the attempt that is over; 0 if none ever began.
        event: the last event.
        before: events that come right before it.

    Returns:
        False if the log had ended already.
    """
    key = stream_key(task_id)
    newest = redis.xrevrange(key, count=1)
    if newest and (newest[0][1] or {}).get(FIELD, b"")[:1] == LAST:
        return False
    last = EntryId.parse(newest[0][0]) if newest else EntryId(0, 0)
    following = max(attempt, last.attempt) + 1
    pipe = redis.pipeline(transaction=False)
    for sequence, told in enumerate((*before, event)):
        entry_id = str(EntryId(following, sequence)).encode()
        value = (LAST if sequence == len(before) else EVENT) + orjson.dumps(told)
        pipe.xadd(key, {FIELD: value}, id=entry_id)
        pipe.publish(channel(task_id), published(entry_id, value))
    pipe.expire(key, ENDED_SECONDS)
    try:
        pipe.execute()
    except ResponseError:
        return False
    return True
