"""Where an operation stands in `openapi/`, and how long a file may be."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from handlers.pipeline.resolver import module_name
from parley.bundle import METHODS, OPENAPI, TIERS

LONGEST = 400
"""Lines; a longer file is probably two rooms."""

LISTS = {"console.yaml", "shared/errors.yaml", "shared/parameters.yaml"}
"""Files that are one list, and as long as it is."""


def operations_of(file: Path) -> Iterator[tuple[str, str]]:
    """The operationId and the tag of each operation that stands in a file of path items."""
    items = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for item in items.values():
        for method in METHODS & item.keys():
            operation = item[method]
            if "tags" in operation:
                yield operation["operationId"], operation["tags"][0]


@pytest.mark.parametrize("tier", TIERS)
def test_a_tag_has_a_file_or_a_folder_of_its_own(tier: str) -> None:
    for file in (OPENAPI / tier).rglob("*.yaml"):
        owner = file.relative_to(OPENAPI / tier).parts[0].removesuffix(".yaml")
        assert [found for found in operations_of(file) if module_name(found[1]) != owner] == [], file


@pytest.mark.parametrize("tier", TIERS)
def test_a_tag_with_a_folder_has_no_file_beside_it(tier: str) -> None:
    folders = [entry for entry in (OPENAPI / tier).iterdir() if entry.is_dir()]
    assert [folder for folder in folders if folder.with_suffix(".yaml").exists()] == []


def test_no_file_is_two_rooms() -> None:
    lengths = {
        file.relative_to(OPENAPI).as_posix(): len(file.read_text(encoding="utf-8").splitlines())
        for file in OPENAPI.rglob("*.yaml")
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST and name not in LISTS} == {}
