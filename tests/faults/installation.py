"""Processes of the program, started one by one: each with a data folder of its own, as on a machine of its own.

They have nothing in common but Redis, the database and the secret key.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import psycopg
from sqlalchemy import make_url

from parley.embedded.process import ChildProcess
from tests.journeys.program import END_SECONDS, ROOT, START_SECONDS, Program, free_port
from workers.pool import worker_name
from workers.queues import GENERATION
from workers.rq.connection import connect

SECRET_KEY = "the same on every machine"
POLL_SECONDS = 0.02
PATIENCE_SECONDS = 60.0
ASKED_TO_END = b"is to end; "


def wait_until(condition: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """Wait until something is true, and return it.

    Raises:
        AssertionError: it did not become true in time.
    """
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(POLL_SECONDS)
    return found


def kill(process: ChildProcess) -> float:
    """End a process and its children with SIGKILL, at once, and return the moment."""
    process.sweep()
    moment = time.monotonic()
    assert process.wait(END_SECONDS)
    return moment


class Installation:
    """Any number of API and worker processes on one database and one Redis."""

    def __init__(self, folder: Path, database_url: str, redis_url: str, **environment: str) -> None:
        """Prepare an installation; no process runs yet.

        Args:
            folder: where the processes' data folders and logs are.
            database_url: a migrated database.
            redis_url: a Redis that nobody else uses.
            environment: settings that all processes have.
        """
        self.database_url = database_url
        self.redis_url = redis_url
        self._folder = folder
        self._environment = {"PARLEY_SECRET_KEY": SECRET_KEY, "SSRF_ALLOW_CIDRS": "127.0.0.0/8", **environment}
        self._numbers = count(1)
        self._processes: list[ChildProcess] = []
        self._workers: list[ChildProcess] = []
        self._logs: dict[int, Path] = {}

    def api(self, *, redis_url: str = "", port: int = 0, **environment: str) -> Program:
        """Start an API process and wait until it can serve.

        Args:
            redis_url: another way to Redis.
            port: where it listens; a free port where none is named.
            environment: settings of this process.
        """
        port = port or free_port()
        own = {"PARLEY_PORT": str(port), "PARLEY_STRICT_RESPONSES": "true", **environment}
        if redis_url:
            own["REDIS_URL"] = redis_url
        process, home = self._start(("api",), own)
        program = Program(f"http://127.0.0.1:{port}", process, home, self.database_url, self.redis_url)
        self._await(process, home, lambda: answers(program, "/readyz", 200))
        return program

    def worker(self, queue: str = GENERATION, *, module: str = "parley", **environment: str) -> ChildProcess:
        """Start a worker process and wait until it takes jobs."""
        process, home = self._start(("worker", queue), environment, module)
        self._workers.append(process)
        self._logs[process.pid] = home / "process.log"
        self._await(process, home, lambda: self._is_working(queue, process.pid))
        return process

    def end_workers(self, but: ChildProcess) -> None:
        """End every worker but one."""
        for process in self._workers:
            if process is not but:
                process.send(signal.SIGTERM)
                process.stop((signal.SIGTERM, 5.0))
                process.sweep()

    def ask_to_end(self, worker: ChildProcess) -> None:
        """Ask a worker to end and wait until it has heard it: two signals that wait at once are one."""
        log = self._logs[worker.pid]
        before = log.read_bytes().count(ASKED_TO_END)
        worker.send(signal.SIGTERM)
        wait_until(lambda: log.read_bytes().count(ASKED_TO_END) > before)

    def await_no_takers(self) -> None:
        """Wait until no worker waits for a job any more; one that was asked to end goes on for a moment."""

        def waits() -> bool:
            with connect(self.redis_url) as redis:
                return any(one["cmd"] == "blmove" and "b" in one["flags"] for one in redis.client_list())

        wait_until(lambda: not waits() and not waits())

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database."""
        address = make_url(self.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def message(self, task_id: str) -> dict[str, Any]:
        """Return what a run's row says."""
        columns = ("status", "answer", "error_code", "attempt")
        [row] = self.rows(f"SELECT {', '.join(columns)} FROM message WHERE task_id = %s", task_id)
        return dict(zip(columns, row, strict=True))

    def await_status(self, task_id: str, status: str, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """Wait until a run has a status, and return its row."""
        wait_until(lambda: self.message(task_id)["status"] == status, seconds)
        return self.message(task_id)

    def stop(self) -> None:
        """End every process."""
        for process in self._processes:
            process.send(signal.SIGCONT)
            process.send(signal.SIGTERM)
            process.send(signal.SIGTERM)
        for process in self._processes:
            process.stop((signal.SIGTERM, 3.0))
            process.sweep()

    def _start(
        self, arguments: tuple[str, ...], environment: dict[str, str], module: str = "parley"
    ) -> tuple[ChildProcess, Path]:
        home = self._folder / f"{arguments[-1]}-{next(self._numbers)}"
        home.mkdir()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
        own = {
            "PARLEY_HOME": str(home),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "OLLAMA_HOST": f"http://127.0.0.1:{free_port()}",
            **self._environment,
            **environment,
        }
        process = ChildProcess(
            [sys.executable, "-m", module, *arguments],
            environment=inherited | own,
            folder=ROOT,
            log=home / "process.log",
        )
        self._processes.append(process)
        return process, home

    def _is_working(self, queue: str, pid: int) -> bool:
        with connect(self.redis_url) as redis:
            return bool(redis.exists(f"rq:worker:{worker_name(queue, pid)}"))

    @staticmethod
    def _await(process: ChildProcess, home: Path, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            if process.exit_code is not None or time.monotonic() > deadline:
                raise RuntimeError((home / "process.log").read_text()[-4000:])
            time.sleep(POLL_SECONDS)


@contextmanager
def installation(folder: Path, database_url: str, redis_url: str, **environment: str) -> Iterator[Installation]:
    """Hold an installation without processes, and end whatever was started on it."""
    made = Installation(folder, database_url, redis_url, **environment)
    try:
        yield made
    finally:
        made.stop()


def answers(program: Program, path: str, status: int) -> bool:
    """Tell whether an API process answers a GET with a status."""
    with program.client() as client:
        try:
            return client.get(path).status_code == status
        except httpx2.TransportError:
            return False
