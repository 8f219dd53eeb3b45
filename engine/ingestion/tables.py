"""Tables as Markdown: written from cells, and found again in a text so that a long one can be cut between its rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_CELL_END = re.compile(r"(?<!\\)\|")
_BLANKS = re.compile(r"\s+")
_TABLE = re.compile(r"^(\|[^\n]*\|[ \t]*\n\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*)\n((?:\|[^\n]*(?:\n|\Z))+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a text: where it begins and ends, and its two heading lines."""

    start: int
    end: int
    heading: str

    @property
    def body(self) -> int:
        """Where its first row begins."""
        return self.start + len(self.heading) + 1


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """Returns rows of cells as a Markdown table whose heading is the first row; no row gives an empty text."""
    if not rows:
        return ""
    width = max(map(len, rows))
    lines = [_line(row, width) for row in rows]
    lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)


def find_tables(text: str) -> Iterator[Table]:
    """Yields the Markdown tables of a text that have at least one row below their heading."""
    for match in _TABLE.finditer(text):
        yield Table(match.start(), match.end(), match.group(1))


def table_rows(text: str) -> list[list[str]]:
    """Returns the cells of a text that is one Markdown table, its heading first; nothing for other texts."""
    lines = text.strip().split("\n")
    if len(lines) < 2 or not all(line.startswith("|") for line in lines):
        return []
    rows = [_CELL_END.split(line.strip()[1:].rstrip("|")) for line in (lines[0], *lines[2:])]
    return [[cell.strip().replace("\\|", "|") for cell in row] for row in rows]


def _line(cells: Sequence[str], width: int) -> str:
    shown = [_BLANKS.sub(" ", cell).strip().replace("|", "\\|") for cell in cells]
    shown += [""] * (width - len(shown))
    return f"| {' | '.join(shown)} |"
