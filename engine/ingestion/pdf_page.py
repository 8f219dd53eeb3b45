"""The text of one page of a PDF, with the tables that are drawn with lines as Markdown tables.

A page without such lines costs nothing but the look at what is drawn on it.
"""

import math
from collections.abc import Callable, Iterator
from ctypes import byref, c_float, c_int, c_uint
from functools import partial

import pypdfium2
import pypdfium2.raw as pdfium

from engine.ingestion.ruled_tables import Letter, ruled_tables
from engine.ingestion.rulings import Rule, Rules, find_grids
from engine.ingestion.tables import markdown_table

MOST_OBJECTS = 30_000
"""How many things are looked at on a page; one with more holds a drawing, whose lines are no table's."""

MOST_SEGMENTS = 30_000
MOST_LETTERS = 100_000
"""How many letters a page may have whose tables are looked for; a full page of small print has ten thousand."""

_DEEPEST_FORM = 4
_THICKEST = 3.0
_SHORTEST = 5.0
_SLANT = 0.5
_WHITE = 250

_Matrix = tuple[float, float, float, float, float, float]
_Turn = Callable[[float, float], tuple[float, float]]
_SAME: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_BLANK = " \t\r\n\0"


class _Drawing(Exception):
    """The page holds so many lines that they are no table's."""


def page_text(page: pypdfium2.PdfPage, *, with_tables: bool = True) -> str:
    """Return the text of a page in the order in which it is written there; see above for its tables."""
    text = page.get_textpage()
    try:
        grids, stacks = find_grids(_rules(page)) if with_tables else ([], [])
        if not (grids or stacks) or pdfium.FPDFText_CountChars(text) > MOST_LETTERS:
            return str(text.get_text_bounded())
        letters, rest = _letters(text, _turn(page))
        tables = ruled_tables(grids, stacks, letters)
        if not tables:
            return str(text.get_text_bounded())
        owner = {index: table for table in tables for index in table.letters}
        parts: list[str] = []
        written: set[int] = set()
        for letter in letters:
            table = owner.get(letter.index)
            if table is None:
                parts += (letter.before, letter.text)
            elif id(table) not in written:
                written.add(id(table))
                parts.append(f"\n\n{markdown_table(table.rows)}\n\n")
        return "".join((*parts, rest))
    finally:
        text.close()


def _turn(page: pypdfium2.PdfPage) -> _Turn:
    """Return what turns a place on a page to where readers see it, up to a shift."""
    turns: dict[int, _Turn] = {
        90: lambda x, y: (y, -x),
        180: lambda x, y: (-x, -y),
        270: lambda x, y: (-y, x),
    }
    return turns.get(page.get_rotation(), lambda x, y: (x, y))


def _letters(text: pypdfium2.PdfTextPage, turn: _Turn) -> tuple[list[Letter], str]:
    """Return the letters of a page, and the blanks after the last one."""
    letters: list[Letter] = []
    before = ""
    box = pdfium.FS_RECTF()
    for index in range(pdfium.FPDFText_CountChars(text)):
        character = chr(pdfium.FPDFText_GetUnicode(text, index))
        if character in _BLANK or not pdfium.FPDFText_GetLooseCharBox(text, index, box):
            before += character.strip("\0")
            continue
        (first, low), (second, high) = turn(box.left, box.bottom), turn(box.right, box.top)
        left, right = sorted((first, second))
        bottom, top = sorted((low, high))
        letters.append(Letter(len(letters), character, before, left, right, bottom, top))
        before = ""
    return letters, before


def _rules(page: pypdfium2.PdfPage) -> Rules:
    """Return the horizontal and vertical lines that are drawn on a page, and the sides of rectangles."""
    rules, turn = Rules(), _turn(page)
    left = [MOST_OBJECTS]
    segments = 0
    try:
        count = pdfium.FPDFPage_CountObjects(page)
        for path, matrix in _paths(partial(pdfium.FPDFPage_GetObject, page), count, _SAME, left, 0):
            segments += pdfium.FPDFPath_CountSegments(path)
            if segments > MOST_SEGMENTS:
                return Rules()
            for (x, y), (to_x, to_y) in _strokes(path, _product(_matrix(path), matrix)):
                _add(rules, turn(x, y), turn(to_x, to_y))
    except _Drawing:
        return Rules()
    return rules


def _add(rules: Rules, start: tuple[float, float], end: tuple[float, float]) -> None:
    (x, y), (to_x, to_y) = start, end
    wide, high = abs(to_x - x), abs(to_y - y)
    if high <= _SLANT and wide >= _SHORTEST:
        rules.horizontal.append(Rule((y + to_y) / 2, min(x, to_x), max(x, to_x)))
    elif wide <= _SLANT and high >= _SHORTEST:
        rules.vertical.append(Rule((x + to_x) / 2, min(y, to_y), max(y, to_y)))


def _paths(
    object_at: "Callable[[int], pdfium.FPDF_PAGEOBJECT]", count: int, matrix: _Matrix, left: list[int], depth: int
) -> "Iterator[tuple[pdfium.FPDF_PAGEOBJECT, _Matrix]]":
    """Yield the painted paths among some objects, those in forms too, each with the matrix that puts it on the page."""
    for index in range(count):
        left[0] -= 1
        if left[0] < 0:
            raise _Drawing
        item = object_at(index)
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            if _is_seen(item):
                yield item, matrix
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST_FORM:
            inner = pdfium.FPDFFormObj_CountObjects(item)
            found = _product(_matrix(item), matrix)
            yield from _paths(partial(pdfium.FPDFFormObj_GetObject, item), inner, found, left, depth + 1)


def _is_seen(path: "pdfium.FPDF_PAGEOBJECT") -> bool:
    """Whether a path is painted; white areas are the paper."""
    fill, stroke = c_int(), c_int()
    pdfium.FPDFPath_GetDrawMode(path, byref(fill), byref(stroke))
    if stroke.value or not fill.value:
        return bool(stroke.value)
    red, green, blue, opaque = (c_uint() for _ in range(4))
    pdfium.FPDFPageObj_GetFillColor(path, byref(red), byref(green), byref(blue), byref(opaque))
    return opaque.value > 0 and min(red.value, green.value, blue.value) < _WHITE


def _strokes(path: "pdfium.FPDF_PAGEOBJECT", matrix: _Matrix) -> Iterator[tuple[tuple[float, float], ...]]:
    """Yield the straight parts of a path from point to point; a thin bar is the one line that it looks like."""
    a, b, c, d, e, f = matrix
    points: list[tuple[float, float]] = []
    strokes: list[tuple[tuple[float, float], ...]] = []
    start = last = (0.0, 0.0)
    x, y = c_float(), c_float()
    for index in range(pdfium.FPDFPath_CountSegments(path)):
        segment = pdfium.FPDFPath_GetPathSegment(path, index)
        pdfium.FPDFPathSegment_GetPoint(segment, byref(x), byref(y))
        point = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
        points.append(point)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            strokes.append((last, point))
        last = point
        if pdfium.FPDFPathSegment_GetClose(segment):
            strokes.append((last, start))
    if not points or not all(map(math.isfinite, (value for point in points for value in point))):
        return
    low = [min(point[axis] for point in points) for axis in (0, 1)]
    high = [max(point[axis] for point in points) for axis in (0, 1)]
    middle = [(low[axis] + high[axis]) / 2 for axis in (0, 1)]
    if high[1] - low[1] <= _THICKEST:
        yield (low[0], middle[1]), (high[0], middle[1])
    elif high[0] - low[0] <= _THICKEST:
        yield (middle[0], low[1]), (middle[0], high[1])
    else:
        yield from strokes


def _matrix(item: "pdfium.FPDF_PAGEOBJECT") -> _Matrix:
    found = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(item, found):
        return _SAME
    return (found.a, found.b, found.c, found.d, found.e, found.f)


def _product(first: _Matrix, second: _Matrix) -> _Matrix:
    """Return the matrix that does what the first does, then what the second does."""
    (a, b, c, d, e, f), (g, h, i, j, x, y) = first, second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + x, e * h + f * j + y)
