"""Clients generated from the documents compile and do the main job against the running program."""

from pathlib import Path

import pytest

from tests.clients.conftest import PYTHON, run
from tests.journeys.people import PASSWORD, Person
from tests.journeys.program import ROOT, Program


@pytest.fixture
def account(program: Program, person: Person) -> dict[str, str]:
    """What a smoke program is told: where the server is and who signs in."""
    return {"PARLEY_URL": program.url, "PARLEY_EMAIL": person.email, "PARLEY_PASSWORD": PASSWORD}


def test_the_python_libraries_do_the_main_job(generated: Path, account: dict[str, str]) -> None:
    printed = run(PYTHON, "clients/python/smoke.py", PYTHONPATH=str(generated / "python"), **account)
    assert printed.startswith("Python: ")


def test_the_typescript_types_compile_and_do_the_main_job(generated: Path, account: dict[str, str]) -> None:
    folder = ROOT / "clients" / "typescript"
    run("node", "node_modules/typescript/bin/tsc", "--project", ".", folder=folder)
    assert run("node", "smoke.ts", folder=folder, **account).startswith("TypeScript: ")
