"""Attempts to sign in, counted on a real Redis."""

from collections.abc import AsyncIterator, Callable

import pytest
from redis.asyncio import Redis

from foundation.errors import ApiError
from handlers.attempts import MOST_FOR_ACCOUNT, MOST_FOR_ACCOUNT_AND_ADDRESS, MOST_FOR_ADDRESS, Attempts
from tests.services import Services


@pytest.fixture
async def redis(shared_services: Services) -> AsyncIterator[Redis]:
    async with Redis.from_url(shared_services.new_redis()) as connection:
        await connection.flushdb()
        yield connection


async def most(attempts: Callable[[int], Attempts]) -> int:
    """Return how many attempts are let through."""
    for made in range(1_000):
        refused = await refusal(attempts(made))
        if refused is not None:
            assert refused.code == "email_code_login_limit"
            assert int(refused.headers["Retry-After"]) > 0
            return made
    return -1


async def refusal(attempt: Attempts) -> ApiError | None:
    try:
        await attempt.count()
    except ApiError as refused:
        return refused
    return None


async def test_one_account_is_tried_from_one_address_a_few_times(redis: Redis) -> None:
    assert await most(lambda _: Attempts(redis, "ada@example.com", "192.0.2.1")) == MOST_FOR_ACCOUNT_AND_ADDRESS


async def test_one_account_is_limited_over_all_addresses(redis: Redis) -> None:
    assert await most(lambda number: Attempts(redis, "Ada@example.com", f"10.0.{number}.1")) == MOST_FOR_ACCOUNT


async def test_one_address_is_limited_over_all_accounts(redis: Redis) -> None:
    assert await most(lambda number: Attempts(redis, f"{number}@example.com", "192.0.2.7")) == MOST_FOR_ADDRESS


async def test_a_right_password_forgets_the_account_and_keeps_the_address_honest(redis: Redis) -> None:
    for _ in range(MOST_FOR_ADDRESS + 10):
        attempts = Attempts(redis, "ada@example.com", "192.0.2.1")
        await attempts.count()
        await attempts.forget()
    assert await most(lambda _: Attempts(redis, "ada@example.com", "192.0.2.1")) == MOST_FOR_ACCOUNT_AND_ADDRESS
