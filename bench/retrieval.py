"""How well and how fast retrieval answers: `python -m bench.retrieval FOLDER [--queries 200] [--method hybrid_search]`.

FOLDER holds sets of `NAME.corpus.jsonl` (`id`, `text`) and `NAME.queries.jsonl` (`q`, `rel`). Each set becomes one
knowledge base, a paragraph one segment, in a private PostgreSQL, and is asked through the same function that serves
the API. It prints MRR@10, recall@1 and @5 in percent, and times.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from engine.embedding.builtin import BuiltinEmbedders
from engine.ingestion.document import estimate_tokens, hash_content
from engine.retrieval import RetrievalOptions, retrieve
from engine.retrieval.analysis import analyse
from engine.retrieval.options import SearchMethod
from engine.retrieval.search import embedding_name
from models import account, segment_index
from models import dataset as datasets
from models import document as documents
from models import segment as segments
from models.database import Database
from models.document import Document
from models.migration import upgrade
from models.segment import Segment
from models.segment_index import NewEntry
from parley.embedded.postgres import EmbeddedPostgres

_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one set of questions gave; ranks count from 1, and 0 means not found."""

    ranks: Sequence[int]
    seconds: Sequence[float]

    def mrr(self) -> float:
        """Returns the mean reciprocal rank in percent."""
        return 100 * statistics.fmean(1 / rank if rank else 0.0 for rank in self.ranks)

    def recall(self, depth: int) -> float:
        """Returns which part of the questions found their paragraph within `depth`, in percent."""
        return 100 * statistics.fmean(0 < rank <= depth for rank in self.ranks)


class Bench:
    """One workspace whose knowledge bases are asked."""

    def __init__(self, database: Database, embedders: BuiltinEmbedders, workspace_id: str) -> None:
        self._database = database
        self._embedders = embedders
        self._workspace_id = workspace_id

    async def index(self, name: str, corpus: Sequence[dict[str, Any]]) -> tuple[str, dict[str, str]]:
        """Indexes paragraphs; returns the dataset and each segment's paragraph."""
        embedder = await self._embedders.embedder(self._workspace_id)
        texts = [paragraph["text"] for paragraph in corpus]
        vectors = await embedder.embed(texts)
        async with self._database.workspace(self._workspace_id) as scope:
            dataset = await datasets.create(scope, name=name, created_by=None, indexing_technique="high_quality")
            document = Document(batch="bench", name=name, indexing_status="completed")
            await documents.create_batch(scope, dataset.id, [document])
            made = [
                Segment(
                    content=text,
                    word_count=len(text),
                    tokens=estimate_tokens(text),
                    index_node_hash=hash_content(text),
                )
                for text in texts
            ]
            await segments.append(scope, dataset.id, document.id, made)
            entries = []
            for segment, vector in zip(made, vectors, strict=True):
                analysis = analyse(segment.content)
                entries.append(
                    NewEntry(
                        segment.id,
                        analysis.frequencies,
                        analysis.length,
                        embedding_name(embedder),
                        vector,
                    )
                )
            await segment_index.put(scope, dataset.id, entries)
        return dataset.id, {segment.id: paragraph["id"] for segment, paragraph in zip(made, corpus, strict=True)}

    async def ask(
        self,
        dataset_id: str,
        paragraphs: dict[str, str],
        questions: Sequence[dict[str, Any]],
        options: RetrievalOptions,
    ) -> Outcome:
        """Asks every question and notes at which rank its paragraph stood."""
        ranks, seconds = [], []
        for question in questions:
            began = time.perf_counter()
            hits = await retrieve(
                self._database, self._embedders, self._workspace_id, [dataset_id], question["q"], options
            )
            seconds.append(time.perf_counter() - began)
            relevant = {str(identity) for identity in question["rel"]}
            found = (hit.position for hit in hits if str(paragraphs[hit.segment_id]) in relevant)
            ranks.append(next(found, 0))
        return Outcome(ranks, seconds)


async def run(url: str, folder: Path, models: Path, most: int, options: RetrievalOptions) -> None:
    """Measures every set in the folder and prints a line for each."""
    database, embedders = Database(url, 2), BuiltinEmbedders(models)
    async with database.system() as scope:
        owner = await account.create(scope, email="bench@example.com", name="Bench", password_hash=None)
        workspace = await account.create_workspace(scope, name="Bench", owner=owner)
    bench = Bench(database, embedders, workspace.id)
    print(f"{'set':20} {'MRR@10':>7} {'R@1':>6} {'R@5':>6} {'p50 ms':>7} {'p95 ms':>7} {'segments/s':>11}")
    for path in sorted(await asyncio.to_thread(lambda: list(folder.glob("*.corpus.jsonl")))):
        name = path.name.removesuffix(".corpus.jsonl")
        corpus = await asyncio.to_thread(_lines, path)
        questions = await asyncio.to_thread(_lines, folder / f"{name}.queries.jsonl")
        step = max(1, len(questions) // most)
        began = time.perf_counter()
        dataset_id, paragraphs = await bench.index(name, corpus)
        speed = len(corpus) / (time.perf_counter() - began)
        outcome = await bench.ask(dataset_id, paragraphs, questions[::step], options)
        times = sorted(outcome.seconds)
        print(
            f"{name:20} {outcome.mrr():7.1f} {outcome.recall(1):6.1f} {outcome.recall(5):6.1f}"
            f" {1e3 * times[len(times) // 2]:7.1f} {1e3 * times[int(len(times) * 0.95)]:7.1f} {speed:11.0f}",
            flush=True,
        )
    embedders.close()
    await database.close()


def main() -> None:
    """Runs the benchmark as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--queries", type=int, default=200, help="how many questions of each set are asked")
    parser.add_argument("--method", choices=get_args(SearchMethod), default=RetrievalOptions().search_method)
    parser.add_argument("--models", type=Path, help="where the sentence model's graph is kept")
    arguments = parser.parse_args()
    options = RetrievalOptions(search_method=cast(SearchMethod, arguments.method), top_k=_DEPTH)
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder, "data"), Path(folder, "log"), fsync=False)
        server.start()
        try:
            upgrade(server.url)
            models = arguments.models or Path(folder, "models")
            asyncio.run(run(server.url, arguments.folder, models, arguments.queries, options))
        finally:
            server.stop()


def _lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


if __name__ == "__main__":
    main()
