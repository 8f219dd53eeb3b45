"""What the program says about itself: JSON lines in a file, readable lines on standard error, no secrets."""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
import time
from contextvars import ContextVar
from pathlib import Path

import orjson

trace_id: ContextVar[str] = ContextVar("trace_id", default="")
"""The trace id of the request or job that the current task works for; empty outside of any."""

_FILE_BYTES = 20 * 1024 * 1024
_FILES_KEPT = 5
_HIDDEN = "[hidden]"
_SECRETS = re.compile(
    r"""
    (?P<lead>\bBearer\s+|\bBasic\s+)[\w.~+/=-]{6,}  # authorisation headers
    | (?P<key>\b(?:app|dataset|ws|sk|pk|inv)-)[A-Za-z0-9_-]{12,}  # API keys, ours or not, and invitations
    | \beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}  # JSON web tokens
    | (?P<field>["']?\b(?:api_?key|password|secret(?:_key)?|access_token|refresh_token|authorization)\b\\?["']?
        \s*[=:]\s*\\?["']?(?:Bearer\s+|Basic\s+)?)[^\s"'&,}\\]{3,}  # name=value and "name": "value"
    | (?P<url>://[^\s:/@"'\\]*:)[^\s/@"'\\]+(?=@)  # passwords in addresses
    """,
    re.VERBOSE | re.IGNORECASE,
)
_UNPRINTABLE = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


def traced() -> dict[str, str]:
    """Returns the header that carries the current trace id to another server; nothing outside of any."""
    current = trace_id.get()
    return {"X-Trace-Id": current} if current else {}


def redact(text: str) -> str:
    """Returns `text` with API keys, tokens and passwords replaced by `[hidden]`."""
    return _SECRETS.sub(_hide, text)


def configure_logging(process: str, folder: Path | None = None, level: str = "INFO") -> None:
    """Sets up logging of this process, replacing what was set up before.

    Args:
        process: what the process is (`api`, `generation-1`); names its log file and stands in each line.
        folder: where `<process>.log` is written as JSON lines and rotated; None writes no file.
        level: the least severe level that is written.
    """
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    readable = logging.StreamHandler(sys.stderr)
    readable.setFormatter(ReadableFormatter(process))
    root.addHandler(readable)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lines = LineFile(
            folder / f"{process}.log",
            maxBytes=_FILE_BYTES,
            backupCount=_FILES_KEPT,
            encoding="utf-8",
            delay=True,
        )
        lines.setFormatter(JsonFormatter(process))
        root.addHandler(lines)
    root.setLevel(level)
    for chatty in ("httpx2", "httpcore2", "rq.worker", "alembic.runtime.migration", "openai", "pdfminer"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


class LineFile(logging.handlers.RotatingFileHandler):
    """A file that is rotated once it is full, by the line that comes next.

    Its base class formats each record twice, the first time to find out whether it would be too much.
    """

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 - the base class names it
        """Tell whether the file is full; what is no file, as a pipe, never is."""
        if self.stream is None:
            self.stream = self._open()
        return self.maxBytes > 0 and self.stream.seekable() and self.stream.tell() >= self.maxBytes


class JsonFormatter(logging.Formatter):
    """One JSON object a record: time, level, process, logger, message, trace id, extra fields, exception."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line of JSON, secrets hidden."""
        entry: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace := trace_id.get():
            entry["trace_id"] = trace
        entry.update((name, value) for name, value in vars(record).items() if name not in _STANDARD)
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return redact(orjson.dumps(entry, default=str, option=orjson.OPT_NON_STR_KEYS).decode())


class ReadableFormatter(logging.Formatter):
    """One line a record for a person who watches a terminal."""

    def __init__(self, process: str) -> None:
        super().__init__(f"%(asctime)s %(levelname)-7s {process:<12} %(name)s: %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text for a terminal, secrets hidden and control characters made visible."""
        return redact(super().format(record)).translate(_UNPRINTABLE)


def _hide(match: re.Match[str]) -> str:
    kept = next((text for text in match.groups() if text), "")
    return kept + _HIDDEN
