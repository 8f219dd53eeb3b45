"""How searches grow with their knowledge base: `python -m bench.scale [--minutes 5]`.

In a private PostgreSQL it makes 100 000 segments in 411 knowledge bases (20 000, 10 × 4 000, 400 × 100), asks each size
through the function that serves the API, then adds one of 100 000 and builds the approximate indexes. It prints times
and CPU time (this process and its server connection, which counts where others use the machine, too) beside those of
the controls: embedding the question alone, and exact search. It also asks while a knowledge base is being deleted, and
at the end over HTTP: there a search also checks the key, the request and the answer, and is noted.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import uvloop
from sqlalchemy import text

from bench.scale_corpus import Corpus
from bench.scale_rows import Filler
from engine.embedding.builtin import BuiltinEmbedders
from engine.retrieval import RetrievalOptions
from engine.retrieval.search import embedding_name, find
from foundation.secrets import hash_token
from foundation.storage import FolderStorage
from models import account, api_key, segment_index
from models import dataset as datasets
from models.database import Database
from models.migration import upgrade
from models.nearest import VectorSearch
from parley.embedded.postgres import EmbeddedPostgres
from tests.journeys.program import running
from workers.purging import Purger
from workers.vector_indexes import VectorIndexKeeper

SIZES = (20_000, *[4_000] * 10, *[100] * 400)
LARGEST = 100_000
QUESTIONS = 40
DEPTH = 10
KEY = "dataset-bench"
WARMING = 10


@dataclass
class Times:
    """What some questions took, in milliseconds."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def row(self, name: str, alone: "Times | None" = None) -> str:
        """Return a line of the report; the ratio is that of CPU times at the median to those of a control."""
        ratio = f"{_at(self.cpu, 0.5) / _at(alone.cpu, 0.5):7.1f}" if alone and _at(alone.cpu, 0.5) else ""
        cpu = f" {_at(self.cpu, 0.5):8.1f} {_at(self.cpu, 0.95):8.1f} {ratio}" if self.cpu else ""
        return f"{name:42} {_at(self.wall, 0.5):8.1f} {_at(self.wall, 0.95):8.1f}{cpu}"


class Bench:
    """One workspace, asked through one connection."""

    def __init__(self, url: str, models: Path) -> None:
        self.url = url
        self.database = Database(url, 1)
        self.embedders = BuiltinEmbedders(models)
        self.workspace_id = ""
        self._server = 0

    async def prepare(self) -> None:
        """Make the workspace, and learn which process serves the connection."""
        async with self.database.system() as scope:
            owner = await account.create(scope, email="bench@example.com", name="Bench", password_hash=None)
            self.workspace_id = (await account.create_workspace(scope, name="Bench", owner=owner)).id
            await api_key.create(
                scope.within(self.workspace_id),
                kind="dataset",
                token_hash=hash_token(KEY),
                token_hint=KEY,
                created_by=owner.id,
            )
            self._server = int(await scope.session.scalar(text("SELECT pg_backend_pid()")) or 0)

    async def timed(self, work: Awaitable[object], times: Times) -> None:
        """Wait for some work and note what it took."""
        wall, cpu = time.perf_counter(), self._cpu()
        await work
        times.cpu.append(self._cpu() - cpu)
        times.wall.append(1e3 * (time.perf_counter() - wall))

    async def alone(self, questions: Sequence[str]) -> Times:
        """Embed questions and do no more."""
        embedder, times = await self.embedders.builtin(), Times()
        for question in questions:
            await self.timed(embedder.embed([question]), times)
        return times

    async def ask(self, dataset_ids: Sequence[str], questions: Sequence[str]) -> Times:
        """Put each question to one of the datasets in turn."""
        times = Times()
        await self._find(dataset_ids[0], questions[0])
        for number, question in enumerate(questions):
            await self.timed(self._find(dataset_ids[number % len(dataset_ids)], question), times)
        return times

    async def recall(self, dataset_id: str, questions: Sequence[str]) -> float:
        """Return which part of the nearest segments an approximate index finds, of those that exact search finds."""
        embedder = await self.embedders.builtin()
        found = 0
        async with self.database.reading(self.workspace_id) as scope:
            for question in questions:
                vector = (await embedder.embed([question]))[0]
                exact = VectorSearch(embedding_name(embedder), vector, [dataset_id])
                by_index = VectorSearch(embedding_name(embedder), vector, [dataset_id], frozenset([dataset_id]))
                best = [
                    {
                        entry.segment_id
                        for entry in (await segment_index.rank_by_vector(scope, search, 50)).ranked[:DEPTH]
                    }
                    for search in (exact, by_index)
                ]
                found += len(best[0] & best[1])
        return found / (DEPTH * len(questions))

    async def delete(self, dataset_id: str, folder: Path) -> None:
        """Delete a dataset with everything in it, as the workers do."""
        other = Database(self.url, 2)
        async with other.workspace(self.workspace_id) as scope:
            await datasets.mark_deleted(scope, dataset_id)
        await Purger(other, FolderStorage(folder)).purge()
        await other.close()

    async def close(self) -> None:
        """End the connections and the model's thread."""
        self.embedders.close()
        await self.database.close()

    async def _find(self, dataset_id: str, question: str) -> object:
        return await find(
            self.database, self.embedders, self.workspace_id, [dataset_id], question, RetrievalOptions(top_k=DEPTH)
        )

    def _cpu(self) -> float:
        schedule = Path(f"/proc/{self._server}/schedstat")
        server = int(schedule.read_text().split()[0]) / 1e6 if schedule.exists() else 0.0
        return 1e3 * time.process_time() + server


def ask_over_http(url: str, folder: Path, dataset_ids: Sequence[str], questions: Sequence[str]) -> Times:
    """Start the program on the bench's database, and put each question to one of the datasets in turn, one by one."""
    times = Times()
    body = {"retrieval_model": {"search_method": "hybrid_search", "top_k": DEPTH}}
    with running(folder, DATABASE_URL=url, PARLEY_STRICT_RESPONSES="false") as program, program.service(KEY) as client:
        for number, question in enumerate([*questions[:WARMING], *questions]):
            began = time.perf_counter()
            path = f"/datasets/{dataset_ids[number % len(dataset_ids)]}/retrieve"
            answer: httpx2.Response = client.post(path, json=body | {"query": question})
            answer.raise_for_status()
            times.wall.append(1e3 * (time.perf_counter() - began))
    times.wall = times.wall[WARMING:]
    return times


async def run(url: str, folder: Path, deadline: float) -> None:
    """Fill, measure and report; what does not fit before the deadline is left out, and said."""
    bench = Bench(url, folder / "models")
    await bench.prepare()
    builtin = await bench.embedders.builtin()
    corpus = await asyncio.to_thread(Corpus, builtin)
    filler = await asyncio.to_thread(Filler, url, corpus, bench.workspace_id, embedding_name(builtin))
    began = time.monotonic()
    made = await asyncio.to_thread(filler.add, SIZES)
    filling = time.monotonic() - began
    print(f"{sum(SIZES)} segments in {len(SIZES)} datasets, filled in {filling:.0f} s; times in ms")
    print(f"{'hybrid search in a dataset of':42} {'p50':>8} {'p95':>8} {'CPU p50':>8} {'CPU p95':>8}   ratio")
    questions = corpus.questions(QUESTIONS)
    alone = await bench.alone(questions)
    print(alone.row("(the question embedded alone)"))
    large, middle, small = made[:1], made[1:11], made[11:]
    for name, dataset_ids in (("100", small), ("4 000", middle), ("20 000, exact", large)):
        print((await bench.ask(dataset_ids, questions)).row(name, alone), flush=True)
    doomed, kept = middle[0], middle[1:]
    deleting = asyncio.create_task(bench.delete(doomed, folder))
    beside = Times()
    while not deleting.done():
        part = await bench.ask(kept, questions[:5])
        beside.wall, beside.cpu = beside.wall + part.wall, beside.cpu + part.cpu
    await deleting
    print(beside.row("4 000, while another one is deleted", alone), flush=True)
    if time.monotonic() + 3 * filling > deadline:
        print("No time is left for the dataset of 100 000: --minutes says how much there is.")
    else:
        thousand, largest = await asyncio.to_thread(filler.add, (1_000, LARGEST))
        print((await bench.ask([thousand], questions)).row("1 000", alone))
        print((await bench.ask([largest], questions[:10])).row("100 000, exact", alone), flush=True)
        large.append(largest)
    began = time.monotonic()
    keeper = VectorIndexKeeper(url, SIZES[0])
    await keeper.look()
    await keeper.close()
    print(f"approximate indexes built in {time.monotonic() - began:.0f} s")
    for name, dataset_id in zip(("20 000", "100 000"), large, strict=False):
        times, recall = await bench.ask([dataset_id], questions), await bench.recall(dataset_id, questions)
        print(f"{times.row(f'{name}, by its index', alone)}   recall@{DEPTH} {recall:.3f}", flush=True)
    await asyncio.to_thread(filler.close)
    await bench.close()
    home = folder / "program"
    home.mkdir()
    over_http = await asyncio.to_thread(ask_over_http, url, home, kept, questions)
    print(over_http.row("4 000, over HTTP"), flush=True)


def main() -> None:
    """Run the benchmark as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long it may take")
    deadline = time.monotonic() + 60 * parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = EmbeddedPostgres(folder / "data", folder / "log", fsync=False)
        server.start()
        try:
            upgrade(server.url)
            uvloop.run(run(server.url, folder, deadline))
        finally:
            server.stop()


def _at(values: Sequence[float], part: float) -> float:
    return sorted(values)[min(int(len(values) * part), len(values) - 1)] if values else 0.0


if __name__ == "__main__":
    main()
