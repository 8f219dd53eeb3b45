"""Schemathesis against the running program: no operation may answer other than its document says.

A short run takes the operations that were changed and a sample that rotates from commit to commit; `make fuzz` takes
them all. FUZZ_OPERATIONS (a number, `all`, or a regular expression that is looked for in tier, method and path),
FUZZ_EXAMPLES (for each operation), FUZZ_SEED and FUZZ_BASE (the commit that operations are compared with) choose
otherwise.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.operations import BASES, Operation
from tests.contract.sampling import Sample, named, sample
from tests.contract.worlds import MODES, World, make_world
from tests.journeys.program import ROOT, Program

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "2")
SIZE = os.environ.get("FUZZ_OPERATIONS", "40")
BASE = os.environ.get("FUZZ_BASE", "HEAD~1")
LONGEST_LINE = 500
# What ends or replaces a sign-in has one of its own, which nothing else shares; another key manages apps.
APART = {
    "console": frozenset(
        {
            *("login", "logout", "logoutByGet", "refreshToken"),
            *("createOwner", "getSetupStatus", "getInitStatus", "validateInitPassword"),
        }
    ),
    "service": frozenset({"listApps", "createApp"}),
}


@dataclass(frozen=True)
class Run:
    """One run of schemathesis, with a workspace of its own.

    Attributes:
        tier: whose document.
        mode: of the app that the credentials reach, since a key opens the app of one mode.
        apart: whether it takes the operations that stay out of the others.
    """

    tier: str
    mode: str = "chat"
    apart: bool = False

    def takes(self, operation: Operation) -> bool:
        """Tell whether an operation belongs to the run."""
        apart = operation.name in APART.get(self.tier, ())
        return (operation.tier, operation.mode, apart) == (self.tier, self.mode, self.apart)

    def credentials(self, world: World) -> dict[str, str]:
        """Return what opens the operations, by the name of the security scheme."""
        return world.credentials | ({"AppKey": world.workspace_key} if self.apart else {})


RUNS = {f"{tier}, {mode}": Run(tier, mode) for tier in BASES for mode in MODES}
RUNS |= {f"{tier}, apart": Run(tier, apart=True) for tier in APART}


@pytest.fixture(scope="session")
def chosen() -> Sample:
    """The operations of this test run."""
    if SIZE == "all" or SIZE.isdigit():
        return sample(None if SIZE == "all" else int(SIZE), BASE)
    return named(SIZE)


@pytest.mark.fuzz
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", list(RUNS))
def test_every_operation_answers_as_its_document_says(program: Program, chosen: Sample, name: str) -> None:
    run = RUNS[name]
    taken = [operation for operation in chosen.operations if run.takes(operation)]
    if not taken:
        pytest.skip(f"{chosen}: none of them are of this run")
    print(chosen)
    names = {operation.name for operation in taken}
    linked = any(operation.links & names for operation in taken)
    world = make_world(program, run.mode)
    try:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run"),
                *(f"{program.url}/{run.tier}/openapi.json", "--url", program.url + BASES[run.tier]),
                *("--include-operation-id-regex", f"^({'|'.join(sorted(names))})$"),
                *("--phases", "examples,coverage,fuzzing" + (",stateful" if linked else "")),
                *("--max-examples", EXAMPLES, "--seed", str(chosen.seed)),
                # Two requests to each of some operations may all miss what there is; that tells nothing of the others.
                *(("--warnings", "off") if SIZE.isdigit() else ()),
            ],
            cwd=ROOT,
            env=os.environ
            | {"SCHEMATHESIS_HOOKS": "tests.contract.hooks", "PYTHONPATH": str(ROOT)}
            | {f"FUZZ_{scheme.upper()}": token for scheme, token in run.credentials(world).items()}
            | {"FUZZ_KNOWN": json.dumps(world.ids_of(run.tier))},
            capture_output=True,
            text=True,
        )
    finally:
        world.close()
    print(done.stdout[-2500:])
    assert done.returncode == 0, f"{chosen}\n{_findings(done.stdout)}\n{done.stderr[-2000:]}"


def _findings(told: str) -> str:
    """Return what schemathesis has found, without its progress, and without the ends of long requests."""
    start = re.search(r"^=+ (?:ERRORS|FAILURES|WARNINGS) =+$", told, re.MULTILINE)
    lines = told[start.start() if start else 0 :].splitlines()
    return "\n".join(line[:LONGEST_LINE] for line in lines if line.strip())
