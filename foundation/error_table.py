"""The table of error codes, as the contract states it in `openapi/shared/errors.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

TABLE_FILE = Path(__file__).resolve().parent.parent / "openapi" / "shared" / "errors.yaml"


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """What the contract says about one code."""

    code: str
    status: int
    type: str
    message: str
    reason: str | None = None


@cache
def error_table() -> dict[str, ErrorRow]:
    """Return the rows by code; read once."""
    rows = yaml.safe_load(TABLE_FILE.read_text("utf-8"))
    return {
        code: ErrorRow(code, row["status"], row["type"], row["message"], row.get("reason"))
        for code, row in rows.items()
    }


def status_of(code: str) -> int:
    """Return the HTTP status that stands for a code; 500 for one that is not in the table."""
    row = error_table().get(code)
    return row.status if row else 500
