"""Every comparison operator."""

from __future__ import annotations

from typing import Any

import pytest

from engine.workflow import make_file
from engine.workflow.conditions import OPERATORS, ConditionError, holds
from engine.workflow.values import types_agree
from tests.engine.workflow.graphs import answer, graph, node, run, start

TRUE: list[tuple[str, Any, Any]] = [
    ("contains", "abc", "b"),
    ("contains", ["a", 2], "2"),
    ("not contains", "abc", "B"),
    ("not contains", None, "x"),
    ("start with", "abc", "ab"),
    ("end with", "abc", "bc"),
    ("is", "a", "a"),
    ("is", True, "true"),
    ("is", False, 0),
    ("is", 2, "2"),
    ("is not", "a", "A"),
    ("is not", None, "a"),
    ("empty", "", None),
    ("empty", [], None),
    ("empty", None, None),
    ("not empty", 0, None),
    ("not empty", False, None),
    ("in", "a", ["a", "b"]),
    ("in", "a", '["a"]'),
    ("not in", "c", ["a"]),
    ("not in", None, ["a"]),
    ("all of", ["a", "b"], ["a", "b"]),
    ("=", 1, "1"),
    ("=", 1.5, "1.5"),
    ("=", True, "true"),
    ("≠", 1, "2"),
    ("≠", False, "1"),
    (">", 2, "1"),
    ("<", 1.0, "1.5"),
    ("≥", 2, 2),
    ("≤", 2, "2"),
    ("null", None, None),
    ("not null", "", None),
    ("exists", None, None),
    ("before", 1, 2),
    ("after", 3, 2),
]
FALSE: list[tuple[str, Any, Any]] = [
    ("contains", "abc", "B"),
    ("is", None, ""),
    ("start with", "", "a"),
    ("all of", ["a"], ["a", "b"]),
    ("all of", [], []),
    ("in", "", ["a"]),
    (">", None, "1"),
    ("=", None, "0"),
    ("=", False, "true"),
    ("not exists", "x", None),
    ("not contains", "abc", "b"),
    ("end with", "abc", "b"),
    ("is not", "a", "a"),
    ("empty", 0, None),
    ("not empty", "", None),
    ("not in", "a", ["a"]),
    ("≠", 1, "1"),
    ("<", 2, "2"),
    ("≥", 1, "2"),
    ("≤", 2.5, "2"),
    ("null", "", None),
    ("not null", None, None),
    ("before", 2, 2),
    ("after", None, 2),
]
REFUSED: list[tuple[str, Any, Any]] = [
    (">", "2", "1"),
    (">", 2, "1.5"),
    (">", 2, "x"),
    (">", True, "1"),
    ("contains", 5, "1"),
    ("start with", 5, "1"),
    ("in", "a", 5),
    ("all of", "a", 5),
    ("frobnicates", 1, 1),
]


def test_the_tables_have_every_operator() -> None:
    assert {row[0] for row in TRUE} == set(OPERATORS) - {"not exists"}
    assert {row[0] for row in FALSE} == set(OPERATORS) - {"exists"}


@pytest.mark.parametrize(("operator", "actual", "expected"), TRUE)
def test_it_holds(operator: str, actual: Any, expected: Any) -> None:
    assert holds(operator, actual, expected)


@pytest.mark.parametrize(("operator", "actual", "expected"), FALSE)
def test_it_does_not_hold(operator: str, actual: Any, expected: Any) -> None:
    assert not holds(operator, actual, expected)


@pytest.mark.parametrize(("operator", "actual", "expected"), REFUSED)
def test_it_makes_no_sense(operator: str, actual: Any, expected: Any) -> None:
    with pytest.raises(ConditionError):
        holds(operator, actual, expected)


def test_an_unknown_variable_does_not_exist() -> None:
    assert holds("not exists", None, None, known=False)
    assert not holds("exists", None, None, known=False)


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        ([("a", "and", [("x", "1"), ("y", "2")]), ("b", "or", [("x", "9"), ("y", "2")])], "a"),
        ([("a", "and", [("x", "1"), ("y", "9")]), ("b", "or", [("x", "9"), ("y", "2")])], "b"),
        ([("a", "or", [("x", "9"), ("y", "9")])], "false"),
        ([("a", "and", [("x", "{{#start.x#}}")])], "a"),
    ],
)
async def test_the_first_case_that_holds_is_taken(cases: Any, expected: str) -> None:
    shape = [
        {
            "case_id": case_id,
            "logical_operator": operator,
            "conditions": [
                {"variable_selector": ["start", name], "comparison_operator": "is", "value": value}
                for name, value in conditions
            ],
        }
        for case_id, operator, conditions in cases
    ]
    told = await run(graph([start("x", "y"), node("i", "if-else", cases=shape)], ["start > i"]), {"x": "1", "y": "2"})
    assert told.finished("i").outputs["selected_case_id"] == expected


async def test_old_graphs_have_one_case() -> None:
    conditions = [{"variable_selector": ["start", "x"], "comparison_operator": "is", "value": "1"}]
    shape = node("i", "if-else", conditions=conditions, logical_operator="and")
    value = graph([start("x"), shape, answer("a", "T"), answer("b", "F")], ["start > i", "i:true > a", "i:false > b"])
    assert (await run(value, {"x": "1"})).text == "T"
    assert (await run(value, {"x": "2"})).text == "F"


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("contains", "type", ["image"], "true"),
        ("all of", "type", ["image"], "false"),
        ("not contains", "type", ["audio"], "true"),
        ("contains", "extension", ["png"], "true"),
        ("contains", "extension", [".png"], "true"),
        ("contains", "name", ["q"], "false"),
    ],
)
async def test_conditions_on_the_files_of_a_list(operator: str, key: str, value: Any, expected: str) -> None:
    files = [
        make_file(id="1", type="image", extension=".png", filename="p.png"),
        make_file(id="2", type="document", extension=".txt", filename="t.txt"),
    ]
    inner = {"logical_operator": "and", "conditions": [{"key": key, "comparison_operator": "in", "value": value}]}
    condition = {
        "variable_selector": ["sys", "files"],
        "comparison_operator": operator,
        "sub_variable_condition": inner,
    }
    shape = node("i", "if-else", cases=[{"case_id": "true", "conditions": [condition]}])
    told = await run(graph([start(), shape], ["start > i"]), system={"files": files})
    assert told.finished("i").outputs["selected_case_id"] == expected


@pytest.mark.parametrize("written", ["pdf", ".pdf"])
async def test_an_extension_is_the_same_with_and_without_its_dot(written: str) -> None:
    inner = {"conditions": [{"key": "extension", "comparison_operator": "is", "value": written}]}
    condition = {
        "variable_selector": ["sys", "files"],
        "comparison_operator": "contains",
        "sub_variable_condition": inner,
    }
    shape = node("i", "if-else", cases=[{"case_id": "true", "conditions": [condition]}])
    files = [make_file(id="1", extension=".pdf"), make_file(id="2", extension="txt")]
    told = await run(graph([start(), shape], ["start > i"]), system={"files": files})
    assert told.finished("i").outputs["selected_case_id"] == "true"


@pytest.mark.parametrize(("operator", "actual", "expected"), [row for row in TRUE if row[0] != "exists"])
async def test_both_nodes_that_compare_know_every_operator(operator: str, actual: Any, expected: Any) -> None:
    """An if-else and the filter of a list-operator say the same of a value; texts pass through references."""
    condition = {"comparison_operator": operator, "value": expected}
    case = {"case_id": "true", "conditions": [{**condition, "variable_selector": ["conversation", "one"]}]}
    kept = {"enabled": True, "conditions": [{**condition, "key": ""}]}
    nodes = [
        start(),
        node("i", "if-else", cases=[case]),
        node("l", "list-operator", variable=["conversation", "all"], filter_by=kept),
    ]
    given = {"one": actual, "all": [actual]}
    told = await run(graph(nodes, ["start > i", "start > l"]), conversation=given)
    assert told.finished("i").outputs["selected_case_id"] == "true"
    assert told.finished("l").outputs["result"] == [actual]


@pytest.mark.parametrize(
    ("given", "wanted", "agree"),
    [
        ("string", ["string"], True),
        ("number", ["string"], False),
        ("array[string]", ["array[any]"], True),
        ("array[any]", ["array[number]"], True),
        ("array[string]", ["array[number]"], False),
        ("any", ["file"], True),
        ("secret", ["string"], True),
        ("file", ["file", "array[file]"], True),
    ],
)
def test_types_that_agree(given: str, wanted: list[str], agree: bool) -> None:
    assert types_agree(given, wanted) is agree
