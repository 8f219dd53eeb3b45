"""CPython under sandlock: what it offers, and that each way out is closed."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from engine.workflow import CodeFailure, Sandbox, SandboxLimits, examine_cpython
from engine.workflow.sandbox import cpython_code
from foundation.settings import SettingsError

try:
    examine_cpython()
    LACKING = ""
except SettingsError as lacking:
    LACKING = str(lacking)

confined = pytest.mark.skipif(bool(LACKING), reason=LACKING)
one_loop = pytest.mark.asyncio(loop_scope="module")

PATIENT = SandboxLimits(seconds=30.0)
SHORT = SandboxLimits(seconds=1.0)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    made = Sandbox(PATIENT, "sandlock")
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def hasty() -> AsyncIterator[Sandbox]:
    made = Sandbox(SHORT, "sandlock")
    yield made
    await made.close()


async def refused(sandbox: Sandbox, body: str, before: str = "") -> CodeFailure:
    """Run a function with this body, which must fail."""
    with pytest.raises(CodeFailure) as caught:
        await sandbox.run("python3", f"{before}\ndef main():\n    {body}\n    return {{'out': 1}}", {})
    return caught.value


@confined
@one_loop
class TestLanguage:
    async def test_values_go_in_by_name_and_come_out(self, sandbox: Sandbox) -> None:
        code = "def main(a: int, b: str, c: list) -> dict:\n    return {'r': [a, b, c, {'deep': [None, True, 1.5]}]}"
        given: dict[str, Any] = {"a": 1, "b": "zwölf 十二", "c": [{"x": 1}]}
        assert await sandbox.run("python3", code, given) == {
            "r": [1, "zwölf 十二", [{"x": 1}], {"deep": [None, True, 1.5]}]
        }

    async def test_the_whole_language_and_its_library(self, sandbox: Sandbox) -> None:
        code = """
from __future__ import annotations
import asyncio, csv, enum, hmac, io, string, threading, uuid, zoneinfo
from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from statistics import mean

class Kind(enum.Enum):
    CHEAP = "cheap"

class Thing:
    @property
    def label(self): return "thing"

@dataclass
class Item(Thing):
    name: str
    price: float
    tags: list[str] = field(default_factory=list)
    @property
    def label(self): return f"{super().label}:{self.name}"

def items(text):
    for row in csv.DictReader(io.StringIO(text)):
        yield Item(row["name"], float(row["price"]))

async def later(value):
    await asyncio.sleep(0)
    return value

def main(text: str):
    found = list(items(text))
    heard = []
    threads = [threading.Thread(target=heard.append, args=(n,)) for n in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return {"mean": mean(item.price for item in found), "labels": [item.label for item in found],
            "first": asdict(found[0]), "kind": Kind.CHEAP.value, "late": asyncio.run(later(7)), "heard": sorted(heard)}
"""
        assert await sandbox.run("python3", code, {"text": "name,price\ntea,2\nmug,4\n"}) == {
            "mean": 3.0,
            "labels": ["thing:tea", "thing:mug"],
            "first": {"name": "tea", "price": 2.0, "tags": []},
            "kind": "cheap",
            "late": 7,
            "heard": [0, 1, 2, 3],
        }

    async def test_what_is_printed_goes_nowhere(self, sandbox: Sandbox, capfd: Any) -> None:
        code = "import sys\ndef main():\n    print('secret')\n    print('secret', file=sys.stderr)\n    return {}"
        assert await sandbox.run("python3", code, {}) == {}
        told = capfd.readouterr()
        assert "secret" not in told.out + told.err

    async def test_errors_name_their_line(self, sandbox: Sandbox) -> None:
        error = await refused(sandbox, "raise ValueError('no such luck')")
        assert str(error) == "ValueError: no such luck (line 3)"
        assert "exit" in str(await refused(sandbox, "raise SystemExit('exit')"))
        for wrong in ("def main(:", "x = 1", "def main(a): return {}"):
            with pytest.raises(CodeFailure):
                await sandbox.run("python3", wrong, {})

    @pytest.mark.parametrize(
        ("value", "told"),
        [
            ("{1}", "set"),
            ("b'x'", "bytes"),
            ("(1,)", "tuple"),
            ("{1: 2}", "key"),
            ("{0: 2}", "key"),
            ("float('nan')", "finite"),
            ("2 ** 70", "64 bits"),
            ("'\\ud800'", "half"),
            ("object()", "object"),
        ],
    )
    async def test_results_have_to_be_json(self, sandbox: Sandbox, value: str, told: str) -> None:
        error = await refused(sandbox, f"return {{'x': {value}}}")
        assert told in str(error)

    async def test_one_job_leaves_nothing_for_the_next(self, sandbox: Sandbox) -> None:
        await sandbox.run("python3", "import json\njson.leak = 1\ndef main(): return {}", {})
        code = "import json\ndef main(): return {'r': hasattr(json, 'leak')}"
        assert await sandbox.run("python3", code, {}) == {"r": False}


@confined
@one_loop
class TestConfinement:
    @pytest.mark.parametrize(
        "path",
        ["/etc/passwd", "/proc/self/environ", "/proc/1/environ", "/proc/self/mem", "/dev/null", str(Path(__file__))],
    )
    async def test_no_file_is_read(self, sandbox: Sandbox, path: str) -> None:
        assert "Permission" in str(await refused(sandbox, f"open({path!r}, 'rb').read(1)"))

    @pytest.mark.parametrize(
        "folder", ["/", "/proc", "/home", "/etc", tempfile.gettempdir(), str(Path(__file__).parent)]
    )
    async def test_no_folder_is_listed(self, sandbox: Sandbox, folder: str) -> None:
        assert "Permission" in str(await refused(sandbox, f"os.listdir({folder!r})", "import os"))

    async def test_nothing_is_written(self, sandbox: Sandbox, tmp_path: Path) -> None:
        for place in (tmp_path / "new", Path(tempfile.gettempdir(), "new"), Path("/dev/shm/new")):
            await refused(sandbox, f"open({str(place)!r}, 'w')")
        await refused(sandbox, f"os.mkdir({str(tmp_path / 'folder')!r})", "import os")
        kept = tmp_path / "kept"
        kept.write_text("kept")
        await refused(sandbox, f"os.remove({str(kept)!r})", "import os")
        await refused(sandbox, f"os.truncate({str(kept)!r}, 0)", "import os")
        assert kept.read_text() == "kept"

    async def test_the_environment_is_empty(self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PARLEY_TEST_SECRET", "42")
        assert await sandbox.run("python3", "import os\ndef main(): return dict(os.environ)", {}) == {}

    async def test_no_tcp_connection(self, sandbox: Sandbox) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            error = await refused(sandbox, f"socket.create_connection(('127.0.0.1', {port}))", "import socket")
            server.settimeout(0)
            with pytest.raises(BlockingIOError):
                server.accept()
        assert "not permitted" in str(error)

    async def test_no_udp_datagram(self, sandbox: Sandbox) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
            body = f"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))"
            await refused(sandbox, body, "import socket")
            listener.settimeout(0)
            with pytest.raises(BlockingIOError):
                listener.recv(1)

    async def test_no_local_socket(self, sandbox: Sandbox, tmp_path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(tmp_path / "s"))
            server.listen()
            for body in (
                f"socket.socket(socket.AF_UNIX).connect({str(tmp_path / 's')!r})",
                "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
                "socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)",
                "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
                "socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)",
            ):
                assert "not permitted" in str(await refused(sandbox, body, "import socket"))

    @pytest.mark.parametrize(
        "body",
        [
            "os.execv(sys.executable, ['python'])",
            "os.posix_spawn(sys.executable, ['python'], {})",
            "subprocess.run([sys.executable, '-c', '1'])",
            "subprocess.run('id', shell=True)",
            "os.fork()",
            "os.forkpty()",
            "[os.fork() for _ in range(1000)]",
            "multiprocessing.get_context('spawn').Process(target=print).start()",
        ],
    )
    async def test_no_other_program_or_process(self, sandbox: Sandbox, body: str) -> None:
        await refused(sandbox, body, "import multiprocessing, os, subprocess, sys")

    async def test_a_shell_does_not_start(self, sandbox: Sandbox) -> None:
        code = "import os\ndef main(): return {'status': os.system('exit 5')}"
        assert await sandbox.run("python3", code, {}) != {"status": 5 << 8}

    async def test_no_other_process_is_signalled(self, sandbox: Sandbox) -> None:
        await refused(sandbox, "os.kill(os.getppid(), 9)", "import os")
        await refused(sandbox, f"os.kill({os.getpid()}, 0)", "import os")
        await refused(sandbox, "os.kill(1, 0)", "import os")

    async def test_no_other_process_is_traced(self, sandbox: Sandbox) -> None:
        code = (
            "import ctypes, os\ndef main():\n    c = ctypes.CDLL(None)\n"
            f"    return {{'r': [c.ptrace(16, os.getppid(), 0, 0), c.ptrace(16, {os.getpid()}, 0, 0)]}}"
        )
        assert await sandbox.run("python3", code, {}) == {"r": [-1, -1]}

    async def test_no_file_is_changed_by_what_landlock_does_not_see(self, sandbox: Sandbox, tmp_path: Path) -> None:
        kept = tmp_path / "kept"
        kept.write_text("kept")
        kept.chmod(0o640)
        os.utime(kept, (1, 1))
        place = repr(str(kept))
        for body in (
            f"os.chmod({place}, 0o777)",
            f"os.chown({place}, os.getuid(), os.getgid())",
            f"os.utime({place})",
            f"os.setxattr({place}, 'user.x', b'1')",
            f"os.removexattr({place}, 'user.x')",
            "os.chroot('/')",
            "os.fchmod(0, 0o777)",
        ):
            assert "not permitted" in str(await refused(sandbox, body, "import os"))
        after = kept.stat()
        assert (after.st_mode & 0o777, after.st_mtime) == (0o640, 1)

    async def test_no_other_process_is_slowed(self, sandbox: Sandbox) -> None:
        for body in (
            f"os.setpriority(os.PRIO_PROCESS, {os.getpid()}, 19)",
            "os.setpriority(os.PRIO_USER, os.getuid(), 19)",
            f"os.sched_setaffinity({os.getpid()}, {{0}})",
            f"os.sched_setscheduler({os.getpid()}, os.SCHED_IDLE, os.sched_param(0))",
        ):
            assert "not permitted" in str(await refused(sandbox, body, "import os"))

    async def test_no_memory_lies_beside_the_limit(self, sandbox: Sandbox) -> None:
        assert "not permitted" in str(await refused(sandbox, "os.memfd_create('x')", "import os"))
        await refused(sandbox, "if ctypes.CDLL(None).syscall(447, 0) < 0: raise OSError", "import ctypes")

    async def test_it_has_no_rights_of_root(self, sandbox: Sandbox) -> None:
        await refused(sandbox, "time.clock_settime(time.CLOCK_REALTIME, time.time())", "import time")
        code = (
            "import ctypes\ndef main():\n    held = (ctypes.c_uint32 * 6)()\n"
            "    ctypes.CDLL(None).capget((ctypes.c_uint32 * 2)(0x20080522, 0), held)\n    return {'held': list(held)}"
        )
        assert await sandbox.run("python3", code, {}) == {"held": [0] * 6}

    async def test_its_limits_stay(self, sandbox: Sandbox) -> None:
        for limit in ("AS", "CPU", "NOFILE"):
            body = f"resource.setrlimit(resource.RLIMIT_{limit}, (resource.RLIM_INFINITY,) * 2)"
            await refused(sandbox, body, "import resource")

    @pytest.mark.parametrize("number", [0x40000000 + 41, 425, 321, 430, 434, 452, 999])
    async def test_system_calls_of_another_kind(self, sandbox: Sandbox, number: int) -> None:
        body = f"if ctypes.CDLL(None).syscall({number}, 0, 0, 0, 0) < 0: raise OSError"
        await refused(sandbox, body, "import ctypes")


@confined
@one_loop
class TestLimits:
    @pytest.mark.parametrize(
        "body",
        [
            "while True: pass",
            "time.sleep(3600)",
            "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)); time.sleep(3600)",
            "while True: print('x' * 10_000)",
            "str(9 ** 9 ** 9)",
            "re.match('(a+)+$', 'a' * 64 + 'b')",
            "threading.Thread(target=time.sleep, args=(3600,)).start(); threading.Event().wait()",
            "[os.close(n) for n in range(3, 64) if not failing(os.fstat, n)]; time.sleep(3600)",
        ],
    )
    async def test_endless_work_is_ended(self, hasty: Sandbox, body: str) -> None:
        before = (
            "import os, re, signal, threading, time\n"
            "def failing(call, *given):\n    try: call(*given)\n    except OSError: return True\n"
        )
        with pytest.raises(CodeFailure, match="longer than 1 seconds"):
            await hasty.run("python3", f"{before}\ndef main():\n    {body}\n    return {{}}", {})

    @pytest.mark.parametrize(
        "body",
        [
            "x = [0]\n    while True: x = x + x",
            "return {'x': 'a' * 10**10}",
            "x = []\n    while True: x.append(bytearray(10**6))",
            "import mmap\n    x = [mmap.mmap(-1, 2**26) for _ in range(100)]",
        ],
    )
    async def test_too_much_memory(self, sandbox: Sandbox, body: str) -> None:
        await refused(sandbox, body)

    @pytest.mark.parametrize(
        "body",
        [
            "return {'x': 'a' * 10**7}",
            "while True: os.write(3, b'x' * 10_000)",
            "return main()",
            "x = []; x.append(x); return {'x': x}",
            "os._exit(0)",
            "os.abort()",
            "os.write(3, b'{\"value\": NaN}'); os._exit(0)",
            "os.write(3, b'[' * 100_000); os._exit(0)",
            "os.write(3, b'{}\\n{\"value\": 1}\\n'); os._exit(0)",
        ],
    )
    async def test_what_is_said_is_not_trusted(self, sandbox: Sandbox, body: str) -> None:
        await refused(sandbox, body, "import os")

    async def test_a_cancelled_job_ends_its_processes(self, sandbox: Sandbox) -> None:
        assert await sandbox.run("python3", "def main(): return {}", {}) == {}
        (child,) = sandbox._python._isolate._free  # type: ignore[union-attr]
        job = asyncio.create_task(
            sandbox.run("python3", "import time\ndef main():\n    time.sleep(3600)\n    return {}", {})
        )
        running = await _until(lambda: _children(child.process.pid))
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        await _until(lambda: not any(Path(f"/proc/{pid}/fd").exists() and _lives(pid) for pid in running))
        assert await sandbox.run("python3", "def main(): return {'ok': 1}", {}) == {"ok": 1}

    async def test_a_killed_child_is_replaced(self, sandbox: Sandbox) -> None:
        assert await sandbox.run("python3", "def main(): return {}", {}) == {}
        (child,) = sandbox._python._isolate._free  # type: ignore[union-attr]
        os.kill(child.process.pid, signal.SIGKILL)
        await child.process.wait()
        with pytest.raises(CodeFailure):
            await sandbox.run("python3", "def main(): return {}", {})
        assert await sandbox.run("python3", "def main(): return {'ok': 1}", {}) == {"ok": 1}

    async def test_the_loop_is_free_meanwhile(self, sandbox: Sandbox) -> None:
        turns = 0

        async def turn() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        turning = asyncio.create_task(turn())
        code = "def main(n):\n    return {'n': sum(range(2_000_000)) + n}"
        results = await asyncio.gather(*(sandbox.run("python3", code, {"n": n}) for n in range(4)))
        turning.cancel()
        assert [result["n"] - 1999999000000 for result in results] == list(range(4))  # type: ignore[call-overload,index]
        assert turns > 100


@confined
class TestRefusal:
    def test_a_machine_without_the_package_is_refused(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        lacking = tmp_path / "child.py"
        source = Path(cpython_code._CHILD).read_text()
        lacking.write_text(source.replace("import sandlock", "import sandlock_that_is_not_here as sandlock"))
        monkeypatch.setattr(cpython_code, "_CHILD", lacking)
        with pytest.raises(SettingsError, match="CODE_PYTHON=sandlock: the package sandlock cannot be loaded"):
            examine_cpython()

    def test_a_kernel_that_is_too_old_is_refused(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        old = tmp_path / "child.py"
        source = Path(cpython_code._CHILD).read_text()
        old.write_text(source.replace("sandlock.landlock_abi_version()", "5"))
        monkeypatch.setattr(cpython_code, "_CHILD", old)
        with pytest.raises(SettingsError, match="Landlock version 6"):
            examine_cpython()

    def test_a_probe_that_gets_out_is_refused(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        open_child = tmp_path / "cpython_process.py"
        open_child.write_text(Path(cpython_code._CHILD).read_text())
        program = Path(cpython_code._CHILD).with_name("cpython_program.py").read_text()
        (tmp_path / "cpython_program.py").write_text(program.replace("    _seal()\n", ""))
        monkeypatch.setattr(cpython_code, "_CHILD", open_child)
        with pytest.raises(SettingsError, match="probe was not confined"):
            examine_cpython()


async def _until(holds: Any, seconds: float = 30.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    return found


def _children(pid: int) -> list[int]:
    """The processes that any thread of one started."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(each) for each in (task / "children").read_text().split()]
    return found


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False
