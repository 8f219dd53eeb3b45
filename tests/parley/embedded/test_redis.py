import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from parley.embedded import redis as embedded
from parley.embedded import service
from parley.embedded.process import ServiceError
from parley.embedded.redis import EmbeddedRedis


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    made = EmbeddedRedis(tmp_path / "redis", tmp_path / "redis.log")
    yield made
    made.stop()


def client(server: EmbeddedRedis) -> redis.Redis:
    return redis.Redis.from_url(server.url, decode_responses=True)


def test_it_answers_on_a_socket_that_nobody_else_can_open(server: EmbeddedRedis, tmp_path: Path) -> None:
    server.start()
    with client(server) as connection:
        assert connection.ping()
        assert connection.config_get("appendonly") == {"appendonly": "yes"}
        assert connection.config_get("appendfsync") == {"appendfsync": "everysec"}
        assert connection.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert connection.config_get("port") == {"port": "0"}
    assert stat.S_IMODE((tmp_path / "redis").stat().st_mode) == 0o700


def test_what_was_written_survives_a_kill(server: EmbeddedRedis) -> None:
    server.start()
    with client(server) as connection:
        connection.rpush("list", *range(1_000))
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not server.running)
    server.start()
    with client(server) as connection:
        assert connection.llen("list") == 1_000


def test_a_stop_leaves_neither_process_nor_socket(server: EmbeddedRedis, tmp_path: Path) -> None:
    server.start()
    pid = server.pid
    server.stop()
    assert not Path(f"/proc/{pid}").exists()
    assert not list(tmp_path.rglob("*.sock"))


def test_a_folder_has_one_server(server: EmbeddedRedis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_LOCK_SECONDS", 0.2)
    server.start()
    second = EmbeddedRedis(tmp_path / "redis", tmp_path / "second.log")
    with pytest.raises(ServiceError, match="in use by another running Parley"):
        second.start()
    with client(server) as connection:
        assert connection.ping()


def test_a_deep_folder_gets_a_socket_elsewhere(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / ("deep" * 30) / "redis", tmp_path / "redis.log")
    server.start()
    try:
        with client(server) as connection:
            assert connection.ping()
    finally:
        server.stop()


def test_without_a_program_the_message_asks_for_an_address(
    server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "find_redis", lambda: None)
    with pytest.raises(ServiceError, match="Set REDIS_URL"):
        server.start()


def test_it_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    script = (
        "import os, pathlib; from parley.embedded.redis import EmbeddedRedis\n"
        f"s = EmbeddedRedis(pathlib.Path({str(tmp_path / 'r')!r}), pathlib.Path({str(tmp_path / 'l')!r}))\n"
        "s.start(); print(s.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=False)
    pid = int(done.stdout)
    wait_until(lambda: not alive(pid))


def wait_until(condition: object, seconds: float = 30.0) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
