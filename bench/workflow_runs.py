"""Workflow runs under load: a hundred at a time through API, Redis and one worker, against one alone.

Run it as `python -m bench.workflow_runs [runs] [tokens] [milliseconds]`. It starts the program with a single generation
process and a model, runs a workflow of five nodes, three of which ask the model, and prints how long the runs took
against one alone, how many failed, and what a run costs: CPU in each process, database transactions, and memory.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import aiohttp
import psycopg
import uvloop

from bench.chat import model_server
from bench.processes import environment, processes, watched
from tests.journeys.graphs import end, graph, llm, published_app, start
from tests.journeys.program import Program, running
from tests.journeys.resources import create_app_key

RUNS = 100
CALLS = ("first", "second", "third")
COMMITS = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
STATISTICS_SECONDS = 1.5


@dataclass
class Ran:
    """What came of some runs at the same time."""

    statuses: Counter[str] = field(default_factory=Counter)
    taken: list[float] = field(default_factory=list)
    seconds: float = 0.0


def _app_key(program: Program, model: str) -> str:
    choice = {"provider": "openai_api_compatible", "name": model, "mode": "chat", "completion_params": {}}
    nodes = [start("topic"), *(llm(name, choice, "{{#start.topic#}}") for name in CALLS), end(text=[CALLS[-1], "text"])]
    way = ["start", *CALLS, "end"]
    drawn = graph(nodes, *(f"{source}>{target}" for source, target in itertools.pairwise(way)))
    with program.console() as console:
        return create_app_key(console, published_app(console, "workflow", drawn))


async def _run(program: Program, key: str, runs: int) -> Ran:
    ran, body = Ran(), {"inputs": {"topic": "tea"}, "response_mode": "blocking", "user": "load"}
    headers = {"Authorization": f"Bearer {key}"}
    connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=300)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, headers=headers) as session:

        async def one() -> None:
            began = time.monotonic()
            async with session.post(f"{program.url}/v1/workflows/run", json=body) as response:
                told = await response.json()
            ran.taken.append(time.monotonic() - began)
            ran.statuses[told["data"]["status"] if response.status == 200 else str(response.status)] += 1

        began = time.monotonic()
        await asyncio.gather(*(one() for _ in range(runs)))
        ran.seconds = time.monotonic() - began
    return ran


async def _commits(database_url: str) -> int:
    """Return how many transactions there were; the server counts them with a delay."""
    await asyncio.sleep(STATISTICS_SECONDS)
    url = database_url.replace("postgresql+psycopg", "postgresql", 1)
    async with await psycopg.AsyncConnection.connect(url) as connection:
        row = await (await connection.execute(COMMITS)).fetchone()
    return int(row[0]) if row else 0


async def _measure(program: Program, key: str, runs: int) -> None:
    parts = processes(program.process.pid)
    workers = [part for part in parts if part.role == "worker"]
    assert len(workers) == 1
    database_url = environment(workers[0])["DATABASE_URL"]
    alone = median([(await _run(program, key, 1)).seconds for _ in range(5)])
    before = await _commits(database_url)
    async with watched(parts, database_url) as spent:
        together = await _run(program, key, runs)
    commits = await _commits(database_url) - before
    print(f"one run alone       {alone:7.2f} s")
    print(f"{runs} runs at once   {together.seconds:7.2f} s, {together.seconds / alone:.1f} x one alone")
    print(f"ended as            {dict(together.statuses)}")
    print(f"median of a run     {median(together.taken):7.2f} s")
    costs = "   ".join(f"{role} {cpu / runs * 1000:.1f}" for role, cpu in sorted(spent.cpu.items()))
    print(f"CPU of a run        {sum(spent.cpu.values()) / runs * 1000:7.1f} ms   ({costs})")
    print(f"transactions a run  {commits / runs:7.1f}, connections at work at most {spent.connections}")
    print(f"memory a run        {spent.memory.get('worker', 0) / runs / 1024:7.0f} KB in the worker")


def main(runs: int = RUNS, tokens: int = 50, milliseconds: int = 20) -> None:
    """Run the benchmark and print its report."""
    model = f"fake-{tokens}-{milliseconds}"
    with model_server() as (port, _), tempfile.TemporaryDirectory(prefix="bench") as home:
        settings = {
            "LLM_URL": f"http://127.0.0.1:{port}/v1",
            "LLM_MODEL": model,
            "LLM_API_KEY": "none",
            "PARLEY_GENERATION_PROCESSES": "1",
        }
        with running(Path(home), **settings) as program:
            uvloop.run(_measure(program, _app_key(program, model), runs))


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:4]))
