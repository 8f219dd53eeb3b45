"""Files that are made to harm: each hits a limit with a reason, and none takes the caller down."""

import asyncio
import zipfile
import zlib
from pathlib import Path

import pytest
from fpdf import FPDF

from engine.ingestion import formats, readers
from engine.ingestion.extract import ExtractionLimits, extract
from engine.ingestion.unreadable import UnreadableDocument
from tests.engine.ingestion.office import compound_file

LIMITS = ExtractionLimits(memory_bytes=2 << 30, cpu_seconds=20, wall_seconds=40.0, output_bytes=16 << 20)


async def refusal(path: Path, content: bytes) -> str:
    await asyncio.to_thread(path.write_bytes, content)
    with pytest.raises(UnreadableDocument) as raised:
        await extract(path, path.name, LIMITS)
    return raised.value.message


def bomb(path: Path, part: str, megabytes: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(part, "w", force_zip64=True) as entry:
            for _ in range(megabytes // 60):
                entry.write(bytes(60 << 20))


@pytest.mark.parametrize("part", ["word/document.xml", "ppt/slides/slide1.xml", "xl/worksheets/sheet1.xml"])
async def test_an_archive_that_unpacks_to_too_much(tmp_path: Path, part: str) -> None:
    bomb(tmp_path / "a.docx", part, 600)
    assert "unpacks to 600 MB" in await refusal(tmp_path / "a.docx", (tmp_path / "a.docx").read_bytes())


async def test_an_archive_of_too_many_parts(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        for number in range(formats.MOST_ENTRIES + 1):
            archive.writestr(f"word/{number}", "")
    assert "parts" in await refusal(tmp_path / "a.docx", (tmp_path / "a.docx").read_bytes())


async def test_a_pdf_of_ten_thousand_pages(tmp_path: Path) -> None:
    pages = b"".join(b"%d 0 obj<</Type/Page/Parent 2 0 R>>endobj\n" % number for number in range(3, 10_003))
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 10_003))
    tree = b"2 0 obj<</Type/Pages/Count 10000/MediaBox[0 0 9 9]/Kids[" + kids + b"]>>endobj\n"
    content = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n" + tree + pages + b"trailer<</Root 1 0 R>>"
    message = await refusal(tmp_path / "a.pdf", content)
    assert message == f"The PDF has 10000 pages; {readers.MOST_PAGES} can be read. Split it."


async def test_a_pdf_whose_page_unpacks_to_hundreds_of_megabytes(tmp_path: Path) -> None:
    packer = zlib.compressobj(9)
    stream = b"".join(packer.compress(b"BT (a) Tj ET " * 80_000) for _ in range(500)) + packer.flush()
    content = (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Filter/FlateDecode/Length %d>>stream\n" % len(stream)
    )
    content += stream + b"\nendstream endobj\ntrailer<</Root 1 0 R>>"
    assert await refusal(tmp_path / "a.pdf", content)


@pytest.mark.parametrize(
    "declaration",
    ['<!ENTITY x SYSTEM "file:///etc/passwd">', '<!ENTITY a "ha"><!ENTITY x "&a;&a;&a;&a;">', '<!ENTITY % p "x">'],
)
async def test_xml_that_declares_entities(tmp_path: Path, declaration: str) -> None:
    source = f'<?xml version="1.0"?><!DOCTYPE a [{declaration}]><a>&x;</a>'
    assert "declares the entity" in await refusal(tmp_path / "a.xml", source.encode())


async def test_office_xml_that_declares_entities_shows_nothing_of_the_machine(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the-secret")
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml",
            f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]><w:document xmlns:w="w"><w:body><w:p><w:r>'
            "<w:t>&x;</w:t></w:r></w:p></w:body></w:document>",
        )
    try:
        text = (await extract(tmp_path / "a.docx", "a.docx", LIMITS)).text
    except UnreadableDocument as refused:
        text = refused.message
    assert "the-secret" not in text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b"[" * 1_000_000),
        ("a.json", b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
        ("a.xml", b"<a>" * 1_000_000),
        ("a.html", b"<div>" * 1_000_000),
        ("a.html", b"<table><tr><td>" * 200_000),
        ("a.eml", b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3_000))),
    ],
    ids=["json lists", "json objects", "xml", "html", "html tables", "mail"],
)
async def test_deep_nesting(tmp_path: Path, name: str, content: bytes) -> None:
    message = await refusal(tmp_path / name, content)
    assert "nest" in message


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.xml", b"<a><b></a>", "damaged at line 1"),
        ("a.csv", b'"' + b"x" * (11 << 20), "cannot be read at row"),
        ("a.xls", compound_file("Workbook", b"\x09\x08" + bytes(5000)), "XLS file"),
        ("a.docx", compound_file("EncryptedPackage", bytes(5000)), "password"),
        ("a.ppt", compound_file("PowerPoint Document", bytes(5000)), "old Office format"),
        ("a.txt", b"a" * (17 << 20), "more than 16 MB of text"),
    ],
)
async def test_damaged_encrypted_and_too_large_files(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    assert reason in await refusal(tmp_path / name, content)


async def test_an_archive_with_a_password(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "x")
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "password" in await refusal(path, bytes(content))


async def test_a_truncated_pdf_gives_a_reason_or_its_text(tmp_path: Path) -> None:
    document = FPDF()
    document.set_font("helvetica")
    document.add_page()
    document.multi_cell(0, 8, "Half a document.")
    whole = bytes(document.output())
    assert await refusal(tmp_path / "a.pdf", whole[: len(whole) // 3])
