"""What an uploaded file is: by its name, proved by its content, and how large its kind may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import puremagic

from foundation.errors import ApiError
from foundation.settings import Settings
from handlers.replies import UploadedFile, extension_of

Kind = Literal["image", "document", "audio", "video"]

HEAD: Final = 8192
WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SOURCE_CODE: Final = [
    "bat",
    "c",
    "cc",
    "cpp",
    "cs",
    "css",
    "dart",
    "ex",
    "go",
    "h",
    "hpp",
    "hs",
    "ini",
    "java",
    "jl",
    "js",
    "jsx",
    "kt",
    "log",
    "lua",
    "m",
    "mjs",
    "php",
    "pl",
    "ps1",
    "py",
    "r",
    "rb",
    "rs",
    "scala",
    "sh",
    "sql",
    "svelte",
    "swift",
    "tex",
    "toml",
    "ts",
    "tsx",
    "vtt",
    "vue",
    "yaml",
    "yml",
]


@dataclass(frozen=True, slots=True)
class FileType:
    """One extension: its kind, its media type, and the proof that a file's first bytes must give."""

    kind: Kind
    media_type: str
    proof: Callable[[bytes], bool]


def _starts(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(signatures)


def _holds(signature: bytes, at: int) -> Callable[[bytes], bool]:
    return lambda head: head[at : at + len(signature)] == signature


def _riff(form: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(b"RIFF") and head[8:12] == form


def _is_text(head: bytes) -> bool:
    return head.startswith(WIDE_MARKS) or b"\0" not in head


def _is_svg(head: bytes) -> bool:
    return _is_text(head) and b"<svg" in head.lower()


def _is_mpeg_audio(head: bytes) -> bool:
    return head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0)


_MP4 = _holds(b"ftyp", 4)
_ZIP = _starts(b"PK\x03\x04", b"PK\x05\x06")
_OOXML = "application/vnd.openxmlformats-officedocument"

FILE_TYPES: Final[dict[str, FileType]] = {
    "jpg": FileType("image", "image/jpeg", _starts(b"\xff\xd8\xff")),
    "jpeg": FileType("image", "image/jpeg", _starts(b"\xff\xd8\xff")),
    "png": FileType("image", "image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    "gif": FileType("image", "image/gif", _starts(b"GIF87a", b"GIF89a")),
    "webp": FileType("image", "image/webp", _riff(b"WEBP")),
    "svg": FileType("image", "image/svg+xml", _is_svg),
    "pdf": FileType("document", "application/pdf", lambda head: b"%PDF-" in head[:1024]),
    "doc": FileType("document", "application/msword", _starts(OLE)),
    "xls": FileType("document", "application/vnd.ms-excel", _starts(OLE)),
    "docx": FileType("document", f"{_OOXML}.wordprocessingml.document", _ZIP),
    "pptx": FileType("document", f"{_OOXML}.presentationml.presentation", _ZIP),
    "xlsx": FileType("document", f"{_OOXML}.spreadsheetml.sheet", _ZIP),
    "epub": FileType("document", "application/epub+zip", _ZIP),
    "txt": FileType("document", "text/plain", _is_text),
    "md": FileType("document", "text/markdown", _is_text),
    "markdown": FileType("document", "text/markdown", _is_text),
    "mdx": FileType("document", "text/markdown", _is_text),
    "html": FileType("document", "text/html", _is_text),
    "htm": FileType("document", "text/html", _is_text),
    "csv": FileType("document", "text/csv", _is_text),
    "tsv": FileType("document", "text/tab-separated-values", _is_text),
    "eml": FileType("document", "message/rfc822", _is_text),
    "json": FileType("document", "application/json", _is_text),
    "xml": FileType("document", "application/xml", _is_text),
    **{extension: FileType("document", "text/plain", _is_text) for extension in SOURCE_CODE},
    "mp3": FileType("audio", "audio/mpeg", _is_mpeg_audio),
    "mpga": FileType("audio", "audio/mpeg", _is_mpeg_audio),
    "m4a": FileType("audio", "audio/mp4", _MP4),
    "wav": FileType("audio", "audio/wav", _riff(b"WAVE")),
    "amr": FileType("audio", "audio/amr", _starts(b"#!AMR")),
    "mp4": FileType("video", "video/mp4", _MP4),
    "mov": FileType("video", "video/quicktime", _MP4),
    "mpeg": FileType("video", "video/mpeg", _starts(b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3")),
    "webm": FileType("video", "video/webm", _starts(b"\x1a\x45\xdf\xa3")),
}


async def recognise(file: UploadedFile, settings: Settings, *, only: Kind | None = None) -> FileType:
    """Tell what an uploaded file is.

    Args:
        file: the part that was uploaded.
        settings: how large each kind may be.
        only: the one kind that is accepted; None accepts all.

    Returns:
        The type that its extension names and its content proves.

    Raises:
        ApiError: `filename_not_exists_error`, `unsupported_file_type` or `file_too_large`.
    """
    if not file.filename:
        raise ApiError("filename_not_exists_error", "The specified filename does not exist.")
    found = _named(file.extension, only)
    largest = _largest(found.kind, settings)
    if file.size > largest:
        raise _too_large(found.kind, f"The file has {file.size} bytes", largest)
    _prove(found, file.filename, await file.head(HEAD))
    return found


def early_refusal(settings: Settings) -> Callable[[str, int, bytes], None]:
    """Return what refuses a file while it arrives: one that no operation takes, whatever follows.

    Args:
        settings: how large each kind may be.

    Returns:
        A function of a file's name, how much of it has come, in bytes, and its first `HEAD` bytes, or none where
        they have been seen; it raises `unsupported_file_type` or `file_too_large`.
    """

    def look(name: str, size: int, head: bytes) -> None:
        found = _named(extension_of(name), None)
        largest = _largest(found.kind, settings)
        if size > largest:
            raise _too_large(found.kind, f"The file has more than {largest} bytes", largest)
        if head:
            _prove(found, name, head)

    return look


def _named(extension: str, only: Kind | None) -> FileType:
    found = FILE_TYPES.get(extension)
    if found is None or (only is not None and found.kind != only):
        accepted = ", ".join(name for name, each in FILE_TYPES.items() if only in (None, each.kind))
        shown = f".{extension}" if extension else "without an extension"
        raise ApiError("unsupported_file_type", f"Files {shown} are not accepted here. Accepted: {accepted}.")
    return found


def _too_large(kind: Kind, told: str, largest: int) -> ApiError:
    article = "an" if kind in ("image", "audio") else "a"
    return ApiError("file_too_large", f"{told}; {article} {kind} may have {largest}.")


def _prove(found: FileType, name: str, head: bytes) -> None:
    if not found.proof(head):
        text = f"The file is called {name}, but its content is {_described(head)}."
        raise ApiError("unsupported_file_type", text)


def _largest(kind: Kind, settings: Settings) -> int:
    return {
        "image": settings.image_max_bytes,
        "document": settings.document_max_bytes,
        "audio": settings.audio_max_bytes,
        "video": settings.video_max_bytes,
    }[kind]


def _described(head: bytes) -> str:
    if not head:
        return "empty"
    try:
        media_type = puremagic.from_string(head, mime=True)
    except (puremagic.PureError, ValueError):
        media_type = ""
    return media_type or ("plain text" if _is_text(head) else "of an unknown type")
