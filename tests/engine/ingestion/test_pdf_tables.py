"""Tables of PDFs become Markdown tables, and what only looks like one stays text."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fpdf import FPDF

from engine.ingestion import readers
from engine.ingestion.document import clean_pages
from engine.ingestion.extract import ExtractionLimits, extract
from engine.ingestion.passages import split_pages
from engine.ingestion.pdf_page import MOST_LETTERS
from engine.ingestion.rules import parse_process_rule

HEADING = ("Item", "Size", "Price")
ROWS = [
    ("A hexagonal bolt, with a name so long that its cell wraps it", "M8", "0.20"),
    ("Nut", "M8", "0.10"),
    ("Washer", "", "0.05"),
]
TABLE = "\n".join(
    ["| Item | Size | Price |", "| --- | --- | --- |", *(f"| {' | '.join(row)} |" for row in ROWS)]
).replace("|  |", "| |")
PROSE = " ".join(f"Sentence {number} of this story goes on for a while, as stories do." for number in range(60))


async def text_of(folder: Path, draw: Callable[[FPDF], None]) -> str:
    """Return the text of a PDF that was drawn on one page; each page of it after another."""
    document = FPDF()
    document.set_font("helvetica", size=10)
    document.add_page()
    draw(document)
    path = folder / "a.pdf"
    document.output(str(path))
    extracted = await extract(path, path.name, ExtractionLimits(cpu_seconds=20))
    return clean_pages(extracted, parse_process_rule(None)).text


def draw_table(document: FPDF, layout: str) -> None:
    with document.table(borders_layout=layout, width=150) as table:
        for values in (HEADING, *ROWS):
            row = table.row()
            for value in values:
                row.cell(value)


@pytest.mark.parametrize(
    "layout", ["ALL", "INTERNAL", "MINIMAL", "HORIZONTAL_LINES", "NO_HORIZONTAL_LINES"], ids=str.lower
)
async def test_a_table_with_lines_is_a_markdown_table_in_its_place(tmp_path: Path, layout: str) -> None:
    def draw(document: FPDF) -> None:
        document.multi_cell(0, 6, "Here are our prices.\n\n")
        draw_table(document, layout)
        document.ln(10)
        document.multi_cell(0, 6, "They hold until May.")

    assert await text_of(tmp_path, draw) == f"Here are our prices.\n\n{TABLE}\n\nThey hold until May."


async def test_a_table_between_three_lines_has_the_columns_that_its_words_stand_in(tmp_path: Path) -> None:
    def draw(document: FPDF) -> None:
        document.text(20, 36, "Table 1: What was found")
        for height in (40, 48, 70):
            document.line(20, height, 120, height)
        lines = [
            ("Method", "Recall", "Time"),
            ("words", "95.1", "3 ms"),
            ("vectors", "93.0", "5 ms"),
            ("both", "99.2", ""),
        ]
        for number, line in enumerate(lines):
            for place, word in zip((21, 60, 95), line, strict=True):
                document.text(place, 45 + 7 * number, word)
        document.text(20, 80, "Both together find most.")

    assert await text_of(tmp_path, draw) == (
        "Table 1: What was found\n\n"
        "| Method | Recall | Time |\n| --- | --- | --- |\n"
        "| words | 95.1 | 3 ms |\n| vectors | 93.0 | 5 ms |\n| both | 99.2 | |\n\n"
        "Both together find most."
    )


async def test_cells_that_span_others_stand_in_the_first_of_their_places(tmp_path: Path) -> None:
    def draw(document: FPDF) -> None:
        with document.table(width=120) as table:
            row = table.row()
            row.cell("Year")
            row.cell("Visitors", colspan=2)
            for values in (("2023", "10", "20"), ("2024", "11", "22")):
                row = table.row()
                for value in values:
                    row.cell(value)

    expected = "| Year | Visitors | |\n| --- | --- | --- |\n| 2023 | 10 | 20 |\n| 2024 | 11 | 22 |"
    assert await text_of(tmp_path, draw) == expected


async def test_a_table_of_shaded_rows_without_lines(tmp_path: Path) -> None:
    def draw(document: FPDF) -> None:
        document.set_fill_color(220)
        for number in (0, 2, 4):
            document.rect(20, 40 + 8 * number, 120, 8, style="F")
        for number, words in enumerate([("Town", "People"), *((f"Town {n}", f"{n}00") for n in range(1, 5))]):
            for place, word in zip((21, 90), words, strict=True):
                document.text(place, 46 + 8 * number, word)

    lines = "".join(f"\n| Town {n} | {n}00 |" for n in range(1, 5))
    assert await text_of(tmp_path, draw) == f"| Town | People |\n| --- | --- |{lines}"


async def test_a_table_on_a_page_that_lies_on_its_side(tmp_path: Path) -> None:
    def draw(document: FPDF) -> None:
        with document.rotation(90, 105, 148):
            document.set_xy(20, 60)
            draw_table(document, "ALL")

    await text_of(tmp_path, draw)
    content = (tmp_path / "a.pdf").read_bytes()
    path = tmp_path / "b.pdf"
    path.write_bytes(content.replace(b"/Type /Page\n", b"/Type /Page\n/Rotate 90\n"))
    assert "| Nut | M8 | 0.10 |" in (await extract(path, path.name)).text


def columns(document: FPDF) -> None:
    with document.text_columns(ncols=2, gutter=8, text_align="J") as text:
        text.write(PROSE)


def columns_with_a_line_between(document: FPDF) -> None:
    document.line(105, 8, 105, 280)
    for height in (8, 120, 280):
        document.line(8, height, 202, height)
    columns(document)


def columns_between_lines(document: FPDF) -> None:
    for height in (8, 120, 280):
        document.line(10, height, 200, height)
    columns(document)


def paragraphs_between_lines(document: FPDF) -> None:
    for _ in range(4):
        document.line(10, document.get_y() + 1, 200, document.get_y() + 1)
        document.ln(3)
        document.multi_cell(0, 6, PROSE[:400], align="J")


def boxes(document: FPDF) -> None:
    for number in range(3):
        document.multi_cell(0, 6, PROSE[number : number + 300], border=1)
        document.ln(6)


def chart(document: FPDF) -> None:
    for step in range(11):
        document.line(30, 40 + 10 * step, 130, 40 + 10 * step)
        document.line(30 + 10 * step, 40, 30 + 10 * step, 140)
        document.text(20, 41 + 10 * step, str(100 - 10 * step))
        document.text(29 + 10 * step, 146, str(10 * step))


@pytest.mark.parametrize(
    "draw",
    [columns, columns_with_a_line_between, columns_between_lines, paragraphs_between_lines, boxes, chart],
    ids=lambda draw: draw.__name__,
)
async def test_what_is_no_table_stays_text(tmp_path: Path, draw: Callable[[FPDF], None]) -> None:
    text = await text_of(tmp_path, draw)
    assert "|" not in text
    assert len(text) > 40


async def test_a_long_table_is_cut_between_rows_that_repeat_its_heading(tmp_path: Path) -> None:
    def draw(document: FPDF) -> None:
        with document.table(width=150) as table:
            for values in (HEADING, *((f"Part {number}", "M8", f"{number}.50") for number in range(30))):
                row = table.row()
                for value in values:
                    row.cell(value)

    await text_of(tmp_path, draw)
    rules = parse_process_rule(None)
    passages = split_pages(clean_pages(await extract(tmp_path / "a.pdf", "a.pdf"), rules), rules)
    assert len(passages) > 1
    assert all(
        passage.content.startswith("| Item | Size | Price |\n| --- | --- | --- |\n| Part") for passage in passages
    )


async def test_a_pdf_of_very_many_tables_gives_at_least_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await text_of(tmp_path, lambda document: draw_table(document, "ALL"))
    monkeypatch.setattr(readers, "TABLE_SECONDS", 0.0)
    [page] = readers.read_file(tmp_path / "a.pdf", "pdf").pages
    assert "Nut M8 0.10" in page
    assert "|" not in page


async def test_a_page_full_of_lines_is_read_in_bounded_time(tmp_path: Path) -> None:
    def draw(document: FPDF) -> None:
        for step in range(4_000):
            document.line(10, 10 + step / 20, 200, 10 + step / 20)
            document.line(10 + step / 30, 10, 10 + step / 30, 250)
        document.text(20, 270, "A drawing.")

    assert await text_of(tmp_path, draw) == "A drawing."


async def test_a_page_of_very_many_letters_between_lines_gives_its_words(tmp_path: Path) -> None:
    def draw(document: FPDF) -> None:
        document.set_font("courier", size=2)
        draw_table(document, "ALL")
        for _ in range(3):
            document.set_y(100)
            document.multi_cell(0, 0.4, "Many letters stand here. " * 2_000)

    assert 3 * 2_000 * len("Manylettersstandhere.") > MOST_LETTERS
    text = await text_of(tmp_path, draw)
    assert "Nut M8 0.10" in text
    assert "|" not in text


async def test_lines_and_columns_that_multiply_are_no_rows(tmp_path: Path) -> None:
    def draw(document: FPDF) -> None:
        document.set_font("courier", size=1)
        for line in (20, 30, 280):
            document.line(10, line, 200, line)
        for column in range(181):
            document.line(10 + column * 1.05, 20, 10 + column * 1.05, 280)
        for column in range(180):
            document.text(10.3 + column * 1.05, 25, "h")
        for line in range(600):
            document.text(10.3 + line % 180 * 1.05, 31 + line * 0.4, "x")

    text = await text_of(tmp_path, draw)
    assert text.count("\n| ") < 5
    assert text.count("x") == 600
