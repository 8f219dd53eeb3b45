"""Extraction from real files, good and bad, in the child process."""

import zipfile
from pathlib import Path

import docx
import pytest
from fpdf import FPDF

from engine.ingestion.extract import ExtractionLimits, extract
from engine.ingestion.unreadable import UnreadableDocument


def pdf(path: Path, *pages: str, password: str | None = None) -> Path:
    document = FPDF()
    document.set_font("helvetica")
    for text in pages:
        document.add_page()
        if text:
            document.multi_cell(0, 8, text)
    if password:
        document.set_encryption(owner_password="owner", user_password=password)
    document.output(str(path))
    return path


async def refusal(path: Path, limits: ExtractionLimits | None = None) -> str:
    with pytest.raises(UnreadableDocument) as raised:
        await extract(path, path.name, limits)
    return raised.value.message


async def test_a_pdf_gives_its_pages(tmp_path: Path) -> None:
    found = await extract(pdf(tmp_path / "a.pdf", "The first page.", "The second page."), "a.pdf")
    assert found.kind == "pdf"
    assert [page.strip() for page in found.pages] == ["The first page.", "The second page."]


async def test_a_docx_gives_headings_and_tables(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Leave", 1)
    document.add_paragraph("Every employee has 30 days.")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Sick", "10 days"
    document.save(str(tmp_path / "wrong-name.pdf"))
    found = await extract(tmp_path / "wrong-name.pdf", "wrong-name.pdf")
    assert found.kind == "docx"
    assert "# Leave" in found.text
    assert "30 days" in found.text
    assert "| Sick | 10 days |" in found.text


async def test_html_gives_what_a_reader_sees(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("<title>T</title><script>x()</script><h1>Head</h1><p>a <b>b</b>c<ul><li>one<li>two</ul>")
    assert (await extract(file, file.name)).text == "T\n\n# Head\n\na bc\n\n- one\n\n- two"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
async def test_text_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    text = "中文编码测试，这是一个文档。知识库检索增强生成系统的说明文档，请查看。"
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    assert (await extract(tmp_path / "a.txt", "a.txt")).text == text


async def test_a_scan_says_that_it_holds_no_text(tmp_path: Path) -> None:
    assert "holds no text (a scan?)" in await refusal(pdf(tmp_path / "scan.pdf", ""))


async def test_a_password_is_named(tmp_path: Path) -> None:
    assert "password" in await refusal(pdf(tmp_path / "p.pdf", "secret", password="open"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7 nothing that follows is a document", "The PDF is damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "of type image/png"),
        (b"PK\x03\x04" + bytes(50), "archive cannot be opened"),
    ],
)
async def test_files_that_are_no_documents_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    assert reason in await refusal(tmp_path / "a.txt")


async def test_a_zip_bomb_that_hides_its_size_harms_only_the_child(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.docx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w", force_zip64=True) as entry:
            entry.write(b"<w:document><w:t>")
            for _ in range(100):
                entry.write(b"a" * 4_000_000)
    assert "damaged" in await refusal(bomb)


async def test_a_child_without_memory_is_reported(tmp_path: Path) -> None:
    file = pdf(tmp_path / "a.pdf", "text")
    assert "more memory" in await refusal(file, ExtractionLimits(memory_bytes=30 << 20))


async def test_a_child_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    file = pdf(tmp_path / "a.pdf", "text")
    assert "longer than" in await refusal(file, ExtractionLimits(wall_seconds=0.01))


async def test_output_is_limited(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a" * 3_000_000)
    assert "more than 1 MB" in await refusal(tmp_path / "a.txt", ExtractionLimits(output_bytes=1 << 20))
