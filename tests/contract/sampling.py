"""Which operations a short run fuzzes: those that a change touched, and a sample that rotates from commit to commit."""

import io
import json
import os
import random
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contract.operations import Operation, operations
from tests.journeys.program import ROOT

DOCUMENTS_OF = "import sys; from parley.bundle import bundle; import json; json.dump(bundle(sys.argv[1]), sys.stdout)"
LEAST_ROTATING = 0.4


@dataclass(frozen=True)
class Sample:
    """The operations of one run.

    Attributes:
        seed: what the choice and the generated requests follow from.
        operations: those that were chosen.
        changed: how many of all differ from the base.
        total: how many there are.
    """

    seed: int
    operations: tuple[Operation, ...]
    changed: int
    total: int

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {len(self.operations)} of {self.total} operations; {self.changed} of all are changed; "
            f"again with FUZZ_SEED={self.seed}, all of them with FUZZ_OPERATIONS=all, "
            "some with FUZZ_OPERATIONS='console POST .*/workflows'"
        )


def seed() -> int:
    """Return FUZZ_SEED, else a number that the commit gives: its runs are alike, and those of the next one differ."""
    return int(os.environ.get("FUZZ_SEED") or 0) or int((_git("rev-parse", "HEAD") or b"1").strip()[:7], 16)


def named(pattern: str) -> Sample:
    """Choose the operations whose tier, method and path a regular expression finds.

    Args:
        pattern: what is looked for in texts like `console POST /apps/{app_id}/workflows/draft`.
    """
    found = operations()
    wanted = re.compile(pattern, re.IGNORECASE)
    return Sample(seed(), tuple(operation for operation in found if wanted.search(str(operation))), 0, len(found))


def sample(size: int | None, base: str) -> Sample:
    """Choose the operations of a run.

    Whole tags are added until there are enough, and then whatever links to those chosen, so that the operations which
    make a thing and those which use it come together.

    Args:
        size: about how many operations; all of them when None.
        base: the commit that operations are compared with.
    """
    found = operations()
    if size is None:
        return Sample(seed(), tuple(found), 0, len(found))
    chance = random.Random(seed())
    changed = _changed(found, base)
    most = int(size * (1 - LEAST_ROTATING))
    chosen = set(changed if len(changed) <= most else chance.sample(changed, most))
    tags = sorted({(operation.tier, operation.tag) for operation in found})
    chance.shuffle(tags)
    for tag in tags:
        members = {operation for operation in found if (operation.tier, operation.tag) == tag}
        if len(chosen | members) <= size:
            chosen |= members
    needed = {(operation.tier, operation.name) for operation in chosen}
    chosen |= {o for o in found if o.method == "POST" and needed & {(o.tier, name) for name in o.links}}
    return Sample(seed(), tuple(operation for operation in found if operation in chosen), len(changed), len(found))


def _changed(found: list[Operation], base: str) -> list[Operation]:
    """Return the operations whose document or whose module of handlers is not that of the base."""
    archive = _git("archive", base, "openapi", "parley")
    touched = (_git("diff", "--name-only", base, "--", "handlers") or b"").decode().split()
    if archive is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            # Python before 3.11.4 knows no filters; git wrote this archive itself.
            files.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            files.extractall(folder)
        before = {tier: _spoken(_document(tier, Path(folder))) for tier in {operation.tier for operation in found}}
    now = {tier: _spoken(_document(tier, ROOT)) for tier in before}
    return [
        operation
        for operation in found
        if before[operation.tier].get(operation.name) != now[operation.tier][operation.name]
        or f"handlers/{operation.tier}/{operation.tag.lower().replace(' ', '_')}.py" in touched
    ]


def _document(tier: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-c", DOCUMENTS_OF, tier]
    done = subprocess.run(command, cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)}, capture_output=True)
    # A base that does not bundle, or had no such tier, has nothing in common with what there is now.
    document: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {"paths": {}}
    return document


def _spoken(document: dict[str, Any]) -> dict[str, str]:
    """Return, by operationId, everything that a document says of an operation, components included."""
    found = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "operationId" in operation:
                told = {"path": path, "method": method, "shared": item.get("parameters"), "operation": operation}
                found[operation["operationId"]] = json.dumps([told, _components(document, told)], sort_keys=True)
    return found


def _components(document: dict[str, Any], told: Any) -> dict[str, Any]:
    needed: dict[str, Any] = {}
    waiting = [told]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            reference = value.get("$ref")
            if isinstance(reference, str) and reference not in needed:
                _, _, kind, name = reference.split("/")
                needed[reference] = document["components"][kind][name]
                waiting.append(needed[reference])
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return needed


def _git(*arguments: str) -> bytes | None:
    """Return what git says, or None where there is no git, no repository or no such commit."""
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
