"""The whole program as processes: it comes up, heals, and leaves nothing behind however it ends."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.journeys.program import ROOT, Program, free_port, running
from tests.parley.embedded.test_redis import alive, wait_until
from tests.patience import slowness

END_SECONDS = 10.0
NAME = "Ada of the first start"


@pytest.fixture
def up(short_path: Path) -> Iterator[Program]:
    with running(short_path) as started:
        yield started


@pytest.fixture(scope="module")
def lasting() -> Iterator[Program]:
    """One program for the tests that leave it running: the second one on its data folder."""
    with tempfile.TemporaryDirectory(prefix="pt") as folder:
        with running(Path(folder)) as first, first.console() as console:
            console.post("/account/name", json={"name": NAME}).raise_for_status()
        with running(Path(folder)) as started:
            yield started


def direct_children(pid: int) -> list[int]:
    """The ids of the processes that `pid` started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == pid:
                found.append(int(entry.name))
    return found


def descendants(pid: int) -> list[int]:
    """The ids of every process below `pid`."""
    return [below for child in direct_children(pid) for below in (child, *descendants(child))]


def child_of(pid: int, *words: str) -> int:
    """The one direct child whose command line has all of the words or whose name contains them.

    Raises:
        LookupError: there is none at the moment.
    """
    for child in direct_children(pid):
        try:
            command = Path(f"/proc/{child}/cmdline").read_text().split("\0")
            name = Path(f"/proc/{child}/comm").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if all(word in command or word in name for word in words):
            return child
    raise LookupError(words)


def ready(program: Program) -> bool:
    """Whether the API says that it can serve."""
    with program.client("") as client:
        try:
            return client.get("/readyz").status_code == 200
        except httpx2.TransportError:
            return False


def run_parley(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "parley", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything_in_time(up: Program, number: signal.Signals) -> None:
    below = descendants(up.process.pid)
    assert len(below) >= 6
    start = time.monotonic()
    up.process.send(number)
    assert up.process.wait(60)
    took = time.monotonic() - start
    assert up.process.exit_code == 0
    assert took < END_SECONDS * slowness()
    assert not [pid for pid in below if alive(pid)]


def test_nothing_outlives_a_killed_supervisor(up: Program) -> None:
    below = descendants(up.process.pid)
    up.process.send(signal.SIGKILL)
    wait_until(lambda: not [pid for pid in below if alive(pid)], 60)


@pytest.mark.parametrize(
    "words",
    [("worker", "generation"), ("worker", "indexing"), ("api",), ("postgres",), ("-server",)],
    ids=["generation", "indexing", "api", "postgresql", "redis"],
)
def test_what_was_killed_is_started_again(lasting: Program, words: tuple[str, ...]) -> None:
    victim = child_of(lasting.process.pid, *words)
    os.kill(victim, signal.SIGKILL)

    def replaced() -> bool:
        try:
            return child_of(lasting.process.pid, *words) != victim and ready(lasting)
        except LookupError:
            return False

    wait_until(replaced, 90.0)
    assert lasting.process.exit_code is None


def test_a_second_start_on_the_same_folder_keeps_its_data(lasting: Program) -> None:
    with lasting.console() as console:
        assert console.get("/account/profile").raise_for_status().json()["name"] == NAME


def test_a_taken_port_is_an_error_that_names_it(short_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        done = run_parley("up", PARLEY_HOME=str(short_path), PARLEY_PORT=port)
    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr
    assert "PARLEY_PORT" in done.stderr


@pytest.mark.parametrize("host", ["192.0.2.1", f"{'a' * 64}.example"])
def test_a_host_that_is_not_this_machine_is_an_error_that_names_it(short_path: Path, host: str) -> None:
    done = run_parley("up", PARLEY_HOME=str(short_path), PARLEY_PORT=str(free_port()), PARLEY_HOST=host)
    assert done.returncode == 2
    assert f"PARLEY_HOST: {host} is no address of this machine" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_setting_ends_with_one_message(short_path: Path) -> None:
    done = run_parley("up", PARLEY_HOME=str(short_path), PARLEY_GENERATION_PROCESS="2")
    assert done.returncode == 2
    assert "Did you mean PARLEY_GENERATION_PROCESSES?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "address"),
    [("REDIS_URL", "redis://127.0.0.1:{}/0"), ("DATABASE_URL", "postgresql://ada:hidden@127.0.0.1:{}/parley")],
)
def test_a_named_service_that_is_away_is_one_line(short_path: Path, name: str, address: str) -> None:
    given = {name: address.format(free_port())}
    done = run_parley("up", PARLEY_HOME=str(short_path), PARLEY_PORT=str(free_port()), **given)
    assert done.returncode == 2
    complaint = done.stderr.strip().splitlines()[-1]
    assert complaint.startswith(f"{name} names a")
    assert "does not answer" in complaint
    assert "Traceback" not in done.stderr
    assert "hidden" not in done.stderr


def test_a_folder_that_cannot_be_used_is_one_line(short_path: Path) -> None:
    file = short_path / "file"
    file.touch()
    done = run_parley("up", PARLEY_HOME=str(file))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"PARLEY_HOME: the data folder {file} cannot be used")


@pytest.mark.parametrize("arguments", [("api",), ("worker", "generation"), ("worker", "indexing")])
def test_a_process_of_its_own_asks_for_its_services(short_path: Path, arguments: tuple[str, ...]) -> None:
    done = run_parley(*arguments, PARLEY_HOME=str(short_path))
    assert done.returncode == 2
    assert "DATABASE_URL and REDIS_URL" in done.stderr


def test_the_doctor_says_what_would_be_used(short_path: Path) -> None:
    done = run_parley("doctor", PARLEY_HOME=str(short_path), PARLEY_PORT=str(free_port()), COLUMNS="200")
    assert done.returncode == 0
    for word in ("Python", "Redis", "PostgreSQL", "port", "model", str(short_path)):
        assert word in done.stdout


def test_the_doctor_looks_whether_code_can_be_confined(short_path: Path) -> None:
    home, port = str(short_path), str(free_port())
    done = run_parley("doctor", PARLEY_HOME=home, PARLEY_PORT=port, COLUMNS="200", CODE_PYTHON="sandlock")
    told = next(line for line in done.stdout.splitlines() if "Python of workflows" in line)
    if done.returncode == 0:
        assert "confined by Landlock version" in told
    else:
        assert "CODE_PYTHON=sandlock: " in told
