"""Indexing through the whole program, against its parts called directly: `python -m bench.indexing [pages]`.

It uploads PDF files over HTTP, waits until RQ workers have indexed them, and prints pages, paragraphs and megabytes of
text a second, with vectors and without, beside what reading the same files and embedding the same paragraphs costs in
this process alone. One indexing process works, on one core, as the control does.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2
from fpdf import FPDF

from engine.embedding.builtin import BuiltinEmbedders
from engine.ingestion.document import clean_pages
from engine.ingestion.extract import extract
from engine.ingestion.passages import Passage, split_pages
from engine.ingestion.rules import parse_process_rule
from tests.journeys.program import Program, running
from tests.journeys.resources import create_dataset

FILES = 4
PARAGRAPHS_ON_A_PAGE = 5
WAIT_SECONDS = 600
SUBJECTS = ("The harbour office", "A surveyor", "The night train", "Every licence", "The museum", "Our laboratory")
DEEDS = ("records", "inspects", "delivers", "replaces", "describes", "repairs")
OBJECTS = ("each copper vessel", "the northern bridge", "all sealed letters", "a map of the coast", "the second engine")
ENDINGS = ("before the winter begins", "within thirty working days", "at the request of the council", "without a fee")


@dataclass(frozen=True, slots=True)
class Corpus:
    """PDF files of one size and what this process reads from them."""

    files: Sequence[bytes]
    pages: int
    passages: Sequence[Passage]

    @property
    def megabytes(self) -> float:
        """The text's size."""
        return sum(len(passage.content.encode()) for passage in self.passages) / 1e6

    def row(self, name: str, seconds: float) -> str:
        """Return one line of the report."""
        return (
            f"{name:>24}  {seconds:7.2f} s  {self.pages / seconds:7.1f} pages/s"
            f"  {len(self.passages) / seconds:7.1f} paragraphs/s  {self.megabytes / seconds:7.3f} MB/s"
        )


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


async def embed_alone(passages: Sequence[Passage], folder: Path) -> float:
    """Return the seconds that the model needs for the paragraphs, once it is open."""
    embedders = BuiltinEmbedders(folder)
    try:
        embedder = await embedders.builtin()
        await embedder.embed(["warm"])
        began = time.perf_counter()
        await embedder.embed([passage.content for passage in passages])
        return time.perf_counter() - began
    finally:
        embedders.close()


def index(program: Program, console: httpx2.Client, files: Sequence[bytes], technique: str) -> float:
    """Return the seconds from the first upload until every document is completed."""
    dataset_id = create_dataset(console, indexing_technique=technique)
    began = time.perf_counter()
    batches = []
    for number, content in enumerate(files):
        part = {"file": (f"{number}.pdf", content, "application/pdf")}
        answer = console.post(f"/datasets/{dataset_id}/document/create_by_file", files=part).raise_for_status().json()
        batches.append(answer["batch"])
    for batch in batches:
        await_completed(console, f"/datasets/{dataset_id}/batch/{batch}/indexing-status")
    return time.perf_counter() - began


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
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        folder = Path(name)
        files = [pdf(number * each, pages) for number in range(FILES)]
        began = time.perf_counter()
        passages = asyncio.run(read_alone(files, folder))
        reading = time.perf_counter() - began
        corpus = Corpus(files, pages * FILES, passages)
        print(f"{FILES} PDF files, {corpus.pages} pages, {len(passages)} paragraphs, {corpus.megabytes:.2f} MB of text")
        print(corpus.row("reading alone", reading))
        home = folder / "home"
        home.mkdir()
        embedding = asyncio.run(embed_alone(passages, home / "models"))
        print(corpus.row("model alone", embedding))
        with running(home, PARLEY_INDEXING_PROCESSES="1") as program, program.console() as console:
            index(program, console, [pdf(-each, 1)], "high_quality")
            words = index(program, console, files, "economy")
            print(corpus.row("parley, economy", words))
            vectors = index(program, console, files, "high_quality")
            print(corpus.row("parley, high quality", vectors))
        print(f"{'ratio':>24}  {reading / words:.2f} of reading alone, {embedding / vectors:.2f} of the model alone")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
