"""Tables as Markdown: written from cells, and found again in a text so that a long one can be cut between its rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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


def _line(cells: Sequence[str], width: int) -> str:
    shown = [_BLANKS.sub(" ", cell).strip().replace("|", "\\|") for cell in cells]
    shown += [""] * (width - len(shown))
    return f"| {' | '.join(shown)} |"
