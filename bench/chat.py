"""Chat under load: through API, Redis and RQ, against the same model called directly.

Run it as `python -m bench.chat [tokens] [milliseconds] [rounds]`. It starts the program and the model, and prints for
1, 50 and 200 streams at the same time, as the median of the rounds: the first token's time and how late tokens arrive,
each against the model called directly in the same round; the CPU that a token costs in each process; the memory that a
stream takes; and how many database connections were at work at most.
"""

from __future__ import annotations

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

STREAMS = (1, 50, 200)
ROUNDS = 5
STAMP = re.compile(rb" (\d{19})")
RAMP_SECONDS = 1.0


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


async def _round(target: Target, streams: int, tokens: int) -> Measured:
    measured = Measured()
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session:

        async def one(number: int) -> None:
            await asyncio.sleep(RAMP_SECONDS * number / streams)
            await _ask(session, target, tokens, measured)

        began = time.monotonic()
        await asyncio.gather(*(one(number) for number in range(streams)))
        measured.seconds = time.monotonic() - began
    return measured


@contextmanager
def _model() -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.fake_model", str(port)], cwd=ROOT)
    try:
        yield port
    finally:
        process.kill()
        process.wait()


def _app_key(program: Program) -> str:
    with program.console() as console:
        app = console.post("/apps", json={"name": "Load", "mode": "chat"}).raise_for_status().json()
        return str(console.post(f"/apps/{app['id']}/api-keys").raise_for_status().json()["token"])


@dataclass
class Compared:
    """One number of streams, round by round: the model alone, the whole way, and what the program spent on it."""

    streams: int
    rounds: list[tuple[Measured, Measured, Spent]] = field(default_factory=list)

    def report(self) -> str:
        """Return the medians over the rounds."""
        lines = [f"{self.streams} streams"]
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
        kilobytes = {
            role: max(spent.memory[role] for _, _, spent in self.rounds) / self.streams / 1024
            for role in ("api", "worker")
        }
        parts = "   ".join(f"{role} {size:.0f}" for role, size in kilobytes.items())
        busy = max(spent.connections for _, _, spent in self.rounds)
        lines.append(f"  KB a stream at most: {parts}   database connections at work at most: {busy}")
        return "\n".join(lines)


async def _measure(program: Program, key: str, model_port: int, model: str, tokens: int, rounds: int) -> None:
    question = [{"role": "user", "content": "hi"}]
    direct = Target(
        f"http://127.0.0.1:{model_port}/v1/chat/completions",
        {},
        {"model": model, "stream": True, "messages": question},
    )
    through = Target(
        f"{program.url}/v1/chat-messages",
        {"Authorization": f"Bearer {key}"},
        {"inputs": {}, "query": "hi", "user": "load", "response_mode": "streaming"},
    )
    parts = processes(program.process.pid)
    database_url = environment(next(part for part in parts if part.role == "worker"))["DATABASE_URL"]
    for target in (direct, through):
        await _round(target, 8, tokens)
    for streams in STREAMS:
        compared = Compared(streams)
        for _ in range(rounds):
            compared.rounds.append(await _compare(direct, through, streams, tokens, parts, database_url))
        print(compared.report(), flush=True)


async def _compare(
    direct: Target, through: Target, streams: int, tokens: int, parts: list[Process], database_url: str
) -> tuple[Measured, Measured, Spent]:
    alone = await _round(direct, streams, tokens)
    async with watched(parts, database_url) as spent:
        whole = await _round(through, streams, tokens)
    print(alone.row("direct"))
    print(whole.row("parley"))
    return alone, whole, spent


def main(tokens: int = 100, milliseconds: int = 20, rounds: int = ROUNDS) -> None:
    """Run the benchmark and print its report."""
    model = f"fake-{tokens}-{milliseconds}"
    with _model() as port, tempfile.TemporaryDirectory(prefix="bench") as home:
        settings = {"LLM_URL": f"http://127.0.0.1:{port}/v1", "LLM_MODEL": model, "LLM_API_KEY": "none"}
        with running(Path(home), **settings) as program:
            uvloop.run(_measure(program, _app_key(program), port, model, tokens, rounds))


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:4]))
