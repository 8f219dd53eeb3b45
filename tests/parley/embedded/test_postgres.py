import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from parley.embedded import identity, service
from parley.embedded.identity import Identity, choose_identity
from parley.embedded.postgres import EmbeddedPostgres, find_postgres
from parley.embedded.process import ServiceError
from tests.parley.embedded.test_redis import alive, wait_until


@pytest.fixture
def server(short_path: Path) -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(short_path / "pg", short_path / "postgresql.log", fsync=False)
    yield made
    made.stop()


def connect(server: EmbeddedPostgres) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True)


def test_it_has_vectors_and_listens_in_a_private_folder_only(server: EmbeddedPostgres, short_path: Path) -> None:
    server.start()
    with connect(server) as connection:
        assert connection.execute("SELECT '[1,2]'::halfvec(2) <-> '[1,3]'").fetchone() == (1.0,)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SELECT lower('ÄÖ')").fetchone() == ("äö",)
    assert stat.S_IMODE((short_path / "pg").stat().st_mode) == 0o700


def test_it_never_runs_as_root_inside(server: EmbeddedPostgres) -> None:
    server.start()
    assert server.pid
    uid_map = Path(f"/proc/{server.pid}/uid_map").read_text().split()
    uid = int(Path(f"/proc/{server.pid}/status").read_text().split("Uid:")[1].split()[0])
    assert uid != 0 or (int(uid_map[0]) != 0 and uid_map[2] == "1")


def test_what_was_committed_survives_a_kill(server: EmbeddedPostgres) -> None:
    server.start()
    with connect(server) as connection:
        connection.execute("CREATE TABLE t AS SELECT generate_series(1, 1000) AS n")
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not server.running)
    server.start()
    with connect(server) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (1_000,)


def test_a_stale_pid_file_that_names_a_living_process_does_not_matter(
    server: EmbeddedPostgres, short_path: Path
) -> None:
    server.start()
    server.stop()
    leftover = next((short_path / "pg").glob("data-*")) / "postmaster.pid"
    leftover.write_text(f"{os.getppid()}\n{leftover.parent}\n1700000000\n5432\n{short_path}/pg\n\n  1 1\nready\n")
    (short_path / "pg" / ".s.PGSQL.5432.lock").write_text(f"{os.getppid()}\n")
    server.start()
    with connect(server) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_half_made_data_folder_is_made_anew(server: EmbeddedPostgres, short_path: Path) -> None:
    draft = short_path / "pg" / "data-18.new"
    draft.mkdir(parents=True, mode=0o700)
    (draft / "PG_VERSION").write_text("18\n")
    server.start()
    assert not draft.exists()


def test_a_folder_has_one_server(server: EmbeddedPostgres, short_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_LOCK_SECONDS", 0.2)
    server.start()
    with pytest.raises(ServiceError, match="in use by another running Parley"):
        EmbeddedPostgres(short_path / "pg", short_path / "second.log", fsync=False).start()
    assert server.running


def test_it_dies_with_the_process_that_started_it_and_comes_back(server: EmbeddedPostgres, short_path: Path) -> None:
    script = (
        "import os, pathlib; from parley.embedded.postgres import EmbeddedPostgres\n"
        f"f = pathlib.Path({str(short_path)!r}); s = EmbeddedPostgres(f / 'pg', f / 'log', fsync=False)\n"
        "s.start(); print(s.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=False)
    pid = int(done.stdout)
    server.start()
    assert not alive(pid)


def test_an_open_connection_does_not_hold_up_the_stop(server: EmbeddedPostgres) -> None:
    server.start()
    pid = server.pid
    with connect(server):
        server.stop(3.0)
    assert not Path(f"/proc/{pid}").exists()


def test_where_no_identity_works_the_message_asks_for_an_address() -> None:
    def forbidden() -> None:
        raise OSError("user namespaces are forbidden")

    programs = find_postgres()
    assert programs
    with pytest.raises(ServiceError, match=r"cannot run here \(nobody in a namespace: .*Set DATABASE_URL"):
        choose_identity(programs.program("postgres"), iter([Identity("nobody in a namespace", forbidden)]))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_without_namespaces_runs_it_as_another_user(short_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short_path.chmod(0o711)
    monkeypatch.setattr(identity, "_LENT", short_path / "lent")
    other = next(found for found in identity.identities() if found.is_other_user)
    server = EmbeddedPostgres(short_path / "pg", short_path / "log", fsync=False, identity=other)
    server.start()
    try:
        uid = int(Path(f"/proc/{server.pid}/status").read_text().split("Uid:")[1].split()[0])
        assert uid == other.user
        with connect(server) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()
