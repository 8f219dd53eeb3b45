"""Accounts, the set-up of an installation, and sign-ins."""

import asyncio
from datetime import timedelta

import pytest

from foundation.errors import ApiError
from models import account, installation, sign_in
from models.account import Account
from models.database import Database
from models.table import now

LATER = timedelta(days=1)


async def test_an_installation_is_set_up_once_by_one_of_two_at_the_same_time(database: Database) -> None:
    async def set_up() -> str:
        try:
            async with database.system() as scope:
                await installation.mark_set_up(scope)
        except ApiError as refusal:
            return refusal.code
        return "done"

    assert sorted(await asyncio.gather(set_up(), set_up())) == ["already_setup", "done"]


async def test_an_account_is_found_by_its_address_in_any_case(database: Database, owner: Account) -> None:
    async with database.system() as scope:
        found = await account.find_by_email(scope, " ADA@Example.com ")
        assert found is not None
        assert found.id == owner.id
        joined = await account.memberships(scope, owner.id)
    assert [item.membership.role for item in joined] == ["owner"]


async def test_the_reuse_of_a_refresh_token_ends_its_sign_in(database: Database, owner: Account) -> None:
    async with database.system() as scope:
        begun = await sign_in.begin(scope, owner.id, "console", "first", now() + LATER)
    async with database.system() as scope:
        kept = await sign_in.rotate(scope, "console", "first", "second", now() + LATER)
        assert kept is not None
        assert kept.ended_at is None
        assert await sign_in.identify(scope, begun.id) is not None
    async with database.system() as scope:
        reused = await sign_in.rotate(scope, "console", "first", "third", now() + LATER)
        assert reused is not None
        assert reused.ended_at is not None
    async with database.system() as scope:
        after = await sign_in.rotate(scope, "console", "second", "fourth", now() + LATER)
        assert after is not None
        assert after.ended_at is not None
        assert await sign_in.identify(scope, begun.id) is None


async def test_two_rotations_at_once_do_not_both_succeed(database: Database, owner: Account) -> None:
    async with database.system() as scope:
        await sign_in.begin(scope, owner.id, "console", "first", now() + LATER)

    async def rotate(next_hash: str) -> bool:
        async with database.system() as scope:
            kept = await sign_in.rotate(scope, "console", "first", next_hash, now() + LATER)
            return kept is not None and kept.ended_at is None

    assert sorted(await asyncio.gather(rotate("a"), rotate("b"))) == [False, True]


async def test_an_expired_token_is_unknown_and_so_is_anothers_tier(database: Database, owner: Account) -> None:
    async with database.system() as scope:
        await sign_in.begin(scope, owner.id, "console", "old", now() - LATER)
        await sign_in.begin(scope, owner.id, "web", "web", now() + LATER)
        assert await sign_in.rotate(scope, "console", "old", "new", now() + LATER) is None
        assert await sign_in.rotate(scope, "console", "web", "new", now() + LATER) is None


async def test_an_account_switches_only_to_its_own_workspaces(database: Database, owner: Account) -> None:
    async with database.system() as scope:
        other = await account.create(scope, email="eve@example.com", name="Eve", password_hash=None)
        foreign = await account.create_workspace(scope, name="Eve's", owner=other)
    with pytest.raises(ApiError, match="not a member"):
        async with database.system() as scope:
            await account.switch_workspace(scope, owner.id, foreign.id)
