"""How files become one document."""

from pathlib import Path

import pytest

from parley import bundle as module
from parley.bundle import BundleError

ROOT = """
openapi: 3.0.3
info: { title: Sample, version: "1" }
paths:
  /things: { $ref: "sample/things.yaml#/Things" }
"""
THINGS = """
Things:
  get:
    operationId: listThings
    tags: [Things]
    responses:
      "200":
        description: All.
        content:
          application/json:
            schema: { $ref: "../shared/tree.yaml#/Tree" }
  put:
    operationId: replaceThings
    x-alias-of: listThings
"""
TREE = """
Tree:
  type: object
  properties:
    items: { type: array, items: { $ref: "#/Tree" } }
    since: { type: string, example: 2026-01-31 }
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of sample files that the bundler reads."""
    for name, text in {"sample.yaml": ROOT, "sample/things.yaml": THINGS, "shared/tree.yaml": TREE}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(module, "OPENAPI", tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    module._bundled.cache_clear()


def test_file_references_become_components_and_recursion_ends(files: Path) -> None:
    document = module.bundle("sample")
    tree = document["components"]["schemas"]["Tree"]
    assert tree["properties"]["items"]["items"] == {"$ref": "#/components/schemas/Tree"}
    schema = document["paths"]["/things"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Tree"}


def test_dates_stay_text(files: Path) -> None:
    document = module.bundle("sample")
    assert document["components"]["schemas"]["Tree"]["properties"]["since"]["example"] == "2026-01-31"


def test_an_alias_is_completed_from_its_canonical_operation(files: Path) -> None:
    alias = module.bundle("sample")["paths"]["/things"]["put"]
    assert alias["operationId"] == "replaceThings"
    assert alias["deprecated"] is True
    assert alias["tags"] == ["Things"]


def test_two_components_of_one_name_are_an_error_that_names_both(files: Path) -> None:
    (files / "shared" / "other.yaml").write_text("Tree: { type: string }\n")
    root = ROOT + '  /others: { get: { responses: { "200": { $ref: "shared/answers.yaml#/Other" } } } }\n'
    (files / "sample.yaml").write_text(root)
    answer = 'Other: { content: { text/plain: { schema: { $ref: "./other.yaml#/Tree" } } } }\n'
    (files / "shared" / "answers.yaml").write_text(answer)
    with pytest.raises(BundleError, match=r"Tree.*shared/(tree|other)\.yaml.*shared/(tree|other)\.yaml"):
        module.bundle("sample")


def test_a_reference_into_nothing_is_an_error(files: Path) -> None:
    (files / "shared" / "tree.yaml").write_text("Bush: { type: object }\n")
    with pytest.raises(BundleError, match=r"shared/tree\.yaml#/Tree does not exist"):
        module.bundle("sample")


def test_a_caller_may_change_its_copy() -> None:
    module.bundle("service")["paths"].clear()
    assert module.bundle("service")["paths"]
