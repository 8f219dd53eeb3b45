"""Handlers of the tag Files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from handlers.call import Call
from handlers.replies import FileReply, UploadedFile

last: list[UploadedFile] = []


async def upload_file(
    call: Call,
    *,
    file: UploadedFile,
    kind: str,
    data: dict[str, Any] | None = None,
    count: int | None = None,
    labels: list[int] | None = None,
) -> dict[str, Any]:
    last[:] = [file]
    content = b"".join([chunk async for chunk in file.chunks()])
    facts = {"name": file.filename, "type": file.content_type, "size": file.size, "read": len(content)}
    return {**facts, "kind": kind, "data": data, "count": count, "labels": labels}


async def download_file(call: Call) -> FileReply:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    return FileReply(chunks(), "text/csv", 'naïve "名".csv', size=6, disposition="attachment")


async def send_form(
    call: Call, *, body: dict[str, Any] | None = None, name: str | None = None, age: int | None = None
) -> dict[str, Any]:
    return {"body": body, "name": name, "age": age}


async def put_raw(call: Call, *, body: bytes = b"") -> dict[str, Any]:
    return {"size": len(body)}
