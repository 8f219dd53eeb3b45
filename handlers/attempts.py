"""Attempts to sign in, counted in Redis so that passwords cannot be guessed."""

from __future__ import annotations

from redis.asyncio import Redis

from foundation.errors import ApiError
from foundation.secrets import hash_token

WINDOW_SECONDS = 900
MOST_FOR_ACCOUNT_AND_ADDRESS = 5
MOST_FOR_ACCOUNT = 100
MOST_FOR_ADDRESS = 300


class Attempts:
    """The attempts on one account, or on another password that has a name, from one address.

    An attempt is counted before the password is looked at, so that many at once gain nothing. A right password
    forgets them.
    """

    def __init__(self, redis: Redis, email: str, address: str) -> None:
        account = hash_token(email.strip().lower())
        self._redis = redis
        self._limits = {
            f"parley:sign-in:{account}:{address}": MOST_FOR_ACCOUNT_AND_ADDRESS,
            f"parley:sign-in:{account}": MOST_FOR_ACCOUNT,
            f"parley:sign-in:from:{address}": MOST_FOR_ADDRESS,
        }

    async def count(self) -> None:
        """Count one attempt.

        Raises:
            ApiError: `email_code_login_limit`, when there were too many.
        """
        async with self._redis.pipeline(transaction=True) as pipeline:
            for key in self._limits:
                pipeline.incr(key)
                pipeline.expire(key, WINDOW_SECONDS, nx=True)
                pipeline.ttl(key)
            answers = await pipeline.execute()
        counts, waits = answers[0::3], answers[2::3]
        late = [wait for made, wait, most in zip(counts, waits, self._limits.values(), strict=True) if made > most]
        if late:
            message = "Too many incorrect password attempts. Please try again later."
            raise ApiError("email_code_login_limit", message, headers={"Retry-After": str(max(1, *late))})

    async def forget(self) -> None:
        """Forget the attempts, after the right password."""
        of_account, everywhere, of_address = self._limits
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.delete(of_account, everywhere)
            pipeline.decr(of_address)
            await pipeline.execute()
