"""Schemathesis against the running program: no operation may answer other than its document says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.operations import BASES
from tests.contract.worlds import make_world
from tests.journeys.program import ROOT, Program

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = os.environ.get("PARLEY_FUZZ_EXAMPLES", "4")
SEED = os.environ.get("PARLEY_FUZZ_SEED", "1")
# These end or replace the sign-in that the other operations share; tests/journeys/test_sign_in.py is about them.
APART = {"service": [], "console": ["logout", "logoutByGet", "refreshToken"], "web": []}


@pytest.mark.fuzz
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("tier", list(BASES))
def test_every_operation_answers_as_its_document_says(program: Program, tier: str) -> None:
    world = make_world(program)
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run"]
    command += [f"{program.url}/{tier}/openapi.json", "--url", program.url + BASES[tier]]
    command += ["--max-examples", EXAMPLES, "--seed", SEED]
    for operation in APART[tier]:
        command += ["--exclude-operation-id", operation]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "tests.contract.hooks", "PYTHONPATH": str(ROOT)}
    environment |= {f"PARLEY_FUZZ_{scheme.upper()}": token for scheme, token in world.credentials.items()}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    world.close()
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]
