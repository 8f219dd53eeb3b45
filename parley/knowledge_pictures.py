"""Draws how a text is cut into passages, and where the passages lie that a question finds, as SVG.

python -m parley.knowledge_pictures     write docs/guide/segmentation.svg and docs/guide/hit-testing.svg
"""

from __future__ import annotations

import argparse
import asyncio
import textwrap
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from engine.embedding.unified import open_builtin
from engine.ingestion.document import Extract, clean_pages
from engine.ingestion.passages import cut
from engine.ingestion.rules import parse_process_rule
from engine.retrieval.plane import plane_positions
from foundation.settings import Settings

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "guide"
HANDBOOK = (
    "The K2 kettle boils a litre of water in two minutes. It switches itself off when the water boils. A lamp in the"
    " handle shows that it is on.\n\n"
    "Descale the kettle every three months. Fill it with equal parts of water and vinegar, let it stand for an hour,"
    " then rinse it twice. Never put it into a dishwasher.\n\n"
    "The warranty lasts thirty months. It does not cover limescale. Keep the receipt: the shop asks for it."
)
QUESTION = "How do I get rid of limescale?"
OVERLAPPING = {
    "mode": "custom",
    "rules": {"segmentation": {"separator": "\\n\\n", "max_tokens": 130, "chunk_overlap": 30}},
}
NESTED = {
    "mode": "hierarchical",
    "rules": {
        "parent_mode": "paragraph",
        "segmentation": {"separator": "\\n\\n", "max_tokens": 1000},
        "subchunk_segmentation": {"separator": ". ", "max_tokens": 200},
    },
}
COLOURS = ("#2e90fa", "#f79009", "#16b364", "#875bf7", "#ee46bc", "#06aed4", "#e04f16", "#4e5ba6")
INK, MUTED, GROUND, LINE = "#1d2939", "#667085", "#f8fafc", "#d0d5dd"
COLUMNS, CELL, ROW, SIZE = 52, 7.2, 22.0, 12
PLANE = 300.0


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of the text that is shown in one colour."""

    start: int
    end: int
    colour: str
    label: str = ""
    strength: float = 0.22


def draw_segmentation() -> str:
    """Returns the picture of one text, cut into overlapping passages and into parents with children."""
    left, right = list(_overlapping()), list(_nested())
    lines = _lines(HANDBOOK)
    width, height = 2 * COLUMNS * CELL + 150, len(lines) * ROW + 90
    column = COLUMNS * CELL + 70
    parts = [
        _text("custom: max_tokens 130, chunk_overlap 30", 40, 34, 14, INK, bold=True),
        _text("what two passages share is darker", 40, 52, 12, MUTED),
        _text("hierarchical: paragraphs and their sentences", 40 + column, 34, 14, INK, bold=True),
        _text("a sentence is found, its paragraph is quoted", 40 + column, 52, 12, MUTED),
        *_page(lines, left, 40),
        *_page(lines, right, 40 + column),
    ]
    return _sheet(width, height, "How a text is cut", parts)


async def draw_hit_testing(settings: Settings) -> str:
    """Returns the picture of a question and the passages of the text, as `with_positions` puts them into the plane."""
    passages = [child for passage in _cut(NESTED) for child in passage.children]
    with ThreadPoolExecutor(1) as executor:
        model = open_builtin(settings.models_folder, executor)
        vectors = np.asarray(await model.embed([QUESTION, *passages]))
    scores = np.clip(vectors[1:] @ vectors[0], 0, 1)
    points = plane_positions(vectors.tolist())
    order = np.argsort(-scores).tolist()
    parts = [
        _text("Hit testing", 40, 34, 14, INK, bold=True),
        _text(f"“{QUESTION}” and what lies near to it", 40, 52, 12, MUTED),
        f'<rect x="40" y="70" width="{PLANE:g}" height="{PLANE:g}" rx="8" fill="#ffffff" stroke="{LINE}"/>',
    ]
    for rank, index in enumerate(order, start=1):
        x, y = _place(points[index + 1])
        colour = COLOURS[0] if rank <= 3 else MUTED
        parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="9" fill="{colour}" fill-opacity="0.85"/>')
        parts.append(_text(str(rank), x, y + 4, 11, "#ffffff", anchor="middle"))
        top = 82 + (rank - 1) * 28
        parts.append(_text(f"{rank}.  {scores[index]:.2f}", 370, top, 12, colour, bold=rank <= 3))
        parts.append(_text(textwrap.shorten(passages[index], 68, placeholder="…"), 440, top, 12, INK))
    x, y = _place(points[0])
    parts.append(f'<path d="M{x:g} {y - 12:g} l11 20 h-22 z" fill="{COLOURS[1]}"/>')
    beside = (x - 16, "end") if x > 40 + PLANE / 2 else (x + 16, "start")
    parts.append(_text("the question", beside[0], y + 5, 12, COLOURS[1], bold=True, anchor=beside[1]))
    return _sheet(940, max(PLANE + 100, 90 + 28 * len(order)), "What a question finds", parts)


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes both pictures into a folder."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("-o", "--output", type=Path, default=GUIDE, help="the folder; docs/guide, if not said")
    folder: Path = reader.parse_args(arguments).output
    (folder / "segmentation.svg").write_text(draw_segmentation())
    (folder / "hit-testing.svg").write_text(asyncio.run(draw_hit_testing(Settings())))
    print(f"wrote {folder / 'segmentation.svg'} and {folder / 'hit-testing.svg'}")


def _cut(rule: dict[str, Any]) -> Sequence[Any]:
    rules = parse_process_rule(rule)
    form = "hierarchical_model" if rule["mode"] == "hierarchical" else "text_model"
    return cut(clean_pages(Extract("txt", (HANDBOOK,)), rules), rules, form)


def _overlapping() -> Iterator[Band]:
    place = 0
    for number, passage in enumerate(_cut(OVERLAPPING)):
        start = HANDBOOK.index(passage.content, place)
        yield Band(start, start + len(passage.content), COLOURS[number % len(COLOURS)], str(number + 1), 0.3)
        place = start + 1


def _nested() -> Iterator[Band]:
    place = 0
    for number, parent in enumerate(_cut(NESTED)):
        colour = COLOURS[number % len(COLOURS)]
        start = HANDBOOK.index(parent.content, place)
        yield Band(start, start + len(parent.content), colour, str(number + 1), 0.12)
        for child in parent.children:
            place = HANDBOOK.index(child, max(place, start))
            yield Band(place, place + len(child), colour, "", 0.28)
            place += len(child)


def _lines(text: str) -> list[tuple[int, str]]:
    """Returns the lines of a text as it is shown, each with where it begins."""
    lines: list[tuple[int, str]] = []
    place = 0
    for paragraph in text.split("\n\n"):
        for line in textwrap.wrap(paragraph, COLUMNS):
            place = text.index(line, place)
            lines.append((place, line))
            place += len(line)
        lines.append((place, ""))
    return lines[:-1]


def _page(lines: Sequence[tuple[int, str]], bands: Sequence[Band], left: float) -> Iterator[str]:
    labelled: dict[int, int] = {}
    for band in bands:
        first = True
        for number, (place, line) in enumerate(lines):
            start, end = max(band.start, place), min(band.end, place + len(line))
            if start >= end:
                continue
            x, y = left + (start - place) * CELL, 72 + number * ROW
            yield (
                f'<rect x="{x:g}" y="{y:g}" width="{(end - start) * CELL:g}" height="{ROW - 3:g}" rx="3"'
                f' fill="{band.colour}" fill-opacity="{band.strength:g}"/>'
            )
            if first and band.label:
                offset = labelled.get(number, 0)
                yield _text(band.label, left - 14 - offset, y + 14, 11, band.colour, bold=True)
                labelled[number] = offset + 12
            first = False
    for number, (_, line) in enumerate(lines):
        if line:
            yield (
                f'<text x="{left:g}" y="{72 + number * ROW + 14:g}" font-size="{SIZE}" fill="{INK}"'
                f' font-family="monospace" textLength="{len(line) * CELL:g}" xml:space="preserve">{escape(line)}</text>'
            )


def _place(point: tuple[float, float]) -> tuple[float, float]:
    half = PLANE / 2
    return round(40 + half + point[0] * half * 0.85, 1), round(70 + half - point[1] * half * 0.85, 1)


def _text(words: str, x: float, y: float, size: int, colour: str, *, bold: bool = False, anchor: str = "") -> str:
    style = (' font-weight="600"' if bold else "") + (f' text-anchor="{anchor}"' if anchor else "")
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}"{style}>{escape(words)}</text>'


def _sheet(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
            f' height="{height:g}" font-family="Inter, Helvetica, Arial, sans-serif" role="img">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width:g}" height="{height:g}" fill="{GROUND}"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


if __name__ == "__main__":
    main()
