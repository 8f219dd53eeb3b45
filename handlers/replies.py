"""What a handler may return besides plain values, and the uploaded files it may be given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Generic

from starlette.concurrency import run_in_threadpool
from typing_extensions import TypeVar

HeaderItems = Mapping[str, str] | Iterable[tuple[str, str]]

CHUNK = 256 * 1024

Body_co = TypeVar("Body_co", covariant=True, default=Any)


@dataclass(slots=True)
class Reply(Generic[Body_co]):
    """An answer with a status or headers of its own.

    `status` None means the operation's first 2xx. `headers` is a mapping, or pairs where a name occurs more than
    once (`Set-Cookie`). A `body` of None is sent without content.
    """

    body: Body_co | None = None
    status: int | None = None
    headers: HeaderItems = ()
    media_type: str | None = None


@dataclass(slots=True)
class EventStream:
    """A stream of server-sent events.

    Each item is the JSON of one event, or a pair of event id and JSON, or None for a ping; pings are also sent
    on their own after 10 silent seconds. `ids` says whether `id:` lines are written. `task_id` names the run the
    stream shows, so that the repeat of an idempotent request can join it.
    """

    events: AsyncIterator[bytes | tuple[str, bytes] | None]
    ids: bool = False
    task_id: str | None = None
    headers: HeaderItems = ()
    status: int = 200


@dataclass(slots=True)
class FileReply:
    """A file, sent chunk by chunk.

    `disposition` is `inline` or `attachment`; `size` is sent as Content-Length where it is known. `status` and
    `headers` serve ranges.
    """

    chunks: AsyncIterator[bytes]
    media_type: str = "application/octet-stream"
    filename: str | None = None
    size: int | None = None
    disposition: str = "inline"
    headers: HeaderItems = ()
    status: int = 200


def extension_of(filename: str) -> str:
    """Return a file name's extension in small letters, without the dot."""
    return Path(filename).suffix.lower().lstrip(".")


class UploadedFile:
    """One file part of a form. It lives as long as the request does."""

    def __init__(self, filename: str, content_type: str, size: int, file: BinaryIO) -> None:
        self.filename = filename
        self.content_type = content_type
        self.size = size
        self.file = file

    @property
    def extension(self) -> str:
        """The name's extension in small letters, without the dot."""
        return extension_of(self.filename)

    async def head(self, length: int = 4096) -> bytes:
        """Return the first bytes, for a look at what the file really is."""
        self.file.seek(0)
        return await run_in_threadpool(self.file.read, length)

    async def read(self) -> bytes:
        """Return the whole content; for small files only."""
        self.file.seek(0)
        return await run_in_threadpool(self.file.read)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the content from its beginning."""
        self.file.seek(0)
        while chunk := await run_in_threadpool(self.file.read, CHUNK):
            yield chunk

    def close(self) -> None:
        """Remove the temporary file."""
        self.file.close()

    def __repr__(self) -> str:
        return f"UploadedFile({self.filename!r}, {self.content_type!r}, {self.size} bytes)"
