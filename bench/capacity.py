"""What another worker process adds: runs a second with one, two and four of them, each held to a share of a core.

    python -m bench.capacity            the median of five rounds: about seven minutes

A machine has few cores and everything measured shares them, so each generation worker gets an eighth of a core and no
more: what is short is workers, as it is where there are more machines. The kernel holds them (a control group each),
which takes root. In each round every number of workers has its turn, with as many questions at once for each worker;
the ratio is to one worker in the same round, and n workers are n times as much where nothing that they share is short.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import uvloop

from bench.chat import model_server, through
from bench.processes import processes
from bench.stream_client import Clients, Measured, Target
from tests.journeys.program import running

WORKERS = (1, 2, 4)
SHARE, PERIOD_US = 0.125, 20_000
AT_ONCE, TOKENS = 16, 2
SECONDS, WARM_UP_SECONDS = 8.0, 2.0
UNIFIED, CPU_ALONE = Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/cpu")


@contextmanager
def held(pids: list[int], share: float) -> Iterator[None]:
    """Let each process have a share of one core at most.

    Raises:
        OSError: the kernel does not let us: not root, or no control groups.
    """
    split = CPU_ALONE.is_dir()
    groups = [(CPU_ALONE if split else UNIFIED) / f"parley-bench-{pid}" for pid in pids]
    limits = {"cpu.max": f"{int(PERIOD_US * share)} {PERIOD_US}"}
    if split:
        limits = {"cpu.cfs_period_us": str(PERIOD_US), "cpu.cfs_quota_us": str(int(PERIOD_US * share))}
    try:
        for pid, group in zip(pids, groups, strict=True):
            group.mkdir()
            for name, value in limits.items():
                (group / name).write_text(value)
            (group / "cgroup.procs").write_text(str(pid))
        yield
    finally:
        for pid, group in zip(pids, groups, strict=True):
            if group.is_dir():
                (group.parent / "cgroup.procs").write_text(str(pid))
                group.rmdir()


async def _runs_a_second(target: Target, at_once: int) -> float:
    """Return how many runs end in a second when so many questions are always open.

    Raises:
        RuntimeError: an answer was not whole.
    """
    clients, warming, measured = Clients(), Measured(), Measured()
    begin = time.monotonic() + WARM_UP_SECONDS
    end = begin + SECONDS

    async def ask() -> None:
        while (now := time.monotonic()) < end:
            await clients.ask(target, TOKENS, warming if now < begin else measured)

    await asyncio.gather(*(ask() for _ in range(at_once)))
    clients.close()
    if warming.failed or measured.failed:
        raise RuntimeError(f"{warming.failed + measured.failed} answers were not whole.")
    return len(measured.first) / (time.monotonic() - begin)


def _measured(port: int, workers: int) -> tuple[float, float]:
    """Return the runs a second of so many workers, and the share of a core that each of them took."""
    settings = {"LLM_URL": f"http://127.0.0.1:{port}/v1", "LLM_MODEL": "fake", "LLM_API_KEY": "none"}
    settings |= {"PARLEY_STRICT_RESPONSES": "false", "PARLEY_GENERATION_PROCESSES": str(workers)}
    with tempfile.TemporaryDirectory(prefix="bench") as home, running(Path(home), **settings) as program:
        target = through(program, f"fake-{TOKENS}-1")
        parts = [part for part in processes(program.process.pid) if part.role == "worker"]
        if len(parts) != workers:
            raise RuntimeError(f"{len(parts)} generation workers run, not {workers}.")
        with held([part.pid for part in parts], SHARE):
            before, began = sum(part.cpu_seconds() for part in parts), time.monotonic()
            runs = uvloop.run(_runs_a_second(target, AT_ONCE * workers))
            spent = (sum(part.cpu_seconds() for part in parts) - before) / (time.monotonic() - began)
        return runs, spent / workers


def main() -> None:
    """Run the benchmark and print its report; without the right to hold processes, say so and measure nothing."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--rounds", type=int, default=5)
    options = reader.parse_args()
    try:
        with held([os.getpid()], 1.0):
            pass
    except OSError as error:
        print(f"Nothing measured: holding a process to a share of a core takes root and control groups ({error}).")
        return
    rounds: list[dict[int, float]] = []
    with model_server() as (port, _):
        for _ in range(options.rounds):
            told: dict[int, float] = {}
            for workers in WORKERS:
                told[workers], share = _measured(port, workers)
                print(f"{workers} workers   {told[workers]:6.1f} runs/s   each took {share:.3f} of a core", flush=True)
            rounds.append(told)
    print(f"\nheld to {SHARE} of a core each, {os.cpu_count()} cores, median of {len(rounds)}")
    for workers in WORKERS:
        runs = median(told[workers] for told in rounds)
        ratio = median(told[workers] / told[1] for told in rounds)
        print(f"{workers} workers   {runs:6.1f} runs/s   {ratio:.2f} x one")


if __name__ == "__main__":
    main()
