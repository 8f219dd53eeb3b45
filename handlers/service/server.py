"""What answers here."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from handlers.call import Call
from handlers.contract import schemas

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


@cache
def server_version() -> str:
    """Return the program's version, as `pyproject.toml` states it."""
    version: str = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["version"]
    return version


async def get_index(call: Call) -> schemas.ServerIndex:
    """Name the API and its versions."""
    return {"welcome": "Parley Service API", "api_version": "v1", "server_version": server_version()}
