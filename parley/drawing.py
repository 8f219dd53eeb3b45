"""Draws the graph of an app file as SVG, with its nodes where the editor put them.

python -m parley.drawing docs/guide/quote.yml            write docs/guide/quote.svg
python -m parley.drawing docs/guide/quote.yml -o x.svg   write another file
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from engine.app_file import read_app_file

WIDTH, HEIGHT, MARGIN, ROW = 244.0, 74.0, 40.0, 26.0
HEADER = 58.0
TURN = 32.0
LETTERS = 29
INK, MUTED, LINE, PAPER, GROUND = "#1d2939", "#667085", "#98a2b3", "#ffffff", "#f8fafc"
OTHER = "#475467"
COLOURS = {
    "start": "#2e90fa",
    "end": "#f79009",
    "answer": "#f79009",
    "llm": "#6172f3",
    "agent": "#6172f3",
    "question-classifier": "#15b79e",
    "if-else": "#06aed4",
    "human-input": "#ee46bc",
    "iteration": "#0ba5ec",
    "loop": "#0ba5ec",
    "code": "#2e7d5b",
    "template-transform": "#2e7d5b",
    "http-request": "#875bf7",
    "tool": "#875bf7",
    "knowledge-retrieval": "#16b364",
}
HIDDEN_STARTS = frozenset({"iteration-start", "loop-start"})
CONTAINERS = frozenset({"iteration", "loop"})
_REFERENCE = re.compile(r"\{\{#(.+?)#\}\}")


@dataclass(slots=True)
class Box:
    """A node on the sheet: where its upper left corner is, how large it is, and the ways out of it, from the top."""

    id: str
    kind: str
    title: str
    x: float
    y: float
    width: float
    height: float
    exits: list[tuple[str, str]] = field(default_factory=list)
    around: str | None = None

    @property
    def entry(self) -> tuple[float, float]:
        """Where edges arrive."""
        return self.x, self.y + (self.height / 2 if self.kind in HIDDEN_STARTS else HEADER / 2)

    def exit(self, handle: str) -> tuple[float, float]:
        """Where the edges of a handle leave."""
        names = [name for name, _ in self.exits]
        if handle in names:
            return self.x + self.width, self.y + HEADER + ROW * (names.index(handle) + 0.5)
        return self.x + self.width, self.entry[1]


def draw(graph: Mapping[str, Any], title: str) -> str:
    """Returns the SVG of a workflow's graph.

    Args:
        graph: nodes and edges, as of an app file.
        title: what the picture shows, for those who do not see it.
    """
    boxes = _boxes(graph)
    left = min((box.x for box in boxes.values()), default=0) - MARGIN
    top = min((box.y for box in boxes.values()), default=0) - MARGIN
    right = max((box.x + box.width for box in boxes.values()), default=0) + MARGIN
    bottom = max((box.y + box.height for box in boxes.values()), default=0) + MARGIN
    size = f"{left:g} {top:g} {right - left:g} {bottom - top:g}"
    containers = [box for box in boxes.values() if box.kind in CONTAINERS]
    others = [box for box in boxes.values() if box.kind not in CONTAINERS]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" width="{right - left:g}" height="{bottom - top:g}" '
        'font-family="Inter, Helvetica, Arial, sans-serif" role="img">',
        f"<title>{escape(title)}</title>",
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0 L8 4 L0 8 z" fill="{LINE}"/></marker></defs>',
        f'<rect x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}" fill="{GROUND}"/>',
        *(_container(box) for box in containers),
        *_edges(graph, boxes),
        *(_dot(box) if box.kind in HIDDEN_STARTS else _card(box) for box in others),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _boxes(graph: Mapping[str, Any]) -> dict[str, Box]:
    boxes: dict[str, Box] = {}
    for node in graph.get("nodes") or []:
        data = node.get("data") or {}
        if not data.get("type"):
            continue
        place = node.get("position") or {}
        exits = list(_exits(data))
        around = node.get("parentId") or data.get("iteration_id") or data.get("loop_id")
        kind = str(data["type"])
        width = float(node.get("width") or WIDTH)
        height = float(node.get("height") or HEIGHT)
        if kind not in CONTAINERS and kind not in HIDDEN_STARTS:
            height = HEADER + ROW * len(exits) + (8 if exits else 0)
        title = str(data.get("title") or kind)
        x, y = float(place.get("x") or 0), float(place.get("y") or 0)
        boxes[str(node["id"])] = Box(str(node["id"]), kind, title, x, y, width, height, exits, around)
    for box in boxes.values():
        if box.around in boxes:
            box.x += boxes[box.around].x
            box.y += boxes[box.around].y
    return boxes


def _exits(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields the handles of a node that chooses, each with its words."""
    match data["type"]:
        case "if-else":
            cases = data.get("cases") or [{"case_id": "true", "conditions": data.get("conditions") or []}]
            for case in cases:
                yield str(case["case_id"]), _conditions(case)
            yield "false", "else"
        case "question-classifier":
            for entry in data.get("classes") or []:
                yield str(entry["id"]), str(entry.get("name") or entry["id"])
        case "human-input":
            for action in data.get("user_actions") or []:
                yield str(action["id"]), str(action.get("title") or action["id"])
    if data.get("error_strategy") == "fail-branch":
        yield "success-branch", "success"
        yield "fail-branch", "failure"


def _conditions(case: Mapping[str, Any]) -> str:
    """Returns the conditions of a case in one line."""
    words = []
    for condition in case.get("conditions") or []:
        value = condition.get("value")
        name = str((condition.get("variable_selector") or ["?"])[-1])
        shown = "" if value is None else _REFERENCE.sub(r"\1", str(value))
        words.append(" ".join([name, str(condition.get("comparison_operator")), shown]))
    return f" {case.get('logical_operator') or 'and'} ".join(word.strip() for word in words)


def _edges(graph: Mapping[str, Any], boxes: Mapping[str, Box]) -> Iterator[str]:
    for edge in graph.get("edges") or []:
        source, target = boxes.get(str(edge.get("source"))), boxes.get(str(edge.get("target")))
        if source is None or target is None:
            continue
        yield (
            f'<path d="{_way(*source.exit(str(edge.get("sourceHandle") or "source")), *target.entry)}" fill="none" '
            f'stroke="{LINE}" stroke-width="2" marker-end="url(#arrow)"/>'
        )


def _way(x1: float, y1: float, x2: float, y2: float) -> str:
    """Returns the way from one point to another: a curve, or round the bend where it leads back to the left."""
    if x2 > x1:
        bend = max((x2 - x1) / 2, 20)
        return f"M{x1:g} {y1:g} C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
    middle = (y1 + y2) / 2
    out = f"M{x1:g} {y1:g} C{x1 + TURN:g} {y1:g} {x1 + TURN:g} {middle:g} {x1:g} {middle:g}"
    return f"{out} L{x2:g} {middle:g} C{x2 - TURN:g} {middle:g} {x2 - TURN:g} {y2:g} {x2:g} {y2:g}"


def _card(box: Box) -> str:
    colour = COLOURS.get(box.kind, OTHER)
    letters = int(LETTERS * box.width / WIDTH)
    lines = [
        f'<g transform="translate({box.x:g} {box.y:g})">',
        f'<rect width="{box.width:g}" height="{box.height:g}" rx="12" fill="{PAPER}" stroke="#d0d5dd"/>',
        f'<rect x="14" y="17" width="24" height="24" rx="7" fill="{colour}"/>',
        f'<text x="26" y="34" font-size="13" font-weight="700" fill="{PAPER}" text-anchor="middle">'
        f"{escape(box.kind[0].upper())}</text>",
        _words(box.title, 48, 27, 14, INK, letters - 3, bold=True),
        _words(box.kind, 48, 43, 11, MUTED, letters + 4),
    ]
    for place, (_, words) in enumerate(box.exits):
        y = HEADER + ROW * (place + 0.5)
        lines.append(
            f'<rect x="10" y="{y - ROW / 2 + 2:g}" width="{box.width - 20:g}" height="{ROW - 4:g}" rx="6" '
            'fill="#f2f4f7"/>'
        )
        lines.append(_words(words, 18, y + 4, 11, INK, letters + 6))
        lines.append(f'<circle cx="{box.width:g}" cy="{y:g}" r="4" fill="{colour}"/>')
    return "".join([*lines, "</g>"])


def _container(box: Box) -> str:
    colour = COLOURS[box.kind]
    return "".join(
        [
            f'<g transform="translate({box.x:g} {box.y:g})">',
            f'<rect width="{box.width:g}" height="{box.height:g}" rx="16" fill="{PAPER}" fill-opacity="0.7" '
            f'stroke="{colour}" stroke-width="1.5" stroke-dasharray="6 4"/>',
            _words(box.title, 18, 26, 14, INK, 60, bold=True),
            _words(box.kind, 18, 42, 11, MUTED, 60),
            "</g>",
        ]
    )


def _dot(box: Box) -> str:
    x, y = box.x + box.width / 2, box.y + box.height / 2
    return f'<circle cx="{x:g}" cy="{y:g}" r="{box.width / 2:g}" fill="{COLOURS["start"]}" fill-opacity="0.9"/>'


def _words(text: str, x: float, y: float, size: int, colour: str, most: int, *, bold: bool = False) -> str:
    shown = text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}"{weight}>{escape(shown)}</text>'


def main(arguments: Sequence[str] | None = None) -> None:
    """Draws the file that the command line names."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("file", type=Path, help="an app file")
    reader.add_argument("-o", "--output", type=Path, help="where the SVG goes; beside the file, if not said")
    given = reader.parse_args(arguments)
    read = read_app_file(given.file.read_text())
    output: Path = given.output or given.file.with_suffix(".svg")
    output.write_text(draw(read.graph, read.app.name))
    print(f"wrote {output}")


if __name__ == "__main__":
    main()
