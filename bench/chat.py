"""Chat under load: through API, Redis and RQ, against the same model called directly.

    python -m bench.chat                 every load, the median of five rounds: about ten minutes
    python -m bench.chat --rounds 1 --seconds 4 --loads 1x50 200x50

A load is a number of streams at a time and the tokens a second of each. The answers of a round begin spread over half
the time that one takes. For each load it prints the first token's time and how late tokens arrive, against the model
called directly in the same round; the CPU that a token costs in each process, and in the clients and the model, which
share the machine; the memory that a stream takes; and how many database connections were at work at most. Meanwhile
questions are asked whose answers come from a knowledge base, so that the same worker searches. What a run costs apart
from its tokens is measured by short answers.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import uvloop

from bench.processes import Process, Spent, environment, processes, watched
from bench.stream_client import Clients, Measured, Target
from tests.journeys.program import ROOT, Program, free_port, running
from tests.journeys.resources import add_text, await_indexing, create_dataset, create_knowledge_key

LOADS = ("1x50", "50x50", "200x50", "500x20")
SHORT_TOKENS, SHORT_RUNS, SHORT_AT_ONCE = 2, 300, 10
SINGLE_RUNS, SINGLE_PAUSE_SECONDS = 50, 0.1
KETTLES = 200


@dataclass(frozen=True)
class Load:
    """So many streams at the same time, each of so many tokens a second for so many seconds."""

    streams: int
    rate: int
    seconds: float

    @classmethod
    def read(cls, text: str, seconds: float) -> Load:
        """Return a load from its text, as in `200x50`."""
        streams, _, rate = text.partition("x")
        return cls(int(streams), int(rate), seconds)

    @property
    def tokens(self) -> int:
        """Return how many tokens each answer has."""
        return int(self.rate * self.seconds)

    @property
    def model(self) -> str:
        """Return the name of the model that answers like this."""
        return f"fake-{self.tokens}-{1000 / self.rate:g}"


async def _round(target: Target, load: Load) -> Measured:
    measured, clients = Measured(), Clients()

    async def one(number: int) -> None:
        await asyncio.sleep(load.seconds / 2 * number / load.streams)
        await clients.ask(target, load.tokens, measured)

    began = time.monotonic()
    await asyncio.gather(*(one(number) for number in range(load.streams)))
    measured.seconds = time.monotonic() - began
    clients.close()
    return measured


@contextmanager
def model_server() -> Iterator[tuple[int, Process]]:
    """Serve the fake model on a port of its own; yields the port and the process."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.fake_model", str(port)], cwd=ROOT)
    try:
        yield port, Process("model", process.pid)
    finally:
        process.kill()
        process.wait()


def _app_key(program: Program, model: str, **settings: object) -> str:
    """Return the key of a new app that a model answers, and whose configuration says this besides."""
    with program.console() as console:
        app = console.post("/apps", json={"name": "Load", "mode": "chat"}).raise_for_status().json()
        config = {"model": {"provider": "openai_api_compatible", "name": model, "mode": "chat"}, **settings}
        console.post(f"/apps/{app['id']}/model-config", json=config).raise_for_status()
        return str(console.post(f"/apps/{app['id']}/api-keys").raise_for_status().json()["token"])


@dataclass
class Compared:
    """One load, round by round: the model alone, the whole way, and what the program spent on it."""

    load: Load
    rounds: list[tuple[Measured, Measured, Spent]] = field(default_factory=list)
    own: list[float] = field(default_factory=list)

    def report(self) -> str:
        """Return the medians over the rounds."""
        lines = [f"{self.load.streams} streams of {self.load.rate} tokens/s, {self.load.tokens} tokens each"]
        for share in (0.5, 0.95):
            deltas = [(whole.at(share), alone.at(share)) for alone, whole, _ in self.rounds]
            first = median(whole[0] - alone[0] for whole, alone in deltas)
            late = median(whole[1] for whole, _ in deltas)
            added = median(whole[1] - alone[1] for whole, alone in deltas)
            lines.append(
                f"  p{share * 100:<3.0f} first token +{first:.1f} ms   token latency {late:.1f} ms (+{added:.1f} ms)"
            )
        shares = [
            (len(whole.late) / whole.seconds) / (len(alone.late) / alone.seconds) for alone, whole, _ in self.rounds
        ]
        failed = sum(whole.failed for _, whole, _ in self.rounds)
        lines.append(f"  tokens/s {median(shares):.2f} of the model called directly   failed {failed}")
        costs = {
            role: median(spent.cpu[role] / max(len(whole.late), 1) * 1e6 for _, whole, spent in self.rounds)
            for role in sorted(self.rounds[0][2].cpu)
        }
        parts = "   ".join(f"{role} {cost:.0f}" for role, cost in costs.items())
        lines.append(f"  CPU a token, whole runs and the searches beside: {sum(costs.values()):.0f} µs   ({parts})")
        lines.append(f"  beside it the clients and the model: {median(self.own):.0f} µs")
        kilobytes = {
            role: max(spent.memory[role] for _, _, spent in self.rounds) / self.load.streams / 1024
            for role in ("api", "worker")
        }
        parts = "   ".join(f"{role} {size:.0f}" for role, size in kilobytes.items())
        busy = max(spent.connections for _, _, spent in self.rounds)
        lines.append(f"  KB a stream at most: {parts}   database connections at work at most: {busy}")
        return "\n".join(lines)


def _direct(port: int, model: str) -> Target:
    question = [{"role": "user", "content": "hi"}]
    body: dict[str, object] = {"model": model, "stream": True, "messages": question}
    return Target(f"http://127.0.0.1:{port}/v1/chat/completions", body)


def through(program: Program, model: str, query: str = "hi", **settings: object) -> Target:
    """Return the question to a new app of a running program that a model answers."""
    body: dict[str, object] = {"inputs": {}, "query": query, "user": "load", "response_mode": "streaming"}
    return Target(f"{program.url}/v1/chat-messages", body, _app_key(program, model, **settings))


def _of_knowledge(program: Program) -> Target:
    """Return the question to a new app that answers from a knowledge base of high quality."""
    with program.console() as console:
        dataset_id = create_dataset(console, indexing_technique="high_quality")
        key = create_knowledge_key(console)
    text = "\n\n".join(f"The kettle K{n} boils {n} litres of water in {n + 1} minutes." for n in range(KETTLES))
    with program.service(key) as service:
        added = add_text(service, dataset_id, "Kettles", text, indexing_technique="high_quality")
        status = await_indexing(service, dataset_id, added["batch"])
    if status["indexing_status"] != "completed":
        raise RuntimeError(f"The knowledge base was not indexed: {status['error']}")
    chosen = {"datasets": {"datasets": [{"dataset": {"enabled": True, "id": dataset_id}}]}}
    configs = {"retrieval_model": "multiple", **chosen}
    return through(program, f"fake-{SHORT_TOKENS}-1", "How long does the kettle K2 take?", dataset_configs=configs)


@asynccontextmanager
async def _asked_beside(target: Target, every_second: float) -> AsyncIterator[Measured]:
    """Ask so many questions a second meanwhile, each at its moment; none where that is 0."""
    measured, clients = Measured(), Clients()

    async def ask() -> None:
        async with asyncio.TaskGroup() as asked:
            while True:
                await asyncio.sleep(1 / every_second)
                asked.create_task(clients.ask(target, SHORT_TOKENS, measured))

    asking = asyncio.create_task(ask()) if every_second else None
    try:
        yield measured
    finally:
        if asking is not None:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        clients.close()


async def _measure(
    program: Program, port: int, model: Process, loads: list[Load], rounds: int, searches: float
) -> None:
    parts = processes(program.process.pid)
    database_url = environment(next(part for part in parts if part.role == "worker"))["DATABASE_URL"]
    print(await _short_runs(through(program, f"fake-{SHORT_TOKENS}-1"), parts, database_url), flush=True)
    print(await _one_by_one(_direct(port, f"fake-{SHORT_TOKENS}-1"), through(program, f"fake-{SHORT_TOKENS}-1")))
    knowledge = _of_knowledge(program)
    # The first search of a worker loads the sentence model, which is no part of a stream.
    await _round(knowledge, Load(1, SHORT_TOKENS, 1.0))
    for load in loads:
        direct, target = _direct(port, load.model), through(program, load.model)
        compared = Compared(load)
        for _ in range(rounds):
            alone = await _round(direct, load)
            before = time.process_time() + model.cpu_seconds()
            async with watched(parts, database_url) as spent, _asked_beside(knowledge, searches) as beside:
                whole = await _round(target, load)
            own = time.process_time() + model.cpu_seconds() - before
            compared.own.append(own / max(len(whole.late), 1) * 1e6)
            print(alone.row("direct"))
            print(whole.row("parley"))
            asked = f"{len(beside.first)} questions of knowledge, first token {beside.at(0.5)[0]:.1f} ms at p50"
            print(f"{'beside':>8}  {asked}, failed {beside.failed}")
            compared.rounds.append((alone, whole, spent))
        print(compared.report(), flush=True)


async def _one_by_one(direct: Target, through: Target) -> str:
    """Return when the first token comes where nobody else asks: both ways in turn, over connections that stand."""
    alone, whole, clients = Measured(), Measured(), Clients()
    for _ in range(SINGLE_RUNS):
        for target, measured in ((direct, alone), (through, whole)):
            await asyncio.sleep(SINGLE_PAUSE_SECONDS)
            await clients.ask(target, SHORT_TOKENS, measured)
    clients.close()
    added = "   ".join(f"p{share * 100:.0f} +{whole.at(share)[0] - alone.at(share)[0]:.1f} ms" for share in (0.5, 0.95))
    return f"first token, one question at a time: {added}   failed {alone.failed + whole.failed}"


async def _short_runs(target: Target, parts: list[Process], database_url: str) -> str:
    """Return what a run costs whose answer is next to nothing."""
    measured, clients = Measured(), Clients()

    async def some(numbers: Iterator[int]) -> None:
        for _ in numbers:
            await clients.ask(target, SHORT_TOKENS, measured)

    await some(iter(range(20)))
    async with watched(parts, database_url) as spent:
        numbers = iter(range(SHORT_RUNS))
        await asyncio.gather(*(some(numbers) for _ in range(SHORT_AT_ONCE)))
    clients.close()
    costs = {role: cpu / SHORT_RUNS * 1e3 for role, cpu in sorted(spent.cpu.items())}
    shown = "   ".join(f"{role} {cost:.1f}" for role, cost in costs.items())
    return f"CPU a run of {SHORT_TOKENS} tokens: {sum(costs.values()):.1f} ms   ({shown})   failed {measured.failed}"


def main() -> None:
    """Run the benchmark and print its report."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--rounds", type=int, default=5)
    reader.add_argument("--seconds", type=float, default=10.0, help="how long one answer takes")
    reader.add_argument("--searches", type=float, default=2.0, help="questions of knowledge a second beside")
    reader.add_argument("--loads", nargs="+", default=LOADS, metavar="STREAMSxRATE")
    options = reader.parse_args()
    loads = [Load.read(text, options.seconds) for text in options.loads]
    with model_server() as (port, model), tempfile.TemporaryDirectory(prefix="bench") as home:
        settings = {"LLM_URL": f"http://127.0.0.1:{port}/v1", "LLM_MODEL": "fake", "LLM_API_KEY": "none"}
        settings["PARLEY_STRICT_RESPONSES"] = "false"
        settings["PARLEY_GENERATION_CONCURRENCY"] = str(max(load.streams for load in loads))
        with running(Path(home), **settings) as program:
            uvloop.run(_measure(program, port, model, loads, options.rounds, options.searches))


if __name__ == "__main__":
    main()
