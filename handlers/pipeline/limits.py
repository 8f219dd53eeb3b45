"""Request limits and the claim of an idempotency key, in one round trip to Redis.

A window starts with its first request and ends `seconds` later. A request counts in every window of its caller,
or, where one of them is full, in none.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from foundation.errors import ApiError
from handlers.callers import Allowance
from handlers.pipeline.sending import Header

SCRIPT = """
local windows = tonumber(ARGV[1])
local full, counts, ends = 0, {}, {}
for i = 1, windows do
  counts[i] = tonumber(redis.call('GET', KEYS[i]) or '0')
  ends[i] = redis.call('PTTL', KEYS[i])
  if ends[i] < 0 then ends[i] = tonumber(ARGV[2 * i + 1]) * 1000 end
  if counts[i] >= tonumber(ARGV[2 * i]) and full == 0 then full = i end
end
if full > 0 then return {full, counts, ends, false} end
for i = 1, windows do
  counts[i] = redis.call('INCR', KEYS[i])
  if counts[i] == 1 then redis.call('PEXPIRE', KEYS[i], tonumber(ARGV[2 * i + 1]) * 1000) end
end
local claim = false
if #KEYS > windows then
  local key = KEYS[windows + 1]
  claim = redis.call('HMGET', key, 'fingerprint', 'state', 'status', 'headers', 'body')
  if not claim[1] then
    redis.call('HSET', key, 'fingerprint', ARGV[2 * windows + 2], 'state', 'running')
    redis.call('EXPIRE', key, tonumber(ARGV[2 * windows + 3]))
    claim = {}
  end
end
return {0, counts, ends, claim}
"""

log = logging.getLogger("parley.limits")


@dataclass(frozen=True, slots=True)
class Claim:
    """An idempotency key that a request wants to own."""

    key: str
    fingerprint: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Admission:
    """What Redis said: headers for the answer, and the record of an earlier request with the same key."""

    headers: list[Header]
    earlier: list[bytes | None] | None = None
    claimed: bool = False


NOTHING = Admission([])


class Limiter:
    """Counts requests and claims idempotency keys."""

    def __init__(self, redis: Redis) -> None:
        self._run = redis.register_script(SCRIPT)

    async def admit(self, allowances: Sequence[Allowance], claim: Claim | None) -> Admission:
        """Count one request.

        Args:
            allowances: the caller's windows; none means that nothing is counted.
            claim: the idempotency key of the request, if it has one.

        Returns:
            The headers of the tightest window, and what is known of the idempotency key.

        Raises:
            ApiError: `rate_limit_exceeded` when a window is full; `service_unavailable` when Redis does not answer
                and the request must not run twice. Without a key, a request passes uncounted then.
        """
        if not allowances and claim is None:
            return NOTHING
        keys = [f"rate:{a.subject}:{a.seconds}" for a in allowances]
        arguments: list[str | int] = [len(allowances)]
        for allowance in allowances:
            arguments += (allowance.limit, allowance.seconds)
        if claim is not None:
            keys.append(claim.key)
            arguments += (claim.fingerprint, claim.seconds)
        try:
            full, counts, ends, record = await self._run(keys=keys, args=arguments)
        except RedisError as error:
            if claim is not None:
                raise ApiError("service_unavailable", "The Idempotency-Key cannot be checked now. Retry.") from error
            log.warning("requests are not counted: %s", error)
            return NOTHING
        headers = _headers(allowances, counts, ends, int(full)) if allowances else []
        if full:
            raise _refusal(allowances[int(full) - 1], int(ends[int(full) - 1]), headers)
        if record is None:
            return Admission(headers)
        return Admission(headers, [_bytes(part) for part in record] or None, claimed=not record)


def _headers(allowances: Sequence[Allowance], counts: Sequence[Any], ends: Sequence[Any], full: int) -> list[Header]:
    if full:
        tightest = full - 1
    else:
        left = [a.limit - int(count) for a, count in zip(allowances, counts, strict=True)]
        tightest = min(range(len(left)), key=lambda i: (left[i], -int(ends[i])))
    remaining = 0 if full else max(allowances[tightest].limit - int(counts[tightest]), 0)
    return [
        (b"x-ratelimit-limit", b"%d" % allowances[tightest].limit),
        (b"x-ratelimit-remaining", b"%d" % remaining),
        (b"x-ratelimit-reset", b"%d" % _seconds(int(ends[tightest]))),
    ]


def _refusal(allowance: Allowance, milliseconds: int, headers: list[Header]) -> ApiError:
    wait = _seconds(milliseconds)
    message = (
        f"The limit of {allowance.limit} requests in {allowance.seconds} seconds is reached; retry in {wait} seconds."
    )
    sent = {name.decode(): value.decode() for name, value in headers}
    return ApiError("rate_limit_exceeded", message, headers={**sent, "Retry-After": str(wait)})


def _seconds(milliseconds: int) -> int:
    return max(-(-milliseconds // 1000), 1)


def _bytes(value: Any) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
