"""Reads the text of one file, by format. Runs in a child process only: see `extraction_process`."""

import re
from collections.abc import Callable
from pathlib import Path

import charset_normalizer

from engine.ingestion import formats
from engine.ingestion.html_text import html_text
from engine.ingestion.unreadable import UnreadableDocument

_MIME_TYPES = {
    formats.DOC: "application/msword",
    formats.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    formats.PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    formats.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    formats.EPUB: "application/epub+zip",
}
_MARKED_UP = (formats.DOCX, formats.PPTX, formats.XLSX)
_NO_TEXT = {formats.PDF: "The PDF holds no text (a scan?). Run text recognition over it and upload it again."}
_IMAGE_OF_OFFICE = re.compile(r"!\[[^\]]*\]\([^)]*\)")


def read_pages(path: Path, kind: str) -> list[str]:
    """Returns the pages of a file; formats without pages give one.

    Raises:
        UnreadableDocument: there is no text, or no way to it.
    """
    reader: Callable[[Path, str], list[str]] = {
        formats.PDF: _read_pdf,
        formats.HTML: _read_html,
        formats.MARKDOWN: _read_text,
        formats.TEXT: _read_text,
    }.get(kind, _read_office)
    pages = reader(path, kind)
    if not any(page.strip() for page in pages):
        raise UnreadableDocument(_NO_TEXT.get(kind, "The document holds no text."))
    return pages


def _read_pdf(path: Path, kind: str) -> list[str]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableDocument(
                "The PDF is protected by a password. Remove the password and upload it again."
            ) from error
        raise UnreadableDocument("The PDF is damaged and cannot be opened.") from error
    pages = []
    try:
        for index in range(len(document)):
            page = document[index]
            text = page.get_textpage()
            pages.append(text.get_text_bounded())
            text.close()
            page.close()
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocument(f"The PDF is damaged: page {len(pages) + 1} cannot be read.") from error
    finally:
        document.close()
    return pages


def _read_office(path: Path, kind: str) -> list[str]:
    import kreuzberg

    settings = kreuzberg.ExtractionConfig(
        use_cache=False,
        enable_quality_processing=False,
        output_format="markdown" if kind in _MARKED_UP else "plain",
    )
    try:
        result = kreuzberg.extract_bytes_sync(path.read_bytes(), _MIME_TYPES[kind], settings)
    except kreuzberg.KreuzbergError as error:
        if "password" in str(error).lower() or "encrypt" in str(error).lower():
            raise UnreadableDocument(
                "The document is protected by a password. Remove the password and upload it again."
            ) from error
        raise UnreadableDocument(f"The {kind.upper()} file is damaged and cannot be read.") from error
    return [_IMAGE_OF_OFFICE.sub("", str(result.content))]


def _read_text(path: Path, kind: str) -> list[str]:
    return [decode(path.read_bytes())]


def _read_html(path: Path, kind: str) -> list[str]:
    return [html_text(decode(path.read_bytes()))]


def decode(content: bytes) -> str:
    """Returns text from bytes in whatever encoding they are.

    Raises:
        UnreadableDocument: they are no text in any known encoding.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = charset_normalizer.from_bytes(content).best()
    if best is None:
        raise UnreadableDocument("The text's encoding cannot be recognised. Save it as UTF-8 and upload it again.")
    return str(best).removeprefix("\ufeff")
