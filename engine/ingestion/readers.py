"""Reads files of every format into pages of text. Runs in the child process of `engine.ingestion.extraction_process`;
plain text, which no library parses, may be read anywhere.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.ingestion import formats
from engine.ingestion.document import OutlineEntry
from engine.ingestion.unreadable import UnreadableDocument

PLAIN = frozenset({formats.TEXT, formats.MARKDOWN, formats.MDX})
"""Formats that are decoded and nothing else."""

MOST_PAGES = 5_000
TABLE_SECONDS = 60.0
"""How long, in processor time, tables are looked for in a PDF; the pages that are left then give their words only."""

_OFFICE = "application/vnd.openxmlformats-officedocument"
_MIME_TYPES = {
    formats.DOC: "application/msword",
    formats.DOCX: f"{_OFFICE}.wordprocessingml.document",
    formats.PPTX: f"{_OFFICE}.presentationml.presentation",
    formats.XLSX: f"{_OFFICE}.spreadsheetml.sheet",
    formats.XLS: "application/vnd.ms-excel",
    formats.EPUB: "application/epub+zip",
}
_NO_TEXT = {formats.PDF: "The PDF holds no text (a scan?). Run text recognition over it and upload it again."}
_IMAGE_OF_OFFICE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_MODULE_LINE = re.compile(r"^(?:import\s.+\sfrom\s.+|import\s+[\"'].+|export\s.+)$\n?", re.MULTILINE)
_FENCE = re.compile(r"(^```.*?^```[ \t]*$)", re.MULTILINE | re.DOTALL)
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_WIDEST_MARKS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SAMPLE = 256 << 10
_DEEPEST_OUTLINE = 6
_MOST_ENTRIES = 5_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: its pages (one where its format has none), and its table of contents where it has one."""

    pages: list[str]
    outline: tuple[OutlineEntry, ...] = ()


def read_file(path: Path, kind: str) -> Reading:
    """Returns what a file holds.

    Args:
        path: where its bytes are.
        kind: its format, as `detect_format` told it.

    Raises:
        UnreadableDocument: there is no text, too much of it, or no way to it.
    """
    reader: Callable[[Path, str], Reading] = {formats.PDF: _read_pdf}.get(kind, _read_unpaged)
    reading = reader(path, kind)
    if not any(page.strip() for page in reading.pages):
        raise UnreadableDocument(_NO_TEXT.get(kind, "The document holds no text."))
    return reading


def decode(content: bytes) -> str:
    """Returns text from bytes in whatever encoding they are.

    Raises:
        UnreadableDocument: they are no text in any known encoding.
    """
    for mark, encoding in _WIDEST_MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if wide := _unmarked_wide(content[:_SAMPLE]):
        return content.decode(wide, "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(_guessed(content), "replace").removeprefix("\ufeff")


def _unmarked_wide(head: bytes) -> str:
    """Returns the encoding of Western text in UTF-16 without a mark, whose every second byte is zero; else nothing."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) <= len(head) * 0.35:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _guessed(content: bytes) -> str:
    import charset_normalizer

    best = charset_normalizer.from_bytes(content[:_SAMPLE]).best()
    if best is None:
        raise UnreadableDocument("The text's encoding cannot be recognised. Save it as UTF-8 and upload it again.")
    return best.encoding


def _read_unpaged(path: Path, kind: str) -> Reading:
    return Reading([_text(path, kind)])


def _text(path: Path, kind: str) -> str:
    if kind in _MIME_TYPES:
        return _office_text(path, kind)
    from engine.ingestion import structured
    from engine.ingestion.html_text import html_text
    from engine.ingestion.mail import mail_text

    content = path.read_bytes()
    if kind == formats.XML:
        return structured.xml_text(content)
    if kind == formats.EML:
        return mail_text(content)
    if kind == formats.HTML:
        return html_text(_decode_html(content))
    text = decode(content)
    if kind == formats.JSON:
        return structured.json_text(text)
    if kind == formats.CSV:
        return structured.csv_text(text)
    return _without_modules(text) if kind == formats.MDX else text


def _decode_html(content: bytes) -> str:
    declared = _DECLARED.search(content[:4096])
    if declared and not content.startswith(tuple(mark for mark, _ in _WIDEST_MARKS)):
        try:
            return content.decode(declared.group(1).decode("ascii"))
        except (UnicodeDecodeError, LookupError):
            pass
    return decode(content)


def _without_modules(text: str) -> str:
    """Returns MDX without the lines that import and export, but for those that stand in code."""
    parts = _FENCE.split(text)
    return "".join(part if part.startswith("```") else _MODULE_LINE.sub("", part) for part in parts)


def _read_pdf(path: Path, kind: str) -> Reading:
    import pypdfium2

    from engine.ingestion.pdf_page import page_text

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableDocument(
                "The PDF is protected by a password. Remove the password and upload it again."
            ) from error
        raise UnreadableDocument("The PDF is damaged and cannot be opened.") from error
    pages: list[str] = []
    began = time.process_time()
    try:
        if len(document) > MOST_PAGES:
            raise UnreadableDocument(f"The PDF has {len(document)} pages; {MOST_PAGES} can be read. Split it.")
        for index in range(len(document)):
            page = document[index]
            pages.append(page_text(page, with_tables=time.process_time() - began < TABLE_SECONDS))
            page.close()
        outline = _outline(document)
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocument(f"The PDF is damaged: page {len(pages) + 1} cannot be read.") from error
    finally:
        document.close()
    return Reading(pages, outline)


def _outline(document: "pypdfium2.PdfDocument") -> tuple[OutlineEntry, ...]:  # type: ignore[name-defined] # noqa: F821
    entries: list[OutlineEntry] = []
    for bookmark in document.get_toc(max_depth=_DEEPEST_OUTLINE):
        target = bookmark.get_dest()
        index = target.get_index() if target else None
        title = " ".join((bookmark.get_title() or "").split())
        if index is not None and title:
            entries.append(OutlineEntry(index + 1, bookmark.level + 1, title[:200]))
        if len(entries) == _MOST_ENTRIES:
            break
    return tuple(entries)


def _office_text(path: Path, kind: str) -> str:
    import kreuzberg

    settings = kreuzberg.ExtractionConfig(use_cache=False, enable_quality_processing=False, output_format="markdown")
    try:
        result = kreuzberg.extract_bytes_sync(path.read_bytes(), _MIME_TYPES[kind], settings)
    except kreuzberg.KreuzbergError as error:
        said = str(error).lower()
        if "password" in said or "encrypt" in said:
            raise UnreadableDocument(
                "The document is protected by a password. Remove the password and upload it again."
            ) from error
        if kind == formats.DOC:
            raise UnreadableDocument(
                "This old Word file cannot be read. Save it as DOCX or PDF and upload it again."
            ) from error
        raise UnreadableDocument(f"The {kind.upper()} file is damaged and cannot be read.") from error
    return _IMAGE_OF_OFFICE.sub("", str(result.content))
