"""PostgreSQL and Redis of a test run: one of each for all of its processes.

Whoever needs them first starts this module as a process of its own, the holder. Every process of the run that uses
the services holds a shared lock on one file; the holder ends both servers, and itself, once it gets that lock alone.
So nothing has to be told who is last, and a killed run leaves nothing behind.
"""

import fcntl
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from models.migration import upgrade
from parley.embedded.postgres import EmbeddedPostgres
from parley.embedded.redis import EmbeddedRedis

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 200.0
REDIS_DATABASES = 64
TEMPLATE = "template_parley"


@dataclass(frozen=True)
class Addresses:
    """Where the servers of this run listen.

    Attributes:
        postgres: the address of a database that nobody uses for data.
        redis: the address of Redis, without a database number.
    """

    postgres: str
    redis: str


class Services:
    """The servers as one process of the run sees them."""

    def __init__(self, addresses: Addresses, worker: int, workers: int) -> None:
        """Name what this process may use.

        Args:
            addresses: where the servers listen.
            worker: this process's number among those of the run, from 0.
            workers: how many there are.
        """
        self._addresses = addresses
        self._worker = worker
        self._numbers = count()
        self._redis_numbers = iter(range(worker, REDIS_DATABASES, workers))

    def new_database(self, template: str | None = None) -> str:
        """Make a database, empty or as a copy of another, and return its URL."""
        name = f"test_{self._worker}_{next(self._numbers)}"
        source = f" TEMPLATE {template}" if template else ""
        execute(self._addresses.postgres, f"CREATE DATABASE {name}{source}")
        return _database(self._addresses.postgres, name)

    def migrated_database(self) -> str:
        """Make a database with every table and no rows, and return its URL."""
        return self.new_database(TEMPLATE)

    def new_redis(self) -> str:
        """Return the address of a Redis database that nobody else of this run uses."""
        return f"{self._addresses.redis}?db={next(self._redis_numbers)}"


@contextmanager
def services(folder: Path, worker: int = 0, workers: int = 1) -> Iterator[Services]:
    """Use the servers of the run, which are started where they do not run yet.

    Args:
        folder: a folder that all processes of the run share.
        worker: this process's number among them, from 0.
        workers: how many there are.

    Raises:
        RuntimeError: the servers do not come up; the message holds what they said.
    """
    with (folder / "services.users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        with (folder / "services.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "services.json").exists():
                _start_holder(folder)
        yield Services(Addresses(**json.loads((folder / "services.json").read_text())), worker, workers)


def execute(url: str, statement: str) -> None:
    """Run one statement outside any transaction."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.encode())


def _database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _start_holder(folder: Path) -> None:
    with (folder / "services.log").open("w") as log:
        holder = subprocess.Popen(
            [sys.executable, "-m", "tests.services", str(folder)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while not (folder / "services.json").exists():
        if holder.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((folder / "services.log").read_text()[-4000:])
        time.sleep(0.02)


def _hold(folder: Path) -> None:
    """Run both servers until no process of the run uses them."""
    with tempfile.TemporaryDirectory(prefix="services") as own:
        home = Path(own)
        postgres = EmbeddedPostgres(home / "postgresql", home / "postgresql.log", fsync=False)
        redis = EmbeddedRedis(home / "redis", home / "redis.log")
        try:
            postgres.start()
            redis.start()
            template = _database(postgres.url, TEMPLATE)
            execute(postgres.url, f"CREATE DATABASE {TEMPLATE}")
            upgrade(template)
            addresses = Addresses(postgres.url, redis.url.partition("?")[0])
            draft = folder / "services.draft"
            draft.write_text(json.dumps(asdict(addresses)))
            draft.rename(folder / "services.json")
            _until_unused(folder / "services.users")
        finally:
            (folder / "services.json").unlink(missing_ok=True)
            redis.stop(2.0)
            postgres.stop(2.0)


def _until_unused(users: Path) -> None:
    with users.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.25)
            else:
                return


if __name__ == "__main__":
    os.chdir(ROOT)
    _hold(Path(sys.argv[1]))
