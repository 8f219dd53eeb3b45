"""The request pipeline against other ways to serve the same four operations.

    python -m bench.pipeline            in process: the application alone, no sockets
    python -m bench.pipeline --served   one server process each, over sockets: CPU of the server for each request

Rounds are interleaved, so that a busy machine slows all alike; the median counts. The ratio is that of Starlette with
orjson, which has only the measured routes and validates nothing, to the contestant: 1.00 is as fast, 0.80 the goal.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

import orjson

from bench.pipeline_sample.apps import CONTESTANTS
from bench.pipeline_sample.data import ID, QUESTION
from bench.pipeline_sample.load import InProcess, Served, Target

BASE = "starlette+orjson"
TARGETS = (
    Target("list 6 KB", "GET", "/v1/conversations?limit=20"),
    Target("POST", "POST", f"/v1/conversations/{ID}/messages", orjson.dumps(QUESTION)),
    Target("GET by id", "GET", f"/v1/conversations/{ID}"),
)

Results = dict[tuple[str, str], list[float]]


def main() -> None:
    """Measure and print the table."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--served", action="store_true", help="over sockets, in server processes")
    reader.add_argument("--rounds", type=int, default=9)
    reader.add_argument("--requests", type=int, default=400, help="in each round, for each operation")
    options = reader.parse_args()
    from parley.embedded.redis import EmbeddedRedis

    with tempfile.TemporaryDirectory() as folder:
        redis = EmbeddedRedis(Path(folder) / "data", Path(folder) / "redis.log")
        redis.start()
        os.environ["BENCH_REDIS"] = redis.url
        os.environ["BENCH_LOG"] = str(Path(folder) / "access.log")
        try:
            results = asyncio.run(_measure(options.served, options.rounds, options.requests))
        finally:
            redis.stop()
    _print(results, "CPU µs of the server" if options.served else "µs in process")


async def _measure(served: bool, rounds: int, requests: int) -> Results:
    results: Results = {}
    with ExitStack() as stack:
        runners: dict[str, InProcess | Served] = {}
        for name in CONTESTANTS:
            runners[name] = stack.enter_context(Served(name)) if served else InProcess(CONTESTANTS[name]())
        for name, runner in runners.items():
            for target in TARGETS:
                await runner.check(name, target)
        started = perf_counter()
        for number in range(rounds):
            for target in TARGETS:
                for name, runner in runners.items():
                    spent = await runner.run(target, requests)
                    results.setdefault((name, target.name), []).append(spent)
            print(f"round {number + 1}/{rounds}, {perf_counter() - started:.0f} s", file=sys.stderr)
    return results


def _print(results: Results, unit: str) -> None:
    columns = [target.name for target in TARGETS]
    print(f"\n{unit} for each request (ratio to {BASE})\n")
    print(f"{'':<20}" + "".join(f"{column:>20}" for column in columns))
    medians = {key: statistics.median(values) for key, values in results.items()}
    for name in CONTESTANTS:
        cells = []
        for column in columns:
            own, base = medians[name, column], medians[BASE, column]
            cells.append(f"{own:>10.1f} ({base / own:5.2f}×)")
        print(f"{name:<20}" + "".join(f"{cell:>20}" for cell in cells))


if __name__ == "__main__":
    main()
