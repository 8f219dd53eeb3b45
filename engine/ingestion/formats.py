"""Tells what a file is by its content; its name only decides between formats that are all plain text."""

import zipfile
from pathlib import Path, PurePath

from engine.ingestion.unreadable import UnreadableDocument

PDF, DOCX, PPTX, XLSX, EPUB = "pdf", "docx", "pptx", "xlsx", "epub"
DOC, XLS, EML, HTML, XML = "doc", "xls", "eml", "html", "xml"
CSV, JSON, MARKDOWN, MDX, TEXT = "csv", "json", "md", "mdx", "txt"

MARKED_UP = frozenset({DOCX, DOC, PPTX, XLSX, XLS, EPUB, HTML, EML, CSV, MARKDOWN, MDX})
"""Formats whose text comes as Markdown, so that a line that begins with `#` is a heading."""

MOST_UNPACKED_BYTES = 512 << 20
MOST_ENTRIES = 20_000

_HEAD = 8192
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS = (("word/", DOCX), ("ppt/", PPTX), ("xl/", XLSX))
_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body")
_BY_ENDING = {
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".mdx": MDX,
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".xml": XML,
    ".csv": CSV,
    ".tsv": CSV,
    ".json": JSON,
    ".eml": EML,
}
_STREAMS = (("WordDocument", DOC), ("Workbook", XLS), ("Book", XLS))
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_WAYS_TO_SAVE = "PDF, DOCX, PPTX, XLSX, EPUB, HTML, Markdown, CSV, JSON, XML, e-mail and plain text can be read"
_PASSWORD = "The document is protected by a password. Remove the password and upload it again."  # noqa: S105


def detect_format(path: Path, name: str) -> str:
    """Returns the format of a file.

    Args:
        path: where its bytes are.
        name: what its owner calls it.

    Raises:
        UnreadableDocument: it is empty, damaged, encrypted, unpacks to too much, or of a format that cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise UnreadableDocument("The file is empty.")
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith(b"PK"):
        return _zip_format(path)
    if head.startswith(_OLE):
        return _ole_format(path)
    if _looks_binary(head):
        raise UnreadableDocument(f"The file is {_described(path)}; {_WAYS_TO_SAVE}.")
    return _text_format(head, name)


def _text_format(head: bytes, name: str) -> str:
    named = _BY_ENDING.get(PurePath(name.lower()).suffix)
    if named:
        return named
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_HTML_STARTS):
        return HTML
    return XML if start.startswith(b"<?xml") else TEXT


def _zip_format(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_unpacked(entries)
            names = [entry.filename for entry in entries]
            if any(entry.flag_bits & 1 for entry in entries):
                raise UnreadableDocument(_PASSWORD)
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                declared = archive.read("mimetype").strip()
                if declared == b"application/epub+zip":
                    return EPUB
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise UnreadableDocument("The file is damaged: its archive cannot be opened.") from error
    if "[Content_Types].xml" in names:
        for folder, kind in _PARTS:
            if any(entry.startswith(folder) for entry in names):
                return kind
    raise UnreadableDocument(f"The file is an archive (zip), not a document; {_WAYS_TO_SAVE}.")


def _check_unpacked(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise UnreadableDocument(f"The file's archive holds {len(entries)} parts; {MOST_ENTRIES} can be read.")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_UNPACKED_BYTES:
        raise UnreadableDocument(
            f"The file unpacks to {unpacked >> 20} MB; {MOST_UNPACKED_BYTES >> 20} MB can be read. Split it."
        )


def _ole_format(path: Path) -> str:
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise UnreadableDocument(_PASSWORD)
    for stream, kind in _STREAMS:
        if f"{stream}\0".encode("utf-16-le") in content:
            return kind
    raise UnreadableDocument(f"The file has an old Office format; {_WAYS_TO_SAVE}.")


def _looks_binary(head: bytes) -> bool:
    if head.startswith(_WIDE_MARKS):
        return False
    if b"\0" in head:
        return not _looks_wide(head)
    control = sum(byte < 32 and byte not in b"\t\n\r\f\x1b\x08" for byte in head)
    return control > len(head) * 0.05


def _looks_wide(head: bytes) -> bool:
    """Whether the zero bytes are every second one, as in UTF-16 text of a Western language."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return max(even, odd) > len(head) * 0.35 and min(even, odd) < len(head) * 0.02


def _described(path: Path) -> str:
    import puremagic

    try:
        return f"of type {puremagic.from_file(str(path), mime=True) or 'unknown'}"
    except (puremagic.PureError, ValueError, OSError):
        return "binary data of an unknown type"
