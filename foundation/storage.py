"""Where uploaded bytes live: one interface, and a folder that stores them by content hash."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from foundation.ids import new_id

_CHUNK = 256 * 1024
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What storing gave: the SHA-256 of the content in hex, and its size in bytes."""

    hash: str
    size: int


class FileStorage(Protocol):
    """Content-addressed storage: the same bytes are stored once, and a hash never changes its content."""

    async def put(self, chunks: AsyncIterator[bytes]) -> StoredFile:
        """Stores the chunks, whole or not at all."""
        ...

    def open(self, hash: str) -> AsyncIterator[bytes]:
        """Yields the content behind `hash`; raises FileNotFoundError at the first step when there is none."""
        ...

    def path(self, hash: str) -> Path:
        """Returns a local path to read the content from."""
        ...

    async def delete(self, hash: str, idle_seconds: float = 0) -> bool:
        """Removes the content; nothing happens when it is already gone.

        Args:
            hash: the content.
            idle_seconds: content that was stored within this time stays, for somebody may be about to refer to it.

        Returns:
            False if it stays.
        """
        ...


class FolderStorage:
    """Stores each content as `<root>/ab/cd/<hash>`; what is half-written stays in `<root>/incoming`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"

    async def put(self, chunks: AsyncIterator[bytes]) -> StoredFile:
        """Stores the chunks.

        The file appears under its hash only after its bytes have reached the disk, so neither a failing source nor a
        killed process leaves half a file behind a hash.
        """
        await asyncio.to_thread(self._incoming.mkdir, parents=True, exist_ok=True)
        partial = self._incoming / new_id()
        digest = hashlib.sha256()
        size = 0
        try:
            file = await asyncio.to_thread(partial.open, "xb")
            try:
                async for chunk in chunks:
                    await asyncio.to_thread(_write, file, digest, chunk)
                    size += len(chunk)
                await asyncio.to_thread(_flush_to_disk, file)
            finally:
                file.close()
            stored = StoredFile(digest.hexdigest(), size)
            await asyncio.to_thread(_move, partial, self.path(stored.hash))
        finally:
            partial.unlink(missing_ok=True)
        return stored

    async def open(self, hash: str) -> AsyncIterator[bytes]:
        """Yields the content behind `hash` in chunks of 256 KiB."""
        file = await asyncio.to_thread(self.path(hash).open, "rb")
        try:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                yield chunk
        finally:
            file.close()

    def path(self, hash: str) -> Path:
        """Returns where the content lies.

        Raises:
            ValueError: `hash` is not a SHA-256 in lower-case hex; no path outside the root has that form.
        """
        if not _HASH.fullmatch(hash):
            raise ValueError("A content hash has 64 lower-case hexadecimal digits.")
        return self._root / hash[:2] / hash[2:4] / hash

    async def delete(self, hash: str, idle_seconds: float = 0) -> bool:
        """Removes the content unless it was stored again a moment ago; see `FileStorage.delete`."""
        return await asyncio.to_thread(_remove, self.path(hash), self._incoming, idle_seconds)


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...


def _write(file: BinaryIO, digest: _Digest, chunk: bytes) -> None:
    file.write(chunk)
    digest.update(chunk)


def _flush_to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _remove(path: Path, aside: Path, idle_seconds: float) -> bool:
    """Takes the file aside and looks at its age again: one that is stored meanwhile is another file, and stays."""
    aside.mkdir(parents=True, exist_ok=True)
    taken = aside / new_id()
    try:
        if _is_fresh(path, idle_seconds):
            return False
        os.replace(path, taken)
    except FileNotFoundError:
        return True
    if _is_fresh(taken, idle_seconds):
        os.replace(taken, path)
        return False
    taken.unlink()
    return True


def _is_fresh(path: Path, seconds: float) -> bool:
    return seconds > 0 and time.time() - path.stat().st_mtime < seconds


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(source, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
