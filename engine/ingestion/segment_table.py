"""Segments from a CSV file: one a row, its content in the first column, its answer in the second."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.ingestion.readers import decode
from engine.ingestion.unreadable import UnreadableDocument

LARGEST_FILE = 32 << 20
LONGEST_CELL = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `answer` is empty where the file has one column."""

    content: str
    answer: str


def read_segment_table(path: Path, with_answers: bool) -> list[Row]:
    """Returns the rows of a CSV file after its heading, those without content left out.

    Args:
        path: where its bytes are.
        with_answers: whether each row needs an answer.

    Raises:
        UnreadableDocument: it is too large, has a cell that is too long, lacks an answer, or holds no row.
    """
    if path.stat().st_size > LARGEST_FILE:
        raise UnreadableDocument(f"The CSV file is larger than {LARGEST_FILE >> 20} MB. Split it.")
    return read_rows(path.read_bytes(), with_answers)


def read_rows(content: bytes, with_answers: bool) -> list[Row]:
    """Returns the rows of a CSV file's bytes; see `read_segment_table`."""
    rows = list(_rows(decode(content), with_answers))
    if not rows:
        raise UnreadableDocument("The CSV file holds no row after its heading.")
    return rows


def _rows(text: str, with_answers: bool) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for number, cells in enumerate(reader, start=1):
            content = cells[0].strip().replace("\x00", "") if cells else ""
            answer = cells[1].strip().replace("\x00", "") if len(cells) > 1 else ""
            if number == 1 or not content:
                continue
            if max(len(content), len(answer)) > LONGEST_CELL:
                raise UnreadableDocument(f"Row {number} holds a cell of more than {LONGEST_CELL} characters.")
            if with_answers and not answer:
                raise UnreadableDocument(f"Row {number} has a question and no answer.")
            yield Row(content, answer if with_answers else "")
    except csv.Error as error:
        raise UnreadableDocument(f"The CSV file cannot be read at row {reader.line_num}: {error}.") from error
