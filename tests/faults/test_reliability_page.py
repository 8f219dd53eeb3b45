"""docs/reliability.md: each fault in its tables has a test, and each test of a fault stands there."""

import ast
import re
from pathlib import Path

from tests.journeys.program import ROOT

PAGE = ROOT / "docs" / "reliability.md"
ROW = re.compile(r"^\| (?!fault \|)(?P<fault>.+?) \| (?P<seen>.+?) \| (?P<kept>.+?) \| (?P<test>.+?) \|$", re.MULTILINE)
TEST = re.compile(r"`(?P<file>tests/[\w/]+\.py)::(?P<name>test_\w+)`")


def names_in(file: Path) -> set[str]:
    """Return the names of a module's tests."""
    found = ast.walk(ast.parse(file.read_text()))
    return {
        node.name
        for node in found
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


def named() -> set[tuple[str, str]]:
    """Return the module and the name of each test that the page names."""
    return {(match["file"], match["name"]) for match in TEST.finditer(PAGE.read_text())}


def test_each_row_names_a_test_that_exists() -> None:
    rows = list(ROW.finditer(PAGE.read_text()))
    assert len(rows) >= 30
    for row in rows:
        test = TEST.fullmatch(row["test"])
        assert test is not None, row["fault"]
        assert test["name"] in names_in(ROOT / test["file"]), row["fault"]


def test_each_fault_that_is_tested_stands_on_the_page() -> None:
    own = {
        (str(file.relative_to(ROOT)), name)
        for file in Path(__file__).parent.glob("test_*.py")
        if file != Path(__file__)
        for name in names_in(file)
    }
    assert own <= named(), own - named()
