"""Chat under load: through API, Redis and RQ, against the same model called directly.

    python -m bench.chat                 every load, the median of five rounds: about ten minutes
    python -m bench.chat --rounds 1 --seconds 4 --loads 1x50 200x50

A load is a number of streams at a time and the tokens a second of each. The answers of a round begin spread over half
the time that one takes. For each load it prints the first token's time and how late tokens arrive, against the model
called directly in the same round; the CPU that a token costs in each process, and in the clients and the model, which
share the machine; the memory that a stream takes; and how many database connections were at work at most. What a run
costs apart from its tokens is measured by short answers.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import aiohttp
import uvloop

from bench.processes import Process, Spent, environment, processes, watched
from tests.journeys.program import ROOT, Program, free_port, running

LOADS = ("1x50", "50x50", "200x50", "500x20")
STAMP = re.compile(rb" (\d{19})")
SHORT_TOKENS, SHORT_RUNS, SHORT_AT_ONCE = 2, 300, 10
SINGLE_RUNS, SINGLE_PAUSE_SECONDS = 50, 0.1


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


@dataclass
class Measured:
    """What the clients of one round saw, in seconds."""

    first: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    seconds: float = 0.0
    failed: int = 0

    def at(self, share: float) -> tuple[float, float]:
        """Return a percentile of the first token's time and of the tokens' latency, in milliseconds."""
        return _at(sorted(self.first), share), _at(sorted(self.late), share)

    def row(self, name: str) -> str:
        """Return one line of the report."""
        first, late = sorted(self.first), sorted(self.late)
        return (
            f"{name:>8}  first token {_at(first, 0.5):7.1f} / {_at(first, 0.95):7.1f} ms"
            f"   token latency {_at(late, 0.5):6.1f} / {_at(late, 0.95):6.1f} ms"
            f"   {len(late) / self.seconds:7.0f} tokens/s   failed {self.failed}"
        )


def _at(ordered: list[float], share: float) -> float:
    """Return a percentile in milliseconds."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else float("nan")


@dataclass(frozen=True)
class Target:
    """Where a question goes."""

    url: str
    headers: dict[str, str]
    body: dict[str, object]


async def _ask(session: aiohttp.ClientSession, target: Target, tokens: int, measured: Measured) -> None:
    began, seen, rest = time.time_ns(), 0, b""
    try:
        async with session.post(target.url, json=target.body, headers=target.headers) as response:
            response.raise_for_status()
            async for data in response.content.iter_any():
                now = time.time_ns()
                rest += data
                end = 0
                for stamp in STAMP.finditer(rest):
                    if not seen:
                        measured.first.append((now - began) / 1e9)
                    seen += 1
                    measured.late.append((now - int(stamp[1])) / 1e9)
                    end = stamp.end()
                rest = rest[max(end, len(rest) - 20) :]
    except (aiohttp.ClientError, TimeoutError):
        seen = -1
    measured.failed += seen != tokens


async def _round(target: Target, load: Load) -> Measured:
    measured, streams = Measured(), load.streams
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session:

        async def one(number: int) -> None:
            await asyncio.sleep(load.seconds / 2 * number / streams)
            await _ask(session, target, load.tokens, measured)

        began = time.monotonic()
        await asyncio.gather(*(one(number) for number in range(streams)))
        measured.seconds = time.monotonic() - began
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


def _app_key(program: Program, model: str) -> str:
    """Return the key of a new app that a model answers."""
    with program.console() as console:
        app = console.post("/apps", json={"name": "Load", "mode": "chat"}).raise_for_status().json()
        config = {"model": {"provider": "openai_api_compatible", "name": model, "mode": "chat"}}
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
        lines.append(f"  CPU a token, runs' beginnings and ends included: {sum(costs.values()):.0f} µs   ({parts})")
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
    return Target(f"http://127.0.0.1:{port}/v1/chat/completions", {}, body)


def _through(program: Program, model: str) -> Target:
    body: dict[str, object] = {"inputs": {}, "query": "hi", "user": "load", "response_mode": "streaming"}
    return Target(f"{program.url}/v1/chat-messages", {"Authorization": f"Bearer {_app_key(program, model)}"}, body)


async def _measure(program: Program, port: int, model: Process, loads: list[Load], rounds: int) -> None:
    parts = processes(program.process.pid)
    database_url = environment(next(part for part in parts if part.role == "worker"))["DATABASE_URL"]
    print(await _short_runs(_through(program, f"fake-{SHORT_TOKENS}-1"), parts, database_url), flush=True)
    print(await _one_by_one(_direct(port, f"fake-{SHORT_TOKENS}-1"), _through(program, f"fake-{SHORT_TOKENS}-1")))
    for load in loads:
        direct, through = _direct(port, load.model), _through(program, load.model)
        compared = Compared(load)
        for _ in range(rounds):
            alone = await _round(direct, load)
            before = time.process_time() + model.cpu_seconds()
            async with watched(parts, database_url) as spent:
                whole = await _round(through, load)
            own = time.process_time() + model.cpu_seconds() - before
            compared.own.append(own / max(len(whole.late), 1) * 1e6)
            print(alone.row("direct"))
            print(whole.row("parley"))
            compared.rounds.append((alone, whole, spent))
        print(compared.report(), flush=True)


async def _one_by_one(direct: Target, through: Target) -> str:
    """Return when the first token comes where nobody else asks: both ways in turn, over connections that stand."""
    alone, whole = Measured(), Measured()
    async with aiohttp.ClientSession() as session:
        for _ in range(SINGLE_RUNS):
            for target, measured in ((direct, alone), (through, whole)):
                await asyncio.sleep(SINGLE_PAUSE_SECONDS)
                await _ask(session, target, SHORT_TOKENS, measured)
    added = "   ".join(f"p{share * 100:.0f} +{whole.at(share)[0] - alone.at(share)[0]:.1f} ms" for share in (0.5, 0.95))
    return f"first token, one question at a time: {added}   failed {alone.failed + whole.failed}"


async def _short_runs(target: Target, parts: list[Process], database_url: str) -> str:
    """Return what a run costs whose answer is next to nothing."""
    measured = Measured()

    async def some(session: aiohttp.ClientSession, numbers: Iterator[int]) -> None:
        for _ in numbers:
            await _ask(session, target, SHORT_TOKENS, measured)

    async with aiohttp.ClientSession() as session:
        await some(session, iter(range(20)))
        async with watched(parts, database_url) as spent:
            numbers = iter(range(SHORT_RUNS))
            await asyncio.gather(*(some(session, numbers) for _ in range(SHORT_AT_ONCE)))
    costs = {role: cpu / SHORT_RUNS * 1e3 for role, cpu in sorted(spent.cpu.items())}
    shown = "   ".join(f"{role} {cost:.1f}" for role, cost in costs.items())
    return f"CPU a run of {SHORT_TOKENS} tokens: {sum(costs.values()):.1f} ms   ({shown})   failed {measured.failed}"


def main() -> None:
    """Run the benchmark and print its report."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--rounds", type=int, default=5)
    reader.add_argument("--seconds", type=float, default=10.0, help="how long one answer takes")
    reader.add_argument("--loads", nargs="+", default=LOADS, metavar="STREAMSxRATE")
    options = reader.parse_args()
    loads = [Load.read(text, options.seconds) for text in options.loads]
    with model_server() as (port, model), tempfile.TemporaryDirectory(prefix="bench") as home:
        settings = {"LLM_URL": f"http://127.0.0.1:{port}/v1", "LLM_MODEL": "fake", "LLM_API_KEY": "none"}
        settings["PARLEY_STRICT_RESPONSES"] = "false"
        settings["PARLEY_GENERATION_CONCURRENCY"] = str(max(load.streams for load in loads))
        with running(Path(home), **settings) as program:
            uvloop.run(_measure(program, port, model, loads, options.rounds))


if __name__ == "__main__":
    main()
