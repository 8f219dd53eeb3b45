import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from foundation.storage import FolderStorage


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def broken_upload() -> AsyncIterator[bytes]:
    yield b"half of it"
    raise ConnectionError("the client left")


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def read(storage: FolderStorage, hash: str) -> bytes:
    return b"".join([chunk async for chunk in storage.open(hash)])


async def test_content_is_found_under_its_hash(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    stored = await storage.put(chunks(b"hello ", b"world"))
    assert stored.hash == hashlib.sha256(b"hello world").hexdigest()
    assert stored.size == 11
    assert await read(storage, stored.hash) == b"hello world"
    assert storage.path(stored.hash).read_bytes() == b"hello world"


async def test_the_same_content_is_stored_once(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    first = await storage.put(chunks(b"abc"))
    assert await storage.put(chunks(b"a", b"bc")) == first
    assert len(files_in(tmp_path)) == 1


async def test_an_upload_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        await FolderStorage(tmp_path).put(broken_upload())
    assert not files_in(tmp_path)


async def test_large_content_is_read_in_pieces(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    content = bytes(range(256)) * 4_096
    stored = await storage.put(chunks(content))
    pieces = [chunk async for chunk in storage.open(stored.hash)]
    assert len(pieces) > 1
    assert b"".join(pieces) == content


async def test_deleting_is_final_and_repeatable(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    stored = await storage.put(chunks(b"abc"))
    await storage.delete(stored.hash)
    await storage.delete(stored.hash)
    with pytest.raises(FileNotFoundError):
        await read(storage, stored.hash)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", "/etc/passwd"])
async def test_a_hash_never_names_a_path_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="64 lower-case"):
        FolderStorage(tmp_path).path(name)
