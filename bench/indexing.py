"""Indexing through the whole program, against its parts called directly: `python -m bench.indexing [pages]`.

It uploads PDF files over HTTP, waits until RQ workers have indexed them, and prints paragraphs a second, with vectors
and without, beside what reading the same files and embedding the same paragraphs costs in this process alone. One
indexing process works, as the control does. Then one long text is indexed by words, beside what finding its words
costs.

Each row has two speeds: by the clock, and by the processor time of the control or of the indexing process with all its
children (not of the database and the API). Where other programs keep the machine busy, the second is the one to read.
"""

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from fpdf import FPDF

from bench.processes import indexing_process
from engine.embedding.builtin import BuiltinEmbedders
from engine.ingestion.document import clean_pages
from engine.ingestion.extract import extract
from engine.ingestion.passages import Passage, split_pages
from engine.ingestion.rules import parse_process_rule
from engine.retrieval.analysis import analyse_for_people
from tests.journeys.program import Program, running
from tests.journeys.resources import create_dataset

FILES = 4
PARAGRAPHS_ON_A_PAGE = 5
LONG_TEXT = 5_000
"""How many paragraphs the long text has."""

WAIT_SECONDS = 600
UNWIND_SECONDS = 1.0
"""How long the last job's process may need to end, which adds its processor time to its parent's."""

SUBJECTS = ("The harbour office", "A surveyor", "The night train", "Every licence", "The museum", "Our laboratory")
DEEDS = ("records", "inspects", "delivers", "replaces", "describes", "repairs")
OBJECTS = ("each copper vessel", "the northern bridge", "all sealed letters", "a map of the coast", "the second engine")
ENDINGS = ("before the winter begins", "within thirty working days", "at the request of the council", "without a fee")


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took: seconds by the clock, and seconds of processors."""

    wall: float
    cpu: float

    def row(self, name: str, paragraphs: int) -> str:
        """Return one line of the report."""
        return (
            f"{name:>24}  {self.wall:7.2f} s {paragraphs / self.wall:8.1f} paragraphs/s"
            f"  |  {self.cpu:7.2f} s of processors {paragraphs / self.cpu:8.1f} paragraphs/s"
        )

    def of(self, control: "Cost") -> str:
        """Return how much of a control's speed this has, by the clock and by processors."""
        return f"{control.wall / self.wall:.2f} ({control.cpu / self.cpu:.2f} by processors)"


@contextmanager
def costing() -> Iterator[list[Cost]]:
    """Measure what this process and its children do inside; the list has the cost afterwards."""
    costs: list[Cost] = []
    wall, cpu = time.perf_counter(), _cpu()
    yield costs
    costs.append(Cost(time.perf_counter() - wall, _cpu() - cpu))


def _cpu() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def paragraph(number: int) -> str:
    """Return a paragraph of five sentences that no other number gives."""
    sentences = []
    for step in range(5):
        at = number * 5 + step
        words = (SUBJECTS[at % 6], DEEDS[at // 6 % 6], OBJECTS[at // 36 % 5], ENDINGS[at // 180 % 4])
        sentences.append(f"{' '.join(words)}, as entry {at} says.")
    return " ".join(sentences)


def pdf(first: int, pages: int) -> bytes:
    """Return a PDF whose paragraphs begin with the number `first`."""
    document = FPDF()
    document.set_font("Helvetica", size=11)
    for page in range(pages):
        document.add_page()
        for place in range(PARAGRAPHS_ON_A_PAGE):
            document.multi_cell(0, 6, paragraph(first + page * PARAGRAPHS_ON_A_PAGE + place))
            document.ln(6)
    return bytes(document.output())


async def read_alone(files: Sequence[bytes], folder: Path) -> list[Passage]:
    """Extract, clean and split the files as an indexing job does."""
    rules = parse_process_rule(None)
    passages: list[Passage] = []
    for number, content in enumerate(files):
        path = folder / f"{number}.pdf"
        path.write_bytes(content)
        extracted = await extract(path, path.name)
        passages += split_pages(clean_pages(extracted, rules), rules)
    return passages


async def embed_alone(passages: Sequence[Passage], folder: Path) -> Cost:
    """Return what the model needs for the paragraphs, once it is open."""
    embedders = BuiltinEmbedders(folder)
    try:
        embedder = await embedders.builtin()
        await embedder.embed(["warm"])
        with costing() as costs:
            await embedder.embed([passage.content for passage in passages])
        return costs[0]
    finally:
        embedders.close()


def index(program: Program, console: httpx2.Client, files: Sequence[bytes], technique: str, kind: str = "pdf") -> Cost:
    """Return what lies between the first upload and the last document's completion, on the indexing process."""
    dataset_id = create_dataset(console, indexing_technique=technique)
    worker = indexing_process(program.process.pid)
    began, cpu = time.perf_counter(), worker.cpu_seconds(with_children=True)
    batches = []
    for number, content in enumerate(files):
        part = {"file": (f"{number}.{kind}", content, "application/pdf" if kind == "pdf" else "text/plain")}
        answer = console.post(f"/datasets/{dataset_id}/document/create_by_file", files=part).raise_for_status().json()
        batches.append(answer["batch"])
    for batch in batches:
        await_completed(console, f"/datasets/{dataset_id}/batch/{batch}/indexing-status")
    wall = time.perf_counter() - began
    time.sleep(UNWIND_SECONDS)
    return Cost(wall, worker.cpu_seconds(with_children=True) - cpu)


def await_completed(console: httpx2.Client, status_path: str) -> None:
    """Wait until a batch is searchable.

    Raises:
        RuntimeError: it failed, or took too long.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        documents = console.get(status_path).raise_for_status().json()["data"]
        statuses = [document["indexing_status"] for document in documents]
        if all(status == "completed" for status in statuses):
            return
        if "error" in statuses or time.monotonic() > deadline:
            raise RuntimeError(f"The documents did not become searchable: {statuses}.")
        time.sleep(0.05)


def main(pages: int = 25) -> None:
    """Run the benchmark and print its report."""
    each = pages * PARAGRAPHS_ON_A_PAGE
    long_text = [paragraph(number) for number in range(LONG_TEXT)]
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        folder = Path(name)
        files = [pdf(number * each, pages) for number in range(FILES)]
        with costing() as reading:
            passages = asyncio.run(read_alone(files, folder))
        count = len(passages)
        print(f"{FILES} PDF files, {pages * FILES} pages, {count} paragraphs")
        print(reading[0].row("reading alone", count))
        home = folder / "home"
        home.mkdir()
        embedding = asyncio.run(embed_alone(passages, home / "models"))
        print(embedding.row("model alone", count))
        with costing() as analysis:
            for text in long_text:
                analyse_for_people(text)
        with running(home, PARLEY_INDEXING_PROCESSES="1") as program, program.console() as console:
            index(program, console, [pdf(-each, 1)], "high_quality")
            words = index(program, console, files, "economy")
            print(words.row("parley, economy", count))
            vectors = index(program, console, files, "high_quality")
            print(vectors.row("parley, high quality", count))
            print(f"{LONG_TEXT} paragraphs of one text")
            print(analysis[0].row("finding words alone", LONG_TEXT))
            many = index(program, console, ["\n\n".join(long_text).encode()], "economy", "txt")
            print(many.row("parley, economy", LONG_TEXT))
        print(
            f"{'ratio':>24}  {words.of(reading[0])} of reading alone, {vectors.of(embedding)} of the model alone,"
            f" {many.of(analysis[0])} of finding words alone"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
