"""A hot standby: a PostgreSQL that follows another one by streaming replication and answers what only reads."""

import os
import signal
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from parley.embedded.postgres import EmbeddedPostgres, PostgresPrograms
from parley.embedded.process import FolderLock
from tests.faults.installation import PATIENCE_SECONDS, wait_until

TESTER = "tester"
"""The name under which `ask` connects: its connections may be seen for a moment after they were closed."""


class Standby(EmbeddedPostgres):
    """A server that begins as a copy of its primary and applies whatever is written there."""

    def __init__(self, folder: Path, log: Path, primary: EmbeddedPostgres) -> None:
        """Prepare the server; nothing runs before `start`.

        Args:
            folder: where data, lock and socket live.
            log: the file that takes the server's log.
            primary: the server to follow, which runs as long as this one does.
        """
        super().__init__(folder, log, fsync=False)
        self._primary = primary

    def catch_up(self) -> None:
        """Wait until everything that has been committed on the primary can be read here.

        A commit of its own flushes those before it that did not wait for the disk.
        """
        ask(self._primary, "SELECT pg_logical_emit_message(true, 'standby', 'now')")
        position = ask(self._primary, "SELECT pg_current_wal_flush_lsn()::text")
        wait_until(lambda: ask(self, "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", position))

    def pause(self) -> None:
        """Let it fall behind: what is committed from now on is not seen here before `resume`."""
        ask(self, "SELECT pg_wal_replay_pause()")
        wait_until(lambda: ask(self, "SELECT pg_get_wal_replay_pause_state()") == "paused")

    def resume(self) -> None:
        """Let it follow again, and wait until it has caught up."""
        ask(self, "SELECT pg_wal_replay_resume()")
        self.catch_up()

    def end(self, number: signal.Signals) -> None:
        """End it by a signal, and wait until none of its processes lives; each holds its folder's lock."""
        assert self.pid is not None
        os.kill(self.pid, number)
        wait_until(lambda: not self.running)
        self.stop()
        lock = FolderLock(self._folder / "lock")
        lock.acquire(PATIENCE_SECONDS)
        lock.release()

    def _filling(self, programs: PostgresPrograms, data: Path) -> list[str]:
        address = make_url(self._primary.url)
        return [
            str(programs.program("pg_basebackup")),
            f"--pgdata={data}",
            f"--dbname=host={address.query['host']} user={address.username}",
            "--write-recovery-conf",
            "--create-slot",
            "--slot=standby",
            "--checkpoint=fast",
            "--no-sync",
        ]

    def _create_database(self) -> None:
        """Does nothing: databases come from the primary."""


def ask(server: EmbeddedPostgres, statement: str, *values: Any) -> Any:
    """Run a statement in the program's database on a server, and return the one value that it gives."""
    address = make_url(server.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True, application_name=TESTER) as connection:
        row = connection.execute(statement.encode(), values).fetchone()
    assert row is not None
    return row[0]
