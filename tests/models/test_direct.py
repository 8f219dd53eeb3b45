"""Queries that go to the driver itself fail as all others do."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from models.database import Database
from models.direct import HalfVector, fetch


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
