"""The child process that reads one file: `python -m engine.ingestion.extraction_process PATH FORMAT MEMORY
SECONDS`.

It ends with the process that started it, limits its own memory and time before it touches the file, and answers on its
standard output with one JSON object: `{"pages": [...], "outline": [[page, level, title], ...]}` or `{"error": "..."}`.
Whatever native libraries print goes to standard error.
"""

import os
import resource
import signal
import sys
from pathlib import Path

import orjson

from foundation.lifeline import die_with_parent


def main(arguments: list[str]) -> None:
    """Reads the file that the arguments name and writes the answer."""
    die_with_parent(with_signal=signal.SIGKILL)
    path, kind, memory, seconds = Path(arguments[0]), arguments[1], int(arguments[2]), int(arguments[3])
    answer = os.dup(1)
    os.dup2(2, 1)
    _limit(memory, seconds)
    with os.fdopen(answer, "wb") as output:
        output.write(orjson.dumps(_read(path, kind)))


def _read(path: Path, kind: str) -> dict[str, object]:
    from engine.ingestion.readers import read_file
    from engine.ingestion.unreadable import UnreadableDocument

    try:
        reading = read_file(path, kind)
    except UnreadableDocument as unreadable:
        return {"error": unreadable.message}
    except MemoryError:
        return {"error": "The document needs more memory than is allowed to open it."}
    except RecursionError:
        return {"error": "The document nests its parts too deeply."}
    return {
        "pages": [_valid(page) for page in reading.pages],
        "outline": [(entry.page, entry.level, _valid(entry.title)) for entry in reading.outline],
    }


def _valid(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _limit(memory: int, seconds: int) -> None:
    for kind, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(kind, (limit, limit))


if __name__ == "__main__":
    main(sys.argv[1:])
