"""Idempotency-Key: the same key and body within a day gets the first answer again.

Only 2xx answers are kept. The repeat of a stream joins its run. Answers that hold a secret are never stored: their
repeat is refused, and so is another request under a key that is taken.
"""

from __future__ import annotations

import hashlib
import logging
import re
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from foundation.errors import ApiError
from handlers.pipeline.body import ReadBody
from handlers.pipeline.limits import Claim
from handlers.pipeline.messages import detail
from handlers.pipeline.outcome import Replay
from handlers.pipeline.sending import Header
from handlers.replies import UploadedFile

DAY = 86_400
LONGEST_RUN = 1_300
MOST_STORED = 1024 * 1024
NOT_STORED = frozenset({b"x-trace-id", b"x-ratelimit-limit", b"x-ratelimit-remaining", b"x-ratelimit-reset"})
TAKEN = "idempotency_key_in_use"

_KEY = re.compile(r"[\x21-\x7e]{1,255}").fullmatch

log = logging.getLogger("parley.idempotency")


async def make_claim(key: bytes, claimant: str, method: str, path: str, query: bytes, body: ReadBody) -> Claim:
    """Describe what a request claims.

    Args:
        key: the Idempotency-Key header.
        claimant: who calls and for what; keys of different claimants do not meet.
        method: the method.
        path: the full path.
        query: the query as sent.
        body: the body that was read.

    Raises:
        ApiError: `invalid_param` where the key is not 1 to 255 visible ASCII characters.
    """
    text = key.decode("latin-1")
    if not _KEY(text):
        message = "Header `Idempotency-Key` must be 1 to 255 visible ASCII characters."
        raise ApiError("invalid_param", message, details=[detail("Idempotency-Key", "pattern", message)])
    digest = hashlib.sha256(b"%s %s?%s\n" % (method.encode(), path.encode(), query))
    if body.form is not None:
        for name, value in sorted(body.form.values.items()):
            for item in value if isinstance(value, list) else [value]:
                digest.update(orjson.dumps(name))
                await _add(digest, item)
    elif body.present:
        await _add(digest, body.value)
    named = hashlib.sha256(f"{claimant}\n{method} {path}\n{text}".encode()).hexdigest()
    return Claim(f"idempotency:{named}", digest.hexdigest(), LONGEST_RUN)


def read_record(record: list[bytes | None], claim: Claim) -> Replay:
    """Read what an earlier request with the same key left.

    Raises:
        ApiError: `idempotency_key_in_use` where the earlier request was another one, is still running, or gave an
            answer that is not stored.
    """
    fingerprint, state, status, headers, body = record
    if fingerprint != claim.fingerprint.encode():
        raise ApiError(TAKEN, "This Idempotency-Key was used for a different request; use a new one.")
    if state == b"running":
        message = "The first request with this Idempotency-Key is still being answered; retry in a moment."
        raise ApiError(TAKEN, message, headers={"Retry-After": "1"})
    if state == b"kept":
        pairs = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in orjson.loads(headers or b"[]")]
        return Replay(status=int(status or 200), headers=pairs, body=body or b"")
    if state == b"stream":
        return Replay(task_id=(body or b"").decode())
    raise ApiError(TAKEN, "This request was answered before, and its answer is not stored. It was not run again.")


class Keeper:
    """Stores the answer of the request that owns a claim."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def keep(self, claim: Claim, status: int, headers: list[Header], body: bytes) -> None:
        """Keep a 2xx answer for a day."""
        pairs = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in headers if n not in NOT_STORED]
        if len(body) > MOST_STORED:
            await self.seal(claim)
            return
        await self._store(claim, {"state": "kept", "status": status, "headers": orjson.dumps(pairs), "body": body})

    async def keep_stream(self, claim: Claim, task_id: str) -> None:
        """Remember which run a stream shows, so that its repeat joins it."""
        await self._store(claim, {"state": "stream", "body": task_id})

    async def seal(self, claim: Claim) -> None:
        """Remember that the request was answered, and nothing of the answer."""
        await self._store(claim, {"state": "sealed"})

    async def release(self, claim: Claim) -> None:
        """Forget a claim whose request failed; it may be sent again."""
        try:
            await self._redis.delete(claim.key)
        except RedisError as error:
            log.warning("an idempotency key stays claimed until it expires: %s", error)

    async def _store(self, claim: Claim, fields: dict[str, str | int | bytes]) -> None:
        try:
            async with self._redis.pipeline(transaction=True) as batch:
                for name, value in fields.items():
                    batch.hset(claim.key, name, value)
                batch.expire(claim.key, DAY)
                await batch.execute()
        except RedisError as error:
            log.warning("an answer is not kept for its idempotency key: %s", error)


async def _add(digest: Any, value: Any) -> None:
    if isinstance(value, UploadedFile):
        digest.update(b"%d %s\n" % (value.size, value.filename.encode("utf-8", "replace")))
        async for chunk in value.chunks():
            digest.update(chunk)
    else:
        digest.update(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
