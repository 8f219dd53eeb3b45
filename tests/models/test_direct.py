"""Queries that go to the driver itself fail as all others do."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from models.database import Database
from models.direct import HalfVector, fetch
from models.scope import Scope
from tests.patience import LOOK_SECONDS, PATIENCE_SECONDS


async def test_rows_come_back_for_parameters_by_name(database: Database, workspace_id: str) -> None:
    parameters = {"vector": HalfVector([1.0, 0.5, -2.0]), "name": "100% 'of' it", "numbers": [1, 2**40]}
    query = "SELECT %(vector)b::halfvec::text, %(name)s::text, %(numbers)s::bigint[]"
    async with database.reading(workspace_id) as scope:
        for _ in range(12):
            assert await fetch(scope, query, parameters) == [("[1,0.5,-2]", "100% 'of' it", [1, 2**40])]


async def test_a_refusal_is_of_the_kind_that_other_queries_raise(database: Database, workspace_id: str) -> None:
    async with database.reading(workspace_id) as scope:
        with pytest.raises(DBAPIError):
            await fetch(scope, "SELECT %(number)s::integer", {"number": "none"})
        with pytest.raises(OperationalError):
            await fetch(scope, "SET LOCAL statement_timeout = 1; SELECT pg_sleep(30)", {})
        assert await fetch(scope, "SELECT 1", {}) == [(1,)]


async def test_a_connection_that_is_gone_is_not_given_out_again(database: Database, workspace_id: str) -> None:
    for _ in range(2):
        with pytest.raises(OperationalError):
            async with database.reading(workspace_id) as scope:
                await fetch(scope, "SELECT pg_terminate_backend(pg_backend_pid())", {})
        async with database.reading(workspace_id) as scope:
            assert await scope.session.scalar(text("SELECT 1")) == 1


async def test_a_lent_connection_goes_back_as_it_was(database: Database, workspace_id: str) -> None:
    async with database.statements(workspace_id) as scope:
        [(server,)] = await fetch(scope, "SELECT pg_backend_pid()", {})
        with pytest.raises(DBAPIError):
            await fetch(scope, "SELECT 1 / %(number)s::integer", {"number": "0"})
        assert await fetch(scope, "SELECT pg_backend_pid()", {}) == [(server,)]
    async with database.workspace(workspace_id) as scope:
        [(same, begun)] = await fetch(scope, "SELECT pg_backend_pid(), now()", {})
        assert same == server
        assert await fetch(scope, "SELECT now() = %(begun)s", {"begun": begun}) == [(True,)]


async def _until_asleep(scope: Scope, number: int) -> None:
    """Wait until so many connections of this database are in `pg_sleep`."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            [(asleep,)] = await fetch(scope, query, {})
            if asleep == number:
                return
            await asyncio.sleep(LOOK_SECONDS)


async def test_a_cancelled_statement_gives_its_connection_back(database: Database, workspace_id: str) -> None:
    async def wait_long() -> None:
        async with database.statements(workspace_id) as scope:
            await fetch(scope, "SELECT pg_sleep(%(seconds)s)", {"seconds": 60})

    for _ in range(2):
        waiting = [asyncio.create_task(wait_long()) for _ in range(3)]
        async with database.statements(workspace_id) as scope:
            await _until_asleep(scope, 3)
        for task in waiting:
            task.cancel()
        assert all(
            isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(*waiting, return_exceptions=True)
        )
        assert "Checked out connections: 0" in database.engine.pool.status()
    async with database.statements(workspace_id) as scope:
        assert await fetch(scope, "SELECT 1", {}) == [(1,)]


async def test_a_scope_holds_one_connection_at_a_time(database: Database, workspace_id: str) -> None:
    async with database.statements(workspace_id) as scope:
        [(server,)] = await fetch(scope, "SELECT pg_backend_pid()", {})
        assert "Checked out connections: 0" in database.engine.pool.status()
        assert await scope.session.scalar(text("SELECT pg_backend_pid()")) == server
        assert await fetch(scope, "SELECT pg_backend_pid()", {}) == [(server,)]
        assert "Checked out connections: 1" in database.engine.pool.status()
    assert "Checked out connections: 0" in database.engine.pool.status()


async def test_a_database_that_is_away_is_told_as_elsewhere(workspace_id: str) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing", connect_seconds=5)
    with pytest.raises(OperationalError):
        async with away.statements(workspace_id) as scope:
            await fetch(scope, "SELECT 1", {})
    await away.close()
