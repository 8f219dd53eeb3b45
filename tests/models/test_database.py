"""Connections: given out only while their server holds them, and for one query without a transaction."""

from sqlalchemy import text

from models.database import Database

CLOSE_OTHERS = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = :p")
OWN_PID = text("SELECT pg_backend_pid()")


async def test_a_connection_that_the_server_closed_is_replaced_unnoticed(database: Database, workspace_id: str) -> None:
    async with database.workspace(workspace_id) as scope:
        first = await scope.session.scalar(OWN_PID)
        async with database.workspace(workspace_id) as other:
            second = await other.session.scalar(OWN_PID)
    assert first != second
    breaker = Database(database.engine.url.render_as_string(hide_password=False), 1)
    async with breaker.workspace(workspace_id) as scope:
        for pid in (first, second):
            await scope.session.execute(CLOSE_OTHERS, {"p": pid})
    await breaker.close()
    for _ in range(3):
        async with database.workspace(workspace_id) as scope:
            assert await scope.session.scalar(OWN_PID) not in (first, second)


async def test_a_single_query_needs_no_transaction(database: Database, workspace_id: str) -> None:
    one = text("SELECT pg_current_xact_id_if_assigned() IS NULL, now() = statement_timestamp()")
    async with database.reading(workspace_id) as scope:
        for _ in range(2):
            assert tuple((await scope.session.execute(one)).one()) == (True, True)
    async with database.workspace(workspace_id) as scope:
        await scope.session.execute(text("SELECT 1"))
        assert (await scope.session.execute(one)).one()[1] is False
