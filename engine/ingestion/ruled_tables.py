"""Tables on a page whose lines and letters are known: cells between lines that cross, and columns of words between
horizontal lines. What only looks like one (columns of prose, boxes, charts) gives none.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.ingestion.rulings import Grid, Groups, Stack

MOST_CELLS = 5_000
"""How many cells a table may have: one with more of them is a drawing."""

MOST_COMPARED = 3_000_000
"""How many letters are compared with places for tables at most: a page with more of both holds a drawing."""

LONGEST_CELL = 600
"""How many characters the cells of a table have on average at most; longer ones are the columns of a page."""

_LEAST_FILLED = 0.3
_WIDE_GAP = 0.6
"""How wide the blank between two pieces of a line is at least, in heights of a letter: twice a word's space."""

_SHARED_GAP = 0.4
"""How wide a blank is at least that many lines share."""

_MANY_LINES = 4

_CROSSED = 0.1
"""In which share of its lines words may stand in the blank between two columns, as titles that span them do."""

_NEAR = 1.3
"""How far from a line the middles of letters stand that belong to it, in heights of a letter."""

_PROSE_LETTERS = 20
_PROSE_LINES = 4
_TITLE_LETTERS = 40
_FULL_LINE = 0.75
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef"
_BROKEN_CJK = re.compile(rf"(?<=[{_CJK}])\n(?=[{_CJK}])")

Row = list[list["Letter"]]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter on a page: where it stands among the letters, its place, and the blanks before it (`before`)."""

    index: int
    text: str
    before: str
    left: float
    right: float
    bottom: float
    top: float

    @property
    def x(self) -> float:
        """Its middle."""
        return (self.left + self.right) / 2

    @property
    def y(self) -> float:
        """Its middle."""
        return (self.bottom + self.top) / 2


@dataclass(frozen=True, slots=True)
class RuledTable:
    """A table: its cells' texts, row by row, and the letters that they are made of, by index."""

    rows: list[list[str]]
    letters: frozenset[int]


def ruled_tables(grids: Sequence[Grid], stacks: Sequence[Stack], letters: Sequence[Letter]) -> list[RuledTable]:
    """Return the tables of a page, no letter in two of them."""
    if (len(grids) + len(stacks)) * len(letters) > MOST_COMPARED:
        return []
    tables: list[RuledTable] = []
    taken: set[int] = set()
    found: list[list[Row]] = [_cells_between(grid, letters) for grid in grids]
    found += [rows for stack in stacks for rows in _columns_between(stack, letters)]
    for rows in found:
        texts = _without_blanks([[_text(cell) for cell in row] for row in rows])
        used = frozenset(letter.index for row in rows for cell in row for letter in cell)
        if _is_table(texts) and taken.isdisjoint(used):
            tables.append(RuledTable(texts, used))
            taken |= used
    return tables


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    cells = [cell for row in rows for cell in row]
    filled = [cell for cell in cells if cell]
    if len(rows) < 2 or len(rows[0]) < 2 or len(filled) < len(cells) * _LEAST_FILLED:
        return False
    tabular = sum(sum(map(bool, row)) > 1 for row in rows)
    return tabular > 1 and tabular * 2 >= len(rows) and sum(map(len, filled)) <= LONGEST_CELL * len(filled)


def _without_blanks(rows: list[list[str]]) -> list[list[str]]:
    """Return rows without those, and without the columns, that hold nothing."""
    kept = [index for index in range(len(rows[0])) if any(row[index] for row in rows)] if rows else []
    return [[row[index] for index in kept] for row in rows if any(row)]


def _cells_between(grid: Grid, letters: Sequence[Letter]) -> list[Row]:
    """Return the letters of each cell of a grid; a cell that spans others has its letters in its first place."""
    height, width = len(grid.ys) - 1, len(grid.xs) - 1
    if height * width > MOST_CELLS:
        return []
    groups = Groups(height * width)
    for row in range(height):
        for column in range(width):
            place = row * width + column
            if column + 1 < width and not grid.has_wall(row, column):
                groups.join(place, place + 1)
            if row + 1 < height and not grid.has_floor(row, column):
                groups.join(place, place + width)
    rows: list[Row] = [[[] for _ in range(width)] for _ in range(height)]
    falling = [-y for y in grid.ys]
    for letter in letters:
        column, row = bisect_right(grid.xs, letter.x) - 1, bisect_right(falling, -letter.y) - 1
        if 0 <= column < width and 0 <= row < height:
            place = groups.root(row * width + column)
            rows[place // width][place % width].append(letter)
    widths = [right - left for left, right in zip(grid.xs, grid.xs[1:], strict=False)]
    return [*rows[:1], *(part for row in rows[1:] for part in _lines_as_rows(row, widths, alone=height == 2))]


def _lines_as_rows(row: Row, widths: Sequence[float], *, alone: bool) -> list[Row]:
    """Return the lines of a row as rows of their own where it holds many rows that nothing parts.

    So it is where each line has something in every column, or where the row is the only one below its heading
    (`alone`), unless its columns are wrapped words, which fill their lines.
    """
    lines = _lines([letter for cell in row for letter in cell])
    used = [column for column, cell in enumerate(row) if cell]
    if len(lines) < 3 or len(used) < 2 or len(lines) * len(row) > MOST_CELLS:
        return [row]
    owner = {letter.index: column for column, cell in enumerate(row) for letter in cell}
    parts: list[Row] = [[[] for _ in row] for _ in lines]
    for part, line in zip(parts, lines, strict=True):
        for letter in line:
            part[owner[letter.index]].append(letter)
    wrapped = sum(_is_wrapped([part[column] for part in parts if part[column]], widths[column]) for column in used)
    if not wrapped and all(part[column] for part in parts for column in used):
        return parts
    return _continued(parts) if alone and wrapped < 2 else [row]


def _is_wrapped(lines: Sequence[Sequence[Letter]], width: float) -> bool:
    if len(lines) < 2:
        return False
    return sum(map(_width, lines[:-1])) / (len(lines) - 1) > _FULL_LINE * width


def _continued(parts: Sequence[Row]) -> list[Row]:
    """Return lines as rows, those with something in one column only as a part of the row before, or after the first."""
    rows: list[Row] = []
    for part in parts:
        if rows and (_filled(part) == 1 or _filled(rows[-1]) == 1):
            rows[-1] = _joined([rows[-1], part])
        else:
            rows.append(part)
    return rows


def _filled(row: Row) -> int:
    return sum(map(bool, row))


def _columns_between(stack: Stack, letters: Sequence[Letter]) -> Iterable[list[Row]]:
    """Yield the tables in a stack of lines, from the words between each two of them."""
    bands: list[list[list[Letter]]] = [[] for _ in stack.ys[1:]]
    falling = [-y for y in stack.ys]
    inside: dict[int, list[Letter]] = {}
    for letter in letters:
        band = bisect_right(falling, -letter.y) - 1
        if 0 <= band < len(bands) and stack.left <= letter.x <= stack.right:
            inside.setdefault(band, []).append(letter)
    for band, found in inside.items():
        bands[band] = _lines(found)
    bands = _opened(stack, bands, letters)
    run: list[list[list[Letter]]] = []
    for lines in [*bands, None]:
        if lines is not None and (not lines or _has_columns(lines) or (run and _is_title(lines))):
            run += [lines] if lines else []
            continue
        if len(run) > 1 and (rows := _rows(run)):
            yield rows
        run = []


def _opened(stack: Stack, bands: list[list[list[Letter]]], letters: Sequence[Letter]) -> list[list[list[Letter]]]:
    """Return the bands with the heading that stands on the first line, and then the row that hangs on the last, where
    lines part the rows only.
    """
    within = [letter for letter in letters if stack.left <= letter.x <= stack.right]
    above = _lines([letter for letter in within if 0 < letter.y - stack.ys[0] < _NEAR * (letter.top - letter.bottom)])
    below = _lines([letter for letter in within if 0 < stack.ys[-1] - letter.y < _NEAR * (letter.top - letter.bottom)])
    if not above or not _has_columns(above):
        return bands
    return [above, *bands, below] if below and _has_columns(below) else [above, *bands]


def _has_columns(lines: Sequence[Sequence[Letter]]) -> bool:
    """Whether a quarter of the lines at least are made of pieces with wide blanks between them."""
    return 4 * sum(len(_pieces(line)) > 1 for line in lines) >= len(lines)


def _is_title(lines: Sequence[Sequence[Letter]]) -> bool:
    return len(lines) == 1 and len(lines[0]) < _TITLE_LETTERS


def _pieces(line: Sequence[Letter], gap: float = _WIDE_GAP) -> list[tuple[float, float]]:
    """Return from where to where the words of a line go that no blank parts which is as wide as `gap`."""
    found: list[tuple[float, float]] = []
    for letter in sorted(line, key=lambda letter: letter.left):
        if found and letter.left - found[-1][1] < gap * (letter.top - letter.bottom):
            found[-1] = (found[-1][0], max(found[-1][1], letter.right))
        else:
            found.append((letter.left, letter.right))
    return found


def _rows(bands: Sequence[Sequence[Sequence[Letter]]]) -> list[Row]:
    """Return the rows of a table between horizontal lines; nothing where its columns are prose, or none."""
    heading, *body = bands
    lines = [line for band in body for line in band]
    bounds = _bounds(lines if len(lines) > 2 else [*heading, *lines])
    columns = len(bounds) + 1
    parted = [_parted(line, bounds) for line in lines]
    if columns < 2 or len(lines) + len(heading) < 3:
        return []
    sizes = [[len(part[column]) for part in parted if part[column]] for column in range(columns)]
    wide = sum(_median(size) >= _PROSE_LETTERS for size in sizes if size)
    if wide > 1 and len(lines) > _PROSE_LINES * len(body):
        return []
    rows = [_parted([letter for line in heading for letter in line], bounds)]
    for band in body:
        parts = [_parted(line, bounds) for line in band]
        if all(all(part) for part in parts):
            rows += parts
        elif len(body) > 2:
            rows.append(_joined(parts))
        else:
            for part in parts:
                if part[0] or len(rows) == 1:
                    rows.append(part)
                else:
                    rows[-1] = _joined([rows[-1], part])
    return rows


def _bounds(lines: Sequence[Sequence[Letter]]) -> list[float]:
    """Return where the columns of some lines are parted: in the middle of each wide blank that (nearly) all share."""
    gap = _SHARED_GAP if len(lines) >= _MANY_LINES else _WIDE_GAP
    pieces = [piece for line in lines for piece in _pieces(line, gap)]
    if not pieces:
        return []
    height = _median(letter.top - letter.bottom for line in lines for letter in line)
    edges = sorted([(start, 1) for start, _ in pieces] + [(end, -1) for _, end in pieces])
    allowed, covering, since = int(_CROSSED * len(lines)), 0, None
    bounds: list[float] = []
    for place, step in edges:
        before, covering = covering, covering + step
        if covering <= allowed < before:
            since = place
        elif before <= allowed < covering and since is not None and place - since >= gap * height:
            bounds.append((since + place) / 2)
    return bounds


def _parted(letters: Iterable[Letter], bounds: Sequence[float]) -> Row:
    row: Row = [[] for _ in range(len(bounds) + 1)]
    for letter in letters:
        row[bisect_right(bounds, letter.x)].append(letter)
    return row


def _joined(rows: Sequence[Row]) -> Row:
    return [[letter for row in rows for letter in row[column]] for column in range(len(rows[0]))]


def _lines(letters: Sequence[Letter]) -> list[list[Letter]]:
    """Return letters by the lines that they stand in, from the top, those of a line in their order."""
    lines: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda letter: -letter.y):
        if lines and lines[-1][0].y - letter.y < (letter.top - letter.bottom) / 2:
            lines[-1].append(letter)
        else:
            lines.append([letter])
    return [sorted(line, key=lambda letter: letter.index) for line in lines]


def _width(letters: Sequence[Letter]) -> float:
    return max(letter.right for letter in letters) - min(letter.left for letter in letters) if letters else 0.0


def _median(values: Iterable[float]) -> float:
    """Return the middle one of some numbers; the module that has this takes longer to import than to do without."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def _text(letters: Sequence[Letter]) -> str:
    """Return what letters say; a blank stands where they do not follow each other."""
    parts: list[str] = []
    last = None
    for letter in sorted(letters, key=lambda letter: letter.index):
        parts.append(letter.before if last is not None and letter.index == last + 1 else "\n" if parts else "")
        parts.append(letter.text)
        last = letter.index
    return " ".join(_BROKEN_CJK.sub("", "".join(parts)).split())
