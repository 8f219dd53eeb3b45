"""Extracts the text of a file in a child process, so that a hostile or broken file harms nothing but that child. Plain
text, which no library parses, is read where it is asked for.
"""

import asyncio
import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import orjson

from engine.ingestion.document import Extract, OutlineEntry
from engine.ingestion.formats import detect_format
from engine.ingestion.readers import PLAIN, read_file
from engine.ingestion.unreadable import UnreadableDocument

_CHECKOUT = Path(__file__).resolve().parents[2]
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONHOME", "SYSTEMROOT")
_READ = 1 << 20
_MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class ExtractionLimits:
    """What reading one file may cost: memory of the child, its time on a processor and in all, and its output."""

    memory_bytes: int = 3 * 1024 * _MEBIBYTE
    cpu_seconds: int = 120
    wall_seconds: float = 180.0
    output_bytes: int = 64 * _MEBIBYTE


async def extract(path: Path, name: str, limits: ExtractionLimits | None = None) -> Extract:
    """Returns the text of a file.

    Args:
        path: where its bytes are.
        name: what its owner calls it; its ending decides only between formats that are all plain text.
        limits: what reading may cost.

    Raises:
        UnreadableDocument: it gives no text; the message says why.
    """
    limits = limits or ExtractionLimits()
    kind = await asyncio.to_thread(detect_format, path, name)
    if kind in PLAIN:
        return await asyncio.to_thread(_plain, path, kind, limits)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "engine.ingestion.extraction_process",
        str(await asyncio.to_thread(path.absolute)),
        kind,
        str(limits.memory_bytes),
        str(limits.cpu_seconds),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=_CHECKOUT,
        env=_environment(),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(limits.wall_seconds):
            answer = await _answer(process, limits.output_bytes)
            await process.wait()
    except TimeoutError as error:
        raise UnreadableDocument(f"Reading the document took longer than {limits.wall_seconds:.0f} seconds.") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return _extract(answer, kind)


def _plain(path: Path, kind: str, limits: ExtractionLimits) -> Extract:
    if path.stat().st_size > limits.output_bytes:
        raise _too_much(limits.output_bytes)
    return Extract(kind, tuple(read_file(path, kind).pages))


async def _answer(process: asyncio.subprocess.Process, limit: int) -> bytes:
    assert process.stdout is not None
    chunks: list[bytes] = []
    size = 0
    while chunk := await process.stdout.read(_READ):
        size += len(chunk)
        if size > limit:
            raise _too_much(limit)
        chunks.append(chunk)
    return b"".join(chunks)


def _extract(answer: bytes, kind: str) -> Extract:
    try:
        outcome = orjson.loads(answer)
    except orjson.JSONDecodeError as error:
        raise UnreadableDocument(
            f"The {kind.upper()} file is damaged, or opening it takes more memory or time than is allowed."
        ) from error
    if "error" in outcome:
        raise UnreadableDocument(str(outcome["error"]))
    outline = tuple(OutlineEntry(page, level, title) for page, level, title in outcome["outline"])
    return Extract(kind, tuple(outcome["pages"]), outline)


def _too_much(limit: int) -> UnreadableDocument:
    return UnreadableDocument(f"The document holds more than {limit // _MEBIBYTE} MB of text.")


def _environment() -> dict[str, str]:
    """Returns the child's environment: what Python needs to start, and none of the program's secrets."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
