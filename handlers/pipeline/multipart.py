"""multipart/form-data, read as it arrives: texts into memory, files to disk, limits kept while reading."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from foundation.errors import ApiError
from handlers.replies import UploadedFile

IN_MEMORY = 256 * 1024
MOST_TEXT = 16 * 1024 * 1024
MOST_PARTS = 1_100
MANY_PARTS = 100
"""After so many parts, only small files stay in memory."""
SMALL = 64 * 1024
MOST_LARGE = 256
"""How many of the files after these may be larger: each holds a file descriptor."""

HEAD = 8192
GATED_FROM = 64 * 1024
"""From how many bytes on a file is looked at while it arrives; a smaller one is refused with all that is wrong."""

Part = tuple[str, "str | UploadedFile"]
FileGate = Callable[[str, int, bytes], None]
"""Takes a file's name, how much of it has come, in bytes, and once its beginning; raises what refuses it."""


@dataclass(slots=True)
class _Open:
    """The part that is being read."""

    headers: dict[str, bytes] = field(default_factory=dict)
    name: str = ""
    filename: str | None = None
    text: bytearray = field(default_factory=bytearray)
    head: bytearray = field(default_factory=bytearray)
    is_known: bool = False
    file: BinaryIO | None = None
    size: int = 0


async def read_multipart(
    content_type: str, chunks: AsyncIterator[bytes], gate: FileGate | None = None, gated: Collection[str] = ()
) -> list[Part]:
    """Read a multipart body.

    Args:
        content_type: the request's Content-Type, boundary included.
        chunks: the body as it arrives.
        gate: what looks at a large file while it arrives.
        gated: the names of the parts that it looks at.

    Returns:
        The parts in their order, texts as `str`, files as `UploadedFile`. A file field left empty in a browser
        (no name and no content) is left out.

    Raises:
        ApiError: `bad_request` where the body is not what its Content-Type says, `request_entity_too_large` for a text
            part beyond 16 MB; what `gate` raises. Files opened so far are closed.
    """
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise ApiError("bad_request", "The Content-Type has no boundary; multipart/form-data needs one.")
    reader = _Reader(gate, gated)
    try:
        parser = MultipartParser(boundary, cast(Any, reader.callbacks()))
        async for chunk in chunks:
            parser.write(chunk)
            await reader.flush()
        parser.finalize()
        if not reader.ended:
            raise ApiError("bad_request", "The multipart body ends before its closing boundary.")
    except (FormParserError, UnicodeDecodeError) as error:
        reader.close()
        raise ApiError("bad_request", f"The multipart body cannot be read: {error}.") from None
    except BaseException:
        reader.close()
        raise
    return reader.parts


class _Reader:
    """Collects parts from the parser's callbacks; file content is written between two chunks."""

    def __init__(self, gate: FileGate | None, gated: Collection[str]) -> None:
        self.parts: list[Part] = []
        self._gate = gate
        self._gated = gated
        self.ended = False
        self._large = 0
        self._part = _Open()
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._pending: list[tuple[BinaryIO, bytes]] = []

    def callbacks(self) -> dict[str, Any]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    async def flush(self) -> None:
        pending, self._pending = self._pending, []
        if sum(len(data) for _, data in pending) < IN_MEMORY // 4:
            _write(pending)
        else:
            await run_in_threadpool(_write, pending)

    def close(self) -> None:
        for _, value in self.parts:
            if isinstance(value, UploadedFile):
                value.close()
        if self._part.file is not None:
            self._part.file.close()

    def _finish(self) -> None:
        self.ended = True

    def _begin(self) -> None:
        if len(self.parts) >= MOST_PARTS:
            raise ApiError("bad_request", f"The form has more than {MOST_PARTS} parts.")
        self._part = _Open()

    def _header_end(self) -> None:
        name, value = self._header
        self._part.headers[name.decode("latin-1").lower()] = bytes(value)
        self._header = (bytearray(), bytearray())

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._part.headers.get("content-disposition"))
        if b"name" not in options:
            raise ApiError("bad_request", "A part of the form has no `name` in its Content-Disposition.")
        self._part.name = options[b"name"].decode("utf-8")
        if b"filename" in options:
            self._part.filename = options[b"filename"].decode("utf-8", "replace")
            size = IN_MEMORY if len(self.parts) < MANY_PARTS else SMALL
            self._part.file = cast(BinaryIO, SpooledTemporaryFile(max_size=size))  # noqa: SIM115 - UploadedFile closes it

    def _data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        part.size += end - start
        if part.file is not None:
            if part.size > SMALL >= part.size - (end - start) and len(self.parts) >= MANY_PARTS:
                self._count_large()
            if self._gate is not None and part.filename and part.name in self._gated:
                self._look(self._gate, part.filename, data[start:end])
            self._pending.append((part.file, data[start:end]))
            return
        if part.size > MOST_TEXT:
            raise ApiError("request_entity_too_large", f"The part `{part.name}` is larger than {MOST_TEXT} bytes.")
        part.text += data[start:end]

    def _look(self, gate: FileGate, filename: str, arrived: bytes) -> None:
        part = self._part
        if not part.is_known:
            part.head += arrived[: HEAD - len(part.head)]
        if part.size >= GATED_FROM:
            gate(filename, part.size, b"" if part.is_known else bytes(part.head))
            part.is_known = True

    def _count_large(self) -> None:
        self._large += 1
        if self._large > MOST_LARGE:
            message = f"The form has more than {MOST_LARGE} files larger than {SMALL} bytes; send fewer at once."
            raise ApiError("request_entity_too_large", message)

    def _end(self) -> None:
        part = self._part
        if part.file is None:
            try:
                self.parts.append((part.name, part.text.decode("utf-8")))
            except UnicodeDecodeError:
                raise ApiError("bad_request", f"The part `{part.name}` is not valid UTF-8.") from None
        elif part.filename or part.size:
            content_type = part.headers.get("content-type", b"application/octet-stream").decode("latin-1")
            self.parts.append((part.name, UploadedFile(part.filename or "", content_type, part.size, part.file)))
        else:
            part.file.close()
        self._part = _Open()


def _write(pending: list[tuple[BinaryIO, bytes]]) -> None:
    for file, data in pending:
        file.write(data)
