"""Every package that is asked for is pinned, with its hash, and from no particular registry."""

import re
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[2] / "requirements"


def normal(name: str) -> str:
    """A package's name as the registry compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", ["runtime", "development", "data"])
def test_what_is_asked_for_is_pinned(name: str) -> None:
    asked = re.findall(r"(?m)^([A-Za-z0-9._-]+)(?:\[[^]]*\])?", (REQUIREMENTS / f"{name}.in").read_text())
    pinned = (REQUIREMENTS / f"{name}.txt").read_text()
    blocks = dict(re.findall(r"(?m)^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==\S+.*((?:\n    --hash=\S+.*)+)", pinned))
    missing = {normal(package) for package in asked if package != "-r"} - {normal(package) for package in blocks}
    assert not missing, "run `make requirements`"
    assert "://" not in pinned
