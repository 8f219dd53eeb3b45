"""Segments from CSV files."""

from pathlib import Path

import pytest

from engine.ingestion.segment_table import Row, read_segment_table
from engine.ingestion.unreadable import UnreadableDocument


def read(folder: Path, content: bytes, with_answers: bool = False) -> list[Row]:
    """Read a CSV file of these bytes."""
    path = folder / "rows.csv"
    path.write_bytes(content)
    return read_segment_table(path, with_answers)


def test_rows_after_the_heading_are_read_with_their_quotes_and_line_breaks(tmp_path: Path) -> None:
    content = 'content,answer\n"One, and\ntwo",x\n\n  ,y\nThree\n'.encode("utf-8-sig")
    assert read(tmp_path, content) == [Row("One, and\ntwo", ""), Row("Three", "")]


def test_another_encoding_is_recognised(tmp_path: Path) -> None:
    content = "内容\n保修期为三十个月，自购买之日起计算。\n退货须在二十一天之内提出。\n".encode("gb18030")
    assert [row.content for row in read(tmp_path, content)][1] == "退货须在二十一天之内提出。"


def test_a_question_needs_its_answer(tmp_path: Path) -> None:
    assert read(tmp_path, b"q,a\nHow?,So.\n", with_answers=True) == [Row("How?", "So.")]
    with pytest.raises(UnreadableDocument, match="Row 2 has a question and no answer"):
        read(tmp_path, b"q,a\nHow?,\n", with_answers=True)


def test_a_file_without_rows_and_a_cell_that_is_too_long_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="no row"):
        read(tmp_path, b"content\n")
    with pytest.raises(UnreadableDocument, match="Row 2"):
        read(tmp_path, b"content\n" + b"x" * 100_001)
