"""Nodes that work on values: inputs, assignments, documents, lists."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.workflow.graphs import answer, graph, node, run, services, start
from tests.engine.workflow.nodes.given import PICTURE, TEXT_FILE, FakeFiles, alone


class TestStart:
    async def test_inputs_are_checked_and_filled_in(self) -> None:
        fields = [
            {"variable": "n", "label": "n", "type": "number", "required": True},
            {"variable": "t", "label": "t", "type": "text-input", "default": "D"},
        ]
        value = graph(
            [node("start", "start", variables=fields), answer("a", "{{#start.n#}} {{#start.t#}}")], ["start > a"]
        )
        told = await run(value, {"n": "3"}, system={"query": "Q"})
        assert told.text == "3 D"
        assert told.finished("start").outputs == {"n": 3, "t": "D", "sys.query": "Q"}
        assert (await run(value, {})).result.status == "failed"


@pytest.mark.parametrize(
    ("operation", "present", "value", "expected"),
    [
        ("over-write", "a", "b", "b"),
        ("set", 1, 2, 2),
        ("set", [1], "[2]", [2]),
        ("clear", "a", None, ""),
        ("clear", 3, None, 0),
        ("clear", [1], None, []),
        ("clear", {"a": 1}, None, {}),
        ("clear", True, None, False),
        ("append", [1], 2, [1, 2]),
        ("append", None, 2, [2]),
        ("extend", [1], [2, 3], [1, 2, 3]),
        ("+=", 1, 2, 3),
        ("-=", 1, 2, -1),
        ("*=", 3, "2", 6),
        ("/=", 3, 2, 1.5),
        ("remove-first", [1, 2], None, [2]),
        ("remove-last", [1, 2], None, [1]),
        ("remove-last", [], None, []),
        ("/=", 1, 0, None),
        ("+=", "a", 1, None),
        ("append", "a", 1, None),
        ("extend", [1], 2, None),
        ("set", [1], "no json", None),
        ("frobnicate", 1, 1, None),
    ],
)
async def test_assignments(operation: str, present: Any, value: Any, expected: Any) -> None:
    items = [{"variable_selector": ["conversation", "x"], "operation": operation, "value": value}]
    told = await alone(node("s", "assigner", items=items), conversation={"x": present})
    if expected is None:
        assert told.result.status == "failed"
    else:
        assert told.finished("s").process_data["updated_variables"][0]["new_value"] == expected


async def test_the_first_version_of_assigners() -> None:
    shape = node(
        "s",
        "assigner",
        assigned_variable_selector=["conversation", "x"],
        write_mode="append",
        input_variable_selector=["start", "q"],
    )
    value = graph([start("q"), shape, answer("a", "{{#conversation.x#}}")], ["start > s > a"])
    assert (await run(value, {"q": "b"}, conversation={"x": ["a"]})).text == '["a","b"]'


class TestDocuments:
    async def test_one_file_and_many(self, files: FakeFiles) -> None:
        one = node("d", "document-extractor", variable_selector=["start", "f"])
        value = graph([start("f", kind="file"), one], ["start > d"])
        told = await run(value, {"f": TEXT_FILE}, serving=services(files=files))
        assert told.finished("d").outputs == {"text": "hello file"}
        value = graph([start("f", kind="file-list"), one], ["start > d"])
        told = await run(value, {"f": [TEXT_FILE, TEXT_FILE]}, serving=services(files=files))
        assert told.finished("d").outputs == {"text": ["hello file", "hello file"]}

    async def test_what_is_no_file(self, files: FakeFiles) -> None:
        shape = node("d", "document-extractor", variable_selector=["sys", "query"])
        told = await alone(shape, serving=services(files=files), system={"query": "x"})
        assert told.finished("d").error_type == "DocumentExtractorError"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, [3, 1, 2]),
        ({"filter_by": {"enabled": True, "conditions": [{"comparison_operator": ">", "value": "1"}]}}, [3, 2]),
        ({"order_by": {"enabled": True, "value": "asc"}}, [1, 2, 3]),
        ({"order_by": {"enabled": True, "value": "desc"}, "limit": {"enabled": True, "size": 2}}, [3, 2]),
        ({"extract_by": {"enabled": True, "serial": "2"}}, [1]),
        ({"extract_by": {"enabled": True, "serial": "4"}}, None),
        ({"extract_by": {"enabled": True, "serial": "0"}}, None),
    ],
)
async def test_lists(data: dict[str, Any], expected: Any) -> None:
    told = await alone(
        node("l", "list-operator", variable=["conversation", "xs"], **data), conversation={"xs": [3, 1, 2]}
    )
    if expected is None:
        assert told.finished("l").error_type == "ListOperatorError"
    else:
        outputs = told.finished("l").outputs
        assert outputs == {"result": expected, "first_record": expected[0], "last_record": expected[-1]}


async def test_lists_of_files_are_filtered_by_their_attributes() -> None:
    conditions = [{"key": "type", "comparison_operator": "in", "value": ["image"]}]
    shape = node("l", "list-operator", variable=["sys", "files"], filter_by={"enabled": True, "conditions": conditions})
    told = await alone(shape, system={"files": [TEXT_FILE, PICTURE]})
    assert told.finished("l").outputs["first_record"]["filename"] == "p.png"
