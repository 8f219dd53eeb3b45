"""YAML as app files use it: read without trust, written in one way."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.app_file import judge_version, write_app_file
from engine.app_file.text import MAX_DEPTH, read_yaml
from foundation.errors import ApiError

LETTERS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\ufffe\uffff"), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS
    | LETTERS
    | st.sampled_from(["2024-01-01", "12:30:45", "yes", "~", "=", "<<", "0x1F", "1_000", " a ", "a\nb\n"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LETTERS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(LETTERS, VALUES, max_size=4))
def test_what_is_written_is_read_and_written_the_same(value: dict[str, Any]) -> None:
    text = write_app_file(value)
    assert read_yaml(text) == value
    assert write_app_file(read_yaml(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 100_000,
        f"a: {'[' * (MAX_DEPTH + 1)}{']' * (MAX_DEPTH + 1)}",
        "a: &a\n  b: *a",
        "a: .inf",
        f"a: {'9' * 5000}",
        f"a: 0x{'f' * 5000}",
        "a: !!python/object/apply:os.system [ls]",
        "a: !!binary aGk=",
        "? [a, b]\n: c",
        "a: [",
        "- a",
        "",
        "\x00",
    ],
)
def test_hostile_text_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as refused:
        read_yaml(text)
    assert refused.value.code == "invalid_app_file"


def test_what_aliases_repeat_is_counted() -> None:
    names = "abcdefghi"
    lines = ["a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]"]
    for before, name in itertools.pairwise(names):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")
    with pytest.raises(ApiError):
        read_yaml("\n".join(lines))


def test_dates_and_merges_are_text() -> None:
    assert read_yaml("a: 2024-01-01\n<<: {b: 1}\n7: x\ntrue: y") == {
        "a": "2024-01-01",
        "<<": {"b": 1},
        "7": "x",
        "true": "y",
    }


@pytest.mark.parametrize(
    ("version", "verdict"),
    [
        ("0.7.0", "completed"),
        ("0.7", "completed"),
        ("0.6.9", "completed-with-warnings"),
        ("0.1.5", "completed-with-warnings"),
        ("0.7.1", "pending"),
        ("0.8.0", "pending"),
        ("1.0.0", "pending"),
        ("latest", None),
        ("", None),
        ("0.7.0.1", None),
    ],
)
def test_a_version_is_judged(version: str, verdict: str | None) -> None:
    assert judge_version(version) == verdict
