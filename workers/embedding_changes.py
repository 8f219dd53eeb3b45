"""The job that indexes a dataset anew after its technique or its embedding model was changed.

The old index serves until every text has its new vector; one transaction then switches over. What is done stands in
rows, so a job whose worker died goes on where it was. A long change works in turns, so that documents which were added
meanwhile need not wait for its end.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from redis import Redis
from rq.job import Job

from engine.providers.model import EmbeddingModel
from engine.retrieval.analysis import keywords
from engine.retrieval.search import embedding_name
from foundation.errors import ApiError
from models import dataset as datasets
from models import embedding_change as changes
from models import embedding_switch as vectors
from models import segment as segments
from models.database import Database
from models.embedding_change import EmbeddingChange
from models.job import claim, finish, lock
from workers import process
from workers.indexing import IndexingParts, opened
from workers.segment_writing import embed_in_time

TURN_SECONDS = 120.0
TEXTS_AT_A_TIME = 64
TEXTS_READ = 512
BROKE_OFF = "Indexing anew broke off several times; the old index still serves. Ask for the change again to go on."


def change_embedding(workspace_id: str, change_id: str) -> str:
    """Do one turn of a change; the RQ job.

    Returns:
        See `run_change`.
    """
    return asyncio.run(_job(workspace_id, change_id))


def end_failed_change(job: Job, connection: Redis, kind: type[BaseException], value: BaseException, trace: Any) -> None:
    """Let a change end as `error` when its last try has failed; RQ's callback, outside any loop."""
    if job.retries_left:
        return
    asyncio.run(_end(*job.args))


async def run_change(
    parts: IndexingParts, workspace_id: str, change_id: str, turn_seconds: float = TURN_SECONDS
) -> str:
    """Make vectors for a change, and switch over when there are all of them.

    Args:
        parts: what the job uses.
        workspace_id: the workspace.
        change_id: the change.
        turn_seconds: after how many seconds the rest is left to a later turn, which the reconciler enqueues.

    Returns:
        How it ended: `completed`, `error`, `in turns` where there is more to do, or `ended` where somebody else ended
        the change.
    """
    async with parts.database.workspace(workspace_id) as scope:
        change = await claim(scope, EmbeddingChange, change_id)
    if change is None:
        return "ended"
    turn = _Turn(parts, change, time.monotonic() + turn_seconds)
    try:
        return await turn.take()
    except ApiError as error:
        async with parts.database.workspace(workspace_id) as scope:
            await finish(scope, EmbeddingChange, change_id, error.message)
        return "error"


class _Ended(Exception):
    """Somebody else ended the change: write nothing of it."""


class _Turn:
    """One turn of a change."""

    def __init__(self, parts: IndexingParts, change: EmbeddingChange, deadline: float) -> None:
        self._parts = parts
        self._change = change
        self._deadline = deadline
        self._dimension: int | None = None

    async def take(self) -> str:
        prepare = self._write_keywords if self._change.indexing_technique == "economy" else self._embed
        while True:
            if (unfinished := await prepare()) is not None:
                return unfinished
            if (outcome := await self._switch()) is not None:
                return outcome

    async def _embed(self) -> str | None:
        """Make the vectors that are missing; return how the turn ended where they are not all there."""
        change = self._change
        model = await self._parts.embedders.embedder(change.workspace_id, change.provider, change.model)
        async with self._parts.database.workspace(change.workspace_id) as scope:
            self._dimension = await vectors.dimension(scope, change.id)
        while True:
            async with self._parts.database.workspace(change.workspace_id) as scope:
                missing = await vectors.missing_texts(scope, change, TEXTS_READ)
            if not missing.texts:
                return None
            waiting, total = list(missing.texts.items()), missing.total
            for start in range(0, len(waiting), TEXTS_AT_A_TIME):
                if time.monotonic() > self._deadline:
                    return "in turns"
                batch = dict(waiting[start : start + TEXTS_AT_A_TIME])
                made = await self._vectors(model, list(batch.values()))
                async with self._parts.database.workspace(change.workspace_id) as scope:
                    current = await lock(scope, EmbeddingChange, change.id)
                    if current is None:
                        return "ended"
                    await changes.put_aside(scope, current, dict(zip(batch, made, strict=True)), total)
                total -= len(batch)

    async def _vectors(self, model: EmbeddingModel, texts: list[str]) -> list[list[float]]:
        made = await embed_in_time(model, texts)
        for vector in made:
            self._dimension = self._dimension or len(vector)
            if len(vector) != self._dimension:
                # Asked for again, the change is to begin anew: which length is right cannot be known.
                async with self._parts.database.workspace(self._change.workspace_id) as scope:
                    await changes.drop_vectors(scope, self._change.id)
                lengths = f"{self._dimension} and {len(vector)}"
                message = f"{embedding_name(model)} returned vectors of different lengths: {lengths}."
                raise ApiError("completion_request_error", message)
        return made

    async def _write_keywords(self) -> str | None:
        """Give segments the keywords that those of an economical dataset show; return as `_embed`."""
        change, seen = self._change, set[str]()
        while True:
            async with self._parts.database.workspace(change.workspace_id) as scope:
                found = await vectors.segments_without_keywords(scope, change.dataset_id, TEXTS_READ + len(seen))
            wanting = {segment_id: content for segment_id, content in found.items() if segment_id not in seen}
            if not wanting:
                return None
            if time.monotonic() > self._deadline:
                return "in turns"
            words = await asyncio.to_thread(_keywords, wanting)
            seen |= {key for key, chosen in words.items() if not chosen}
            async with self._parts.database.workspace(change.workspace_id) as scope:
                if await lock(scope, EmbeddingChange, change.id) is None:
                    return "ended"
                await segments.set_keywords(scope, words)

    async def _switch(self) -> str | None:
        """Switch over; return None where texts came meanwhile that have no vector yet."""
        change = self._change
        try:
            async with self._parts.database.workspace(change.workspace_id) as scope:
                await changes.hold_embedding_alone(scope, change.dataset_id)
                if not await vectors.put_in_place(scope, change):
                    return None
                dataset = await datasets.lock(scope, change.dataset_id)
                current = await lock(scope, EmbeddingChange, change.id)
                if current is None:
                    raise _Ended
                await vectors.conclude(scope, current, dataset)
        except _Ended:
            return "ended"
        return "completed"


def _keywords(contents: dict[str, str]) -> dict[str, list[str]]:
    return {key: keywords(content) for key, content in contents.items()}


async def _job(workspace_id: str, change_id: str) -> str:
    async with opened(process.settings()) as parts:
        return await run_change(parts, workspace_id, change_id)


async def _end(workspace_id: str, change_id: str) -> None:
    database = Database(process.settings().database_url, pool_size=1)
    try:
        async with database.workspace(workspace_id) as scope:
            await finish(scope, EmbeddingChange, change_id, BROKE_OFF)
    finally:
        await database.close()
