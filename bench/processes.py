"""What the program's processes spend: CPU time, private memory, and database connections at work; read from /proc."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

TICKS = os.sysconf("SC_CLK_TCK")
SAMPLE_SECONDS = 0.1
AT_WORK = (
    "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND backend_type = 'client backend' AND pid <> %s"
)


@dataclass(frozen=True, slots=True)
class Process:
    """One process of the program and what it does there."""

    role: str
    pid: int

    def cpu_seconds(self, *, with_children: bool = False) -> float:
        """Return the CPU time that it has used, in seconds, or that it and its children that ended have."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11 : 15 if with_children else 13])) / TICKS

    def private_bytes(self) -> int:
        """Return the memory that is its own."""
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def processes(root: int) -> list[Process]:
    """Return the processes below one whose role a benchmark of chats asks for: `api`, `worker`, `redis`."""
    return [Process(role, pid) for pid in _below(root) if (role := _role(pid))]


def indexing_process(root: int) -> Process:
    """Return the process below one that forks for each document.

    Raises:
        RuntimeError: there is not exactly one.
    """
    found = [pid for pid in _below(root) if "worker indexing" in _command(pid)]
    if len(found) != 1:
        raise RuntimeError(f"{len(found)} processes index documents.")
    return Process("indexing", found[0])


def _below(root: int) -> list[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat[1])
    return [pid for pid in parents if _is_below(pid, root, parents)]


def environment(process: Process) -> dict[str, str]:
    """Return the environment that a process was started with."""
    text = Path(f"/proc/{process.pid}/environ").read_text()
    return dict(line.split("=", 1) for line in text.split("\0") if "=" in line)


@dataclass
class Spent:
    """What was spent between two moments; memory is the most above the beginning, in bytes."""

    cpu: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    connections: int = 0


@asynccontextmanager
async def watched(parts: list[Process], database_url: str) -> AsyncIterator[Spent]:
    """Watch processes while something goes on.

    Args:
        parts: the processes.
        database_url: the database whose connections at work are counted.
    """
    spent = Spent()
    before = {part: (part.cpu_seconds(), part.private_bytes()) for part in parts}
    url = database_url.replace("postgresql+psycopg", "postgresql", 1)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        sampling = asyncio.create_task(_sample(connection, before, spent))
        try:
            yield spent
        finally:
            sampling.cancel()
            await asyncio.gather(sampling, return_exceptions=True)
            for part, (cpu, _) in before.items():
                spent.cpu[part.role] = spent.cpu.get(part.role, 0.0) + part.cpu_seconds() - cpu


async def _sample(
    connection: psycopg.AsyncConnection[tuple[int]], before: dict[Process, tuple[float, int]], spent: Spent
) -> None:
    """Sample; to add up a large process takes the kernel milliseconds, which must not delay this loop's clients."""
    rounds = 0
    while True:
        cursor = await connection.execute(AT_WORK, (connection.info.backend_pid,))
        row = await cursor.fetchone()
        spent.connections = max(spent.connections, row[0] if row else 0)
        if rounds % 5 == 0:
            for part, (_, memory) in before.items():
                grown = await asyncio.to_thread(part.private_bytes) - memory
                spent.memory[part.role] = max(spent.memory.get(part.role, 0), grown)
        rounds += 1
        await asyncio.sleep(SAMPLE_SECONDS)


def _role(pid: int) -> str | None:
    line = _command(pid)
    if "worker generation" in line:
        return "worker"
    if line.rstrip().endswith(" api") or "granian" in line or "spawn_main" in line:
        return "api"
    return "redis" if "valkey-server" in line or "redis-server" in line else None


def _command(pid: int) -> str:
    try:
        return " ".join(Path(f"/proc/{pid}/cmdline").read_text().split("\0"))
    except OSError:
        return ""


def _is_below(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid > 1:
        if pid == root:
            return True
        pid = parents.get(pid, 0)
    return False
