"""The writing side of the event log: one for each worker process, for all its runs.

Batching adapts to the load: an idle publisher sends at once, a busy one collects while the previous pipeline is in
flight and joins neighbouring text.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
import redis.exceptions

from workers.event_log.appends import REPLIES, Appends
from workers.event_log.commands import Commands
from workers.event_log.entries import (
    EVENT,
    LAST,
    TEXT,
    EntryId,
    Envelope,
    envelope_key,
    stream_key,
)
from workers.event_log.raw_connection import pack

log = logging.getLogger(__name__)

LIVE_SECONDS = 3600
ENDED_SECONDS = 600
FULL_TEXT = 16_384


@dataclass(slots=True)
class _Run:
    """One run's log: what is appended and may have to be appended again, and what waits."""

    task_id: str
    attempt: int
    envelope: Envelope
    appends: Appends
    sent: list[bytes] = field(default_factory=list)
    waiting: list[bytes] = field(default_factory=list)
    ended: bool = False
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    def pack(self, first: int) -> tuple[bytes, int]:
        """Return the commands that append what was sent from sequence number `first` on, and how many they are."""
        packed, replies = [], 0
        if first == 1:
            packed.append(pack([("SET", envelope_key(self.task_id), self.envelope.encode(), "EX", LIVE_SECONDS)]))
            replies += 1
        for sequence in range(first, len(self.sent) + 1):
            packed.append(self.appends.pack(sequence, self.sent[sequence - 1]))
            replies += REPLIES
            if sequence == 1:
                packed.append(pack([("EXPIRE", stream_key(self.task_id), LIVE_SECONDS)]))
                replies += 1
        if self.sent and self.sent[-1][:1] == LAST:
            keys = stream_key(self.task_id), envelope_key(self.task_id)
            packed.append(pack(("EXPIRE", key, ENDED_SECONDS) for key in keys))
            replies += len(keys)
        return b"".join(packed), replies


class Publisher:
    """Appends the events of this process's runs to their logs, through restarts of Redis."""

    def __init__(self, redis_url: str, on_fenced: Callable[[str], None] | None = None) -> None:
        """Make a publisher on the running event loop.

        Args:
            redis_url: where the logs are.
            on_fenced: called with a task's id when another attempt has ended or taken over its log.
        """
        self._redis = Commands(redis_url)
        self._on_fenced = on_fenced
        self._runs: dict[str, _Run] = {}
        self._dirty: dict[str, _Run] = {}
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._keep_flushing())

    def open(self, task_id: str, attempt: int, envelope: Envelope) -> None:
        """Begin a run's log.

        Args:
            task_id: whose log.
            attempt: the row's attempt; entries of lower attempts are refused from the first append on.
            envelope: what every event of the run carries.
        """
        self._runs[task_id] = _Run(task_id, attempt, envelope, Appends(task_id, attempt))

    def text(self, task_id: str, text: str) -> None:
        """Append a piece of the answer. A run that is not open any more ignores it."""
        self._add(task_id, TEXT, text.encode("utf-8", "replace"))

    def event(self, task_id: str, event: dict[str, Any], *, last: bool = False) -> None:
        """Append an event; the last one ends the log and everything that follows it."""
        self._add(task_id, LAST if last else EVENT, orjson.dumps(event))

    async def drain(self, task_id: str, seconds: float) -> bool:
        """Wait until everything appended so far stands in the log.

        Returns:
            False if Redis was not to be had in that time; the entries are appended when it returns.
        """
        run = self._runs.get(task_id)
        if run is None:
            return True
        try:
            async with asyncio.timeout(seconds):
                await run.settled.wait()
        except TimeoutError:
            return False
        return True

    def close(self, task_id: str) -> None:
        """Forget a run whose log another attempt owns."""
        if run := self._runs.pop(task_id, None):
            self._dirty.pop(task_id, None)
            run.settled.set()

    async def aclose(self) -> None:
        """Stop appending and disconnect."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._redis.close()

    def _add(self, task_id: str, kind: bytes, data: bytes) -> None:
        run = self._runs.get(task_id)
        if run is None or run.ended:
            return
        run.ended = kind == LAST
        last = run.waiting[-1] if run.waiting else b""
        if kind == TEXT and last[:1] == TEXT and len(last) < FULL_TEXT:
            run.waiting[-1] = last + data
        else:
            run.waiting.append(kind + data)
        run.settled.clear()
        self._dirty[task_id] = run
        self._wake.set()

    async def _keep_flushing(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            batch, self._dirty = list(self._dirty.values()), {}
            parts: list[tuple[_Run, int]] = []
            for run in batch:
                parts.append((run, len(run.sent) + 1))
                run.sent += run.waiting
                run.waiting = []
            try:
                await self._append(parts)
            except (redis.exceptions.RedisError, OSError) as error:
                log.warning("redis refused to append: %s", error)
                await self._append_again()
            for run in batch:
                if not run.waiting:
                    run.settled.set()
                    if run.ended:
                        self._runs.pop(run.task_id, None)

    async def _append(self, parts: Iterable[tuple[_Run, int]]) -> None:
        packed: list[bytes] = []
        owners: list[_Run] = []
        for run, first in parts:
            commands, replies = run.pack(first)
            packed.append(commands)
            owners += [run] * replies
        for run, reply in zip(owners, await self._redis.execute(b"".join(packed), len(owners)), strict=True):
            if not isinstance(reply, Exception):
                continue
            if not isinstance(reply, redis.exceptions.ResponseError) or "equal or smaller" not in str(reply):
                raise reply
            self._fence(run)

    async def _append_again(self) -> None:
        """Redis was away or full: append whatever each live log misses. Ids keep that from duplicating."""
        pause = 0.1
        while True:
            try:
                for run in list(self._runs.values()):
                    newest = await self._newest(run.task_id)
                    have = EntryId.parse(newest[0][0]) if newest else EntryId(run.attempt, 0)
                    if have.attempt > run.attempt:
                        self._fence(run)
                    elif run.sent:
                        first = have.sequence + 1 if have.attempt == run.attempt else 1
                        await self._append([(run, first)])
                return
            except (redis.exceptions.RedisError, OSError):
                await asyncio.sleep(pause)
                pause = min(pause * 2, 1.0)

    async def _newest(self, task_id: str) -> list[list[Any]]:
        """Return the last entry of a log, in a list; an empty one where there is no log."""
        [reply] = await self._redis.execute(pack([("XREVRANGE", stream_key(task_id), "+", "-", "COUNT", 1)]), 1)
        if isinstance(reply, Exception):
            raise reply
        return list(reply)

    def _fence(self, run: _Run) -> None:
        if self._runs.get(run.task_id) is not run:
            return
        self.close(run.task_id)
        if self._on_fenced:
            self._on_fenced(run.task_id)
