"""The reading side of the event log: one hub in each API process serves all its streams."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import redis.exceptions

from workers.event_log.entries import (
    FIELD,
    LAST,
    START,
    Entry,
    EntryId,
    Envelope,
    channel,
    envelope_key,
    payloads,
    read_published,
    stream_key,
    text_after,
    text_payload,
)
from workers.event_log.subscription import Subscription
from workers.rq.connection import connect_async

IDLE_SECONDS = 5.0
SETTLED_AFTER_POLLS = 2
MAX_PENDING = 256
PAGE = 500

SettledEvents = Callable[[str, bool], Awaitable[list[bytes] | None]]


class _Follower:
    """One reader of one task: what it has not taken yet, and whether it must look into the log."""

    __slots__ = ("_waiter", "behind", "pending", "polls", "touched")

    def __init__(self) -> None:
        self.pending: deque[bytes] = deque()
        self.behind = False
        self.touched = time.monotonic()
        self.polls = 0
        self._waiter: asyncio.Future[None] | None = None

    def push(self, message: bytes | None) -> None:
        if message is None:
            self.behind = True
        elif len(self.pending) >= MAX_PENDING:
            self.pending.clear()
            self.behind = True
        else:
            self.pending.append(message)
        self.touched = time.monotonic()
        if (waiter := self._waiter) is not None and not waiter.done():
            waiter.set_result(None)

    async def heard(self) -> None:
        """Wait until there is something to take or to look for."""
        while not self.pending and not self.behind:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter


class Hub:
    """Follows tasks: what their logs hold, then what is appended, without a gap or a duplicate."""

    def __init__(self, redis_url: str, settled: SettledEvents | None = None) -> None:
        """Prepare the hub; `start` connects it.

        Args:
            redis_url: where the logs are.
            settled: asked about a task that has been silent for a while: the events that end it if its row has ended
                and its log is lost, else None. Its second argument tells whether the reader has seen any event.
        """
        self._redis = connect_async(redis_url, pool_size=64)
        self._settled = settled
        self._followers: dict[bytes, set[_Follower]] = {}
        self._subscription = Subscription(redis_url, self._deliver)
        self._timer: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether Redis is there at this moment, as far as the subscription knows."""
        return self._subscription.connected

    async def start(self) -> None:
        """Connect, on the event loop that will serve the streams."""
        await self._subscription.connect()
        self._timer = asyncio.create_task(self._keep_polling())

    async def aclose(self) -> None:
        """Disconnect."""
        self._subscription.close()
        if self._timer:
            self._timer.cancel()
            await asyncio.gather(self._timer, return_exceptions=True)
        await self._redis.aclose()

    async def left(self, task_id: str, after: str | None = None) -> bool | None:
        """Tell whether a reader who has the events up to `after` has not seen the last one; None without a log."""
        newest: list[tuple[bytes, dict[bytes, bytes]]] = cast(
            "Any", await self._redis.xrevrange(stream_key(task_id), count=1)
        )
        if not newest:
            return None
        last = Entry.read(newest[0][0], newest[0][1][FIELD])
        return last.kind != LAST or EntryId.parse(after) < last.id

    async def newest(self, task_id: str) -> str | None:
        """Return the id of the newest event of a task's log; None where it has no log."""
        newest = cast("Any", await self._redis.xrevrange(stream_key(task_id), count=1))
        return str(EntryId.parse(newest[0][0])) if newest else None

    async def follow(self, task_id: str, after: str | None = None) -> AsyncGenerator[tuple[str, bytes], None]:
        """Yield a task's events from the one after `after` to the last.

        Args:
            task_id: whose events.
            after: the id of the last event that the reader has; None or no id for all.

        Yields:
            The event's id and its whole JSON, as it stands in one SSE `data:` line.
        """
        last, prefix = EntryId.parse(after), b""
        with self._listening(channel(task_id).encode()) as follower:
            pending = follower.pending
            while True:
                if not pending and not follower.behind:
                    await follower.heard()
                if prefix and len(pending) == 1 and not follower.behind:
                    text = text_after(pending[0], last)
                    if text is not None:
                        pending.clear()
                        follower.polls = 0
                        last = EntryId(last.attempt, last.sequence + 1)
                        yield str(last), text_payload(text, prefix)
                        continue
                entries, last = self._take_live(follower, last, ready=bool(prefix))
                if follower.behind:
                    prefix, missed = await self._catch_up(task_id, follower, last, prefix)
                    if missed:
                        last = missed[-1].id
                        entries += missed
                if entries:
                    follower.polls = 0
                    for event_id, payload, is_last in payloads(entries, prefix):
                        yield event_id, payload
                        if is_last:
                            return
                elif follower.polls >= SETTLED_AFTER_POLLS and self._settled:
                    follower.polls = 0
                    if (ending := await self._settled(task_id, last != START)) is not None:
                        for number, payload in enumerate(ending, 1):
                            yield str(EntryId(last.attempt + 1, number)), payload
                        return

    @contextmanager
    def _listening(self, name: bytes) -> Iterator[_Follower]:
        """Have a follower told of all that a channel brings, as long as it is wanted."""
        follower = _Follower()
        if (others := self._followers.get(name)) is None:
            others = self._followers[name] = set()
            self._subscription.subscribe(name)
        else:
            follower.push(None)
        others.add(follower)
        try:
            yield follower
        finally:
            others.discard(follower)
            if not others and self._followers.get(name) is others:
                del self._followers[name]
                self._subscription.unsubscribe(name)

    async def _catch_up(
        self, task_id: str, follower: _Follower, last: EntryId, prefix: bytes
    ) -> tuple[bytes, list[Entry]]:
        """Read what a follower missed, a page of it; nothing while Redis is away, and it stays behind."""
        follower.behind = False
        try:
            prefix, missed = await self._read(task_id, last, prefix)
        except redis.exceptions.RedisError:
            follower.behind = True
            await asyncio.sleep(0.1)
            return prefix, []
        if len(missed) == PAGE:
            follower.behind = True
        return prefix, missed

    @staticmethod
    def _take_live(follower: _Follower, last: EntryId, ready: bool) -> tuple[list[Entry], EntryId]:
        """Take the live entries that continue `last`; one that does not means that the log must be read."""
        taken: list[Entry] = []
        while follower.pending:
            entry = read_published(follower.pending.popleft())
            if entry.id <= last:
                continue
            if not ready or follower.behind or not entry.id.follows(last):
                follower.behind = True
                continue
            taken.append(entry)
            last = entry.id
        return taken, last

    async def _read(self, task_id: str, after: EntryId, prefix: bytes) -> tuple[bytes, list[Entry]]:
        pipe = self._redis.pipeline(transaction=False)
        pipe.xrange(stream_key(task_id), min=f"({after}", count=PAGE)
        pipe.get(envelope_key(task_id))
        stored, envelope = await pipe.execute()
        if not prefix and (envelope or stored):
            bare = Envelope({"task_id": task_id}, {"event": "message"})
            prefix = (Envelope.decode(envelope) if envelope else bare).text_prefix()
        return prefix, [Entry.read(entry_id, fields[FIELD]) for entry_id, fields in stored]

    def _deliver(self, name: bytes, message: bytes | None) -> None:
        for follower in self._followers.get(name, ()):
            follower.push(message)

    async def _keep_polling(self) -> None:
        """One timer for all streams: whoever hears nothing looks into the log, in case a message was lost."""
        while True:
            await asyncio.sleep(IDLE_SECONDS)
            self._subscription.ping()
            now = time.monotonic()
            for followers in self._followers.values():
                for follower in followers:
                    if now - follower.touched >= IDLE_SECONDS * 0.9:
                        follower.polls += 1
                        follower.push(None)
