"""What each format gives: text, tables, pages, headings."""

import asyncio
import zipfile
from email.message import EmailMessage
from pathlib import Path

import docx
import pptx
import pytest
import xlsxwriter
from fpdf import FPDF
from pptx.util import Inches

from engine.ingestion.document import Extract, clean_pages
from engine.ingestion.extract import extract
from engine.ingestion.passages import cut
from engine.ingestion.rules import ProcessRules
from tests.engine.ingestion.office import compound_file, old_workbook

TABLE = "| Item | Price |\n| --- | --- |\n| Kettle | 12 |\n| Pan | 7 |"
HTML = "<h1>Prices</h1><table><tr><th>Item<th>Price<tr><td>Kettle<td>12<tr><td>Pan<td>7</table><p>End."
RULES = ProcessRules()


async def read(path: Path, content: bytes | str) -> Extract:
    await asyncio.to_thread(path.write_bytes, content.encode() if isinstance(content, str) else content)
    return await extract(path, path.name)


def headings(extracted: Extract, rules: ProcessRules = RULES) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.content, one.headings) for one in cut(clean_pages(extracted, rules), rules, "text_model")]


async def test_csv_is_a_table_whatever_separates_its_cells(tmp_path: Path) -> None:
    for separator in ",;\t":
        rows = separator.join(("Item", "Price")), separator.join(("Kettle", "12")), separator.join(("Pan", "7"))
        assert (await read(tmp_path / "a.csv", "\n".join(rows))).text == TABLE


async def test_html_keeps_tables_and_headings(tmp_path: Path) -> None:
    extracted = await read(tmp_path / "a.html", HTML)
    assert extracted.text == f"# Prices\n\n{TABLE}\n\nEnd."
    assert headings(extracted)[0][1] == ("Prices",)


async def test_html_is_read_in_the_encoding_that_it_names(tmp_path: Path) -> None:
    page = "<meta charset=big5><p>繁體中文"
    assert (await read(tmp_path / "a.html", page.encode("big5"))).text == "繁體中文"


async def test_json_has_a_line_for_each_value(tmp_path: Path) -> None:
    assert (await read(tmp_path / "a.json", '{"item":"Kettle","price":12}')).text == (
        '{\n  "item": "Kettle",\n  "price": 12\n}'
    )


async def test_xml_shows_the_names_of_its_elements(tmp_path: Path) -> None:
    source = '<?xml version="1.0"?><shop><item id="1"><name>Kettle</name></item></shop>'
    assert (await read(tmp_path / "a.xml", source)).text == "shop\n  item (id: 1)\n    name: Kettle"


async def test_mail_shows_who_wrote_what(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ada@example.com", "bob@example.com", "Größe"
    mail.set_content("The kettle is too small.")
    mail.add_attachment(b"x", maintype="image", subtype="png", filename="kettle.png")
    assert (await read(tmp_path / "a.eml", mail.as_bytes())).text == (
        "Subject: Größe\nFrom: ada@example.com\nTo: bob@example.com\n\n"
        "The kettle is too small.\n\nAttachments:\n- kettle.png"
    )


async def test_mdx_leaves_out_what_it_imports(tmp_path: Path) -> None:
    source = 'import X from "./x"\n\n# Use\n\n```js\nimport Y from "y"\n```\n'
    text = (await read(tmp_path / "a.mdx", source)).text
    assert "import X" not in text
    assert 'import Y from "y"' in text


async def test_comments_of_source_code_are_no_headings(tmp_path: Path) -> None:
    extracted = await read(tmp_path / "a.py", "# A comment\nprint(1)\n")
    assert headings(extracted) == [("# A comment\nprint(1)", ())]


async def test_a_spreadsheet_gives_a_table_for_each_sheet(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    for name in ("Kitchen", "Garden"):
        sheet = book.add_worksheet(name)
        for row, cells in enumerate((("Item", "Price"), ("Kettle", 12), ("Pan", 7))):
            sheet.write_row(row, 0, cells)
    book.close()
    extracted = await extract(tmp_path / "a.xlsx", "a.xlsx")
    assert extracted.text.strip() == f"## Kitchen\n\n{TABLE}\n\n## Garden\n\n{TABLE}"


async def test_an_old_spreadsheet_is_read(tmp_path: Path) -> None:
    extracted = await read(tmp_path / "a.xls", old_workbook([["Item", "Price"], ["Kettle", "twelve"]]))
    assert "| Item | Price |" in extracted.text
    assert "| Kettle | twelve |" in extracted.text


async def test_slides_are_headed_by_their_titles(tmp_path: Path) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Prices"
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for column, cells in enumerate((("Item", "Kettle"), ("Price", "12"))):
        for row, cell in enumerate(cells):
            table.cell(row, column).text = cell
    deck.save(str(tmp_path / "a.pptx"))
    extracted = await extract(tmp_path / "a.pptx", "a.pptx")
    assert "| Kettle | 12 |" in extracted.text
    assert headings(extracted)[0][1] == ("Prices",)


async def test_headings_of_a_word_file_are_a_path(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Leave", 1)
    document.add_heading("Sick leave", 2)
    document.add_paragraph("Ten days.")
    document.save(str(tmp_path / "a.docx"))
    extracted = await extract(tmp_path / "a.docx", "a.docx")
    assert headings(extracted) == [("# Leave\n\n## Sick leave\n\nTen days.", ("Leave", "Sick leave"))]


async def test_a_book_gives_its_chapters(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.epub", "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
            '<rootfile full-path="b.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        )
        book.writestr(
            "b.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata/><manifest>'
            '<item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="c"/></spine></package>',
        )
        book.writestr("c.xhtml", f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{HTML}</body></html>')
    extracted = await extract(tmp_path / "a.epub", "a.epub")
    [(content, above)] = headings(extracted)
    assert above == ("Prices",)
    assert "| Kettle | 12 |" in content


async def test_a_pdf_names_pages_and_the_headings_of_its_contents(tmp_path: Path) -> None:
    document = FPDF()
    document.set_font("helvetica")
    for chapter in ("Leave", "Travel"):
        document.add_page()
        document.start_section(chapter)
        document.multi_cell(0, 8, f"About {chapter.lower()}. " + "It is a long story. " * 20)
    document.output(str(tmp_path / "a.pdf"))
    extracted = await extract(tmp_path / "a.pdf", "a.pdf")
    passages = cut(clean_pages(extracted, RULES), RULES, "text_model")
    assert (passages[0].page, passages[0].headings) == (1, ("Leave",))
    assert (passages[-1].page, passages[-1].headings) == (2, ("Travel",))


async def test_an_old_word_file_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="Save it as DOCX or PDF"):
        await read(tmp_path / "a.doc", compound_file("WordDocument", bytes(5000)))


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("gb18030", "中文编码测试，这是一个文档。知识库检索增强生成系统的说明文档，请查看。"),
        ("big5", "這是一份說明文件，說明如何在知識庫中尋找資料，並且回答使用者的問題。"),
        ("shift_jis", "これは日本語の文書です。知識ベースを検索して質問に答える方法を説明します。"),
        ("euc-kr", "이것은 한국어 문서입니다. 지식 기반을 검색하여 질문에 답하는 방법을 설명합니다."),
        ("cp1251", "Это русский документ. Он объясняет, как искать в базе знаний и отвечать на вопросы."),
        ("cp1252", "Die Größe der Fläche beträgt fünf Quadratmeter; dafür sind natürlich Gebühren fällig."),
        ("utf-16-le", "A text of a program that writes wide characters without saying so."),
        ("utf-32", "Wide characters — with a mark."),
    ],
)
async def test_encodings_are_detected(tmp_path: Path, encoding: str, text: str) -> None:
    assert (await read(tmp_path / "a.txt", (text * 3).encode(encoding))).text == text * 3


def test_a_long_table_is_cut_between_rows_under_its_heading() -> None:
    rows = "\n".join(f"| Item {number} | {number * 7} |" for number in range(40))
    text = f"Before.\n\n| Item | Price |\n| --- | --- |\n{rows}\n\nAfter."
    passages = cut(Extract("md", (text,)), ProcessRules(max_length=200, overlap=20), "text_model")
    tables = [passage.content for passage in passages if passage.content.startswith("|")]
    assert passages[0].content == "Before."
    assert passages[-1].content == "After."
    assert all(table.startswith("| Item | Price |\n| --- | --- |\n| Item ") for table in tables)
    assert all(len(table) <= 200 for table in tables)
    assert [line for table in tables for line in table.splitlines()[2:]] == rows.splitlines()
