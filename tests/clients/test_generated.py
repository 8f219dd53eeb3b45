"""Clients generated from the documents compile and do the main job against the running program."""

from pathlib import Path

import pytest

from tests.clients.conftest import PYTHON, run
from tests.journeys.people import PASSWORD, Person
from tests.journeys.program import ROOT, Program

# The first test waits for the libraries to be generated; Go and TypeScript compile them.
pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def account(program: Program, person: Person) -> dict[str, str]:
    """What a smoke program is told: where the server is and who signs in."""
    return {"PARLEY_URL": program.url, "PARLEY_EMAIL": person.email, "PARLEY_PASSWORD": PASSWORD}


def test_the_python_libraries_do_the_main_job(generated: Path, account: dict[str, str]) -> None:
    printed = run(PYTHON, "clients/python/smoke.py", PYTHONPATH=str(generated / "python"), **account)
    assert printed.startswith("Python: ")


def test_the_go_packages_compile_and_do_the_main_job(generated: Path, account: dict[str, str]) -> None:
    go, folder = PYTHON.with_name("go"), ROOT / "clients" / "go"
    alone = {"GOPROXY": "off", "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local", "GOCACHE": str(generated / "go-cache")}
    run(go, "build", "./...", folder=generated / "go", **alone)
    assert run(go, "run", ".", folder=folder, **alone, **account).startswith("Go: ")


def test_the_typescript_types_compile_and_do_the_main_job(generated: Path, account: dict[str, str]) -> None:
    folder = ROOT / "clients" / "typescript"
    run("node", "node_modules/typescript/bin/tsc", "--project", ".", folder=folder)
    assert run("node", "smoke.ts", folder=folder, **account).startswith("TypeScript: ")
