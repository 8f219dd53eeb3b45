"""What keeps a graph from being read, or from being published: each with its node, its field and its reason."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from engine.workflow import NODE_TYPES, data_schema, parse_graph, validate_graph
from foundation.errors import ApiError
from tests.engine.workflow.graphs import answer, code, edge, graph, llm, node, start, when


def found(value: dict[str, Any], **known: Any) -> set[tuple[str | None, str, str]]:
    return {(entry.node_id, entry.field, entry.kind) for entry in validate_graph(value, **known)}


GOOD = graph([start("q"), llm("m", "{{#start.q#}}"), answer("a", "{{#m.text#}}")], ["start > m > a"])


def test_a_good_graph_has_no_violation() -> None:
    assert validate_graph(GOOD) == []


@pytest.mark.parametrize(
    ("value", "violation"),
    [
        ({"nodes": "x"}, (None, "nodes", "type")),
        ({"nodes": [1], "edges": []}, (None, "nodes.0", "type")),
        (graph([answer("a", "x")], []), (None, "nodes", "start")),
        (graph([start(), code("c")], ["start > c"]), (None, "nodes", "end")),
        (graph([start(), answer("a", "x")], []), (None, "edges", "end")),
        (graph([start(), answer("a", "x")], []), ("a", "edges", "unreachable")),
        (graph([start(), node("x", "teleport"), answer("a", "x")], ["start > a"]), ("x", "type", "enum")),
        (graph([start(), answer("a", "x"), answer("a", "y")], ["start > a"]), ("a", "id", "unique")),
        (graph([start(), answer("a", "x")], ["start > a > gone"]), (None, "edges.1.target", "reference")),
        (
            graph([start(), code("c"), code("d"), answer("a", "x")], ["start > c > d > c", "d > a"]),
            ("c", "edges", "cycle"),
        ),
        (graph([start(), node("s2", "start"), answer("a", "x")], ["start > a"]), ("s2", "type", "unique")),
        (
            graph([start(), node("i", "iteration"), answer("a", "x")], ["start > i > a"]),
            ("i", "start_node_id", "required"),
        ),
        (graph([start(), code("c", inside="nope"), answer("a", "x")], ["start > a"]), ("c", "parentId", "reference")),
        (
            graph(
                [start(), node("l", "loop", loop_count=1), code("c", inside="l"), answer("a", "x")],
                ["start > c", "start > l > a"],
            ),
            (None, "edges.0", "scope"),
        ),
        (graph([start(), node("e", "loop-end"), answer("a", "x")], ["start > e > a"]), ("e", "parentId", "scope")),
        (
            graph([start(), when("i", "start.q", "x"), answer("a", "x")], ["start > i", "i:maybe > a"]),
            ("i", "edges", "handle"),
        ),
        (graph([start(), code("c"), answer("a", "x")], ["start > c", "c:fail-branch > a"]), ("c", "edges", "handle")),
    ],
)
def test_the_structure(value: dict[str, Any], violation: tuple[str | None, str, str]) -> None:
    assert violation in found(value)


@pytest.mark.parametrize(
    ("shape", "field", "kind"),
    [
        (node("x", "llm", prompt_template=[]), "model", "required"),
        (llm("x", " "), "prompt_template", "required"),
        (llm("x", "p", context={"enabled": True, "variable_selector": []}), "context.variable_selector", "required"),
        (llm("x", "p", structured_output_enabled=True), "structured_output.schema", "required"),
        (node("x", "if-else"), "cases", "required"),
        (when("x", "start.q", "1", "resembles"), "cases.0.conditions.0.comparison_operator", "enum"),
        (when("x", "start.q", ""), "cases.0.conditions.0.value", "required"),
        (node("x", "code", code="", outputs={}), "code", "required"),
        (node("x", "code", code="x", code_language="cobol"), "code_language", "literal_error"),
        (node("x", "template-transform"), "template", "required"),
        (node("x", "question-classifier"), "model", "required"),
        (node("x", "knowledge-retrieval", query_variable_selector=["start", "q"]), "dataset_ids", "required"),
        (node("x", "http-request", url="x.test"), "url", "format"),
        (node("x", "http-request", url="http://x.test", method="BREW"), "method", "enum"),
        (node("x", "http-request", url="http://x.test", ssl_verify=False), "ssl_verify", "unsupported"),
        (node("x", "tool", provider_id="p"), "tool_name", "required"),
        (node("x", "tool", provider_id="p", tool_name="t", provider_type="magic"), "provider_type", "enum"),
        (node("x", "variable-aggregator"), "variables", "required"),
        (node("x", "assigner"), "items", "required"),
        (
            node("x", "assigner", items=[{"variable_selector": ["conversation", "v"], "operation": "??"}]),
            "items.0.operation",
            "enum",
        ),
        (
            node("x", "assigner", assigned_variable_selector=["conversation", "v"], write_mode="append"),
            "input_variable_selector",
            "required",
        ),
        (
            node(
                "x",
                "assigner",
                assigned_variable_selector=["conversation", "v"],
                input_variable_selector=["gone", "v"],
            ),
            "input_variable_selector",
            "reference",
        ),
        (node("x", "parameter-extractor", query=["start", "q"]), "model", "required"),
        (node("x", "document-extractor"), "variable_selector", "required"),
        (node("x", "document-extractor", variable_selector=["start", "q"]), "variable_selector", "type"),
        (node("x", "list-operator", variable=["start", "q"]), "variable", "type"),
        (node("x", "agent"), "agent_parameters.model.value", "required"),
        (node("x", "human-input"), "user_actions", "required"),
        (node("x", "loop", loop_count=0), "loop_count", "greater_than_equal"),
        (node("x", "loop", loop_count=101), "loop_count", "less_than_equal"),
        (node("x", "iteration"), "iterator_selector", "required"),
        (code("x", error_strategy="default-value"), "default_value", "required"),
        (answer("x", ""), "answer", "required"),
        (node("x", "end", outputs=[{"variable": "", "value_selector": []}]), "outputs.0.variable", "string_too_short"),
    ],
)
def test_the_data_of_each_type(shape: dict[str, Any], field: str, kind: str) -> None:
    assert ("x", field, kind) in found(graph([start("q"), shape, answer("a", "x")], ["start > x"]))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{{#gone.x#}}", "reference"),
        ("{{#start.nope#}}", "reference"),
        ("{{#later.v#}}", "order"),
        ("{{#start.q#}}", None),
    ],
)
def test_variables_have_to_be_known(text: str, kind: str | None) -> None:
    value = graph([start("q"), answer("a", text), code("later"), answer("b", "x")], ["start > a > later > b"])
    violations = [entry for entry in validate_graph(value) if entry.node_id == "a"]
    assert [entry.kind for entry in violations] == ([kind] if kind else [])


def test_environment_and_conversation_variables_are_checked_where_they_are_known() -> None:
    value = graph([start(), answer("a", "{{#env.k#}} {{#conversation.c#}}")], ["start > a"])
    assert validate_graph(value) == []
    assert found(value, environment={"k": "secret"}, conversation={}) == {("a", "answer", "reference")}


@pytest.mark.parametrize(("name", "kinds"), [("sys.query", set()), ("sys.files", {"type"}), ("no", {"reference"})])
async def test_a_start_node_gives_the_systems_variables_too(name: str, kinds: set[str]) -> None:
    shape = node("k", "knowledge-retrieval", query_variable_selector=["start", name], dataset_ids=["d"])
    value = graph([start(), shape, answer("a", "x")], ["start > k > a"])
    assert {entry.kind for entry in validate_graph(value)} == kinds


def test_inside_of_an_iteration_its_item_is_known() -> None:
    shape = {"iterator_selector": ["c", "v"], "output_selector": ["w", "v"], "start_node_id": "s"}
    nodes = [
        start(),
        code("c", "x", {"v": "array[string]"}),
        node("it", "iteration", **shape),
        answer("a", "{{#it.output#}}"),
    ]
    inside = [node("s", "iteration-start", "it"), code("w", "x", reads={"i": "it.item", "o": "c.v"}, inside="it")]
    value = graph([*nodes, *inside], ["start > c > it > a", "s > w"])
    assert validate_graph(value) == []
    value["nodes"][3]["data"]["answer"] = "{{#it.item#}}"
    assert found(value) == {("a", "answer", "reference")}


def test_every_violation_is_named_at_once() -> None:
    value = graph([start(), node("x", "teleport"), node("m", "llm"), code("c")], ["start > m > gone"])
    assert len(validate_graph(value)) >= 5
    with pytest.raises(ApiError) as raised:
        parse_graph(value)
    assert {detail["field"] for detail in raised.value.details} == {"nodes.x.type", "edges.1.target"}


def test_notes_are_no_nodes() -> None:
    note = {"id": "n", "type": "custom-note", "data": {"type": "", "text": "remember"}}
    value = graph([*GOOD["nodes"], note], ["start > m > a"])
    assert validate_graph(value) == []
    assert "n" not in parse_graph(value).nodes


def test_null_is_the_same_as_leaving_out() -> None:
    value = graph(
        [start(), llm("m", "x", error_strategy=None, memory=None, vision=None), answer("a", "x")], ["start > m > a"]
    )
    assert validate_graph(value) == []


def test_the_schema_describes_every_type_and_good_graphs() -> None:
    schema = data_schema()
    assert set(NODE_TYPES) <= set(schema["$defs"])
    validator = jsonschema_rs.validator_for(schema)
    assert validator.is_valid(GOOD)
    assert not validator.is_valid({"nodes": [{"id": "x", "data": {"type": "teleport"}}], "edges": []})
    wrong = graph([start(), code("c", "x", code_language="cobol"), answer("a", "x")], ["start > c > a"])
    (error,) = validator.iter_errors(wrong)
    assert list(error.instance_path) == ["nodes", 1, "data", "code_language"]
    loose = llm("m", "x", memory={"window": {"enabled": False, "size": ""}}, vision=None, error_strategy=None)
    old = node("h", "http-request", url="http://x.test", body={"type": "none", "data": ""})
    note = {"id": "n", "type": "custom-note", "data": {"type": "", "text": "remember"}}
    value = graph([start(), loose, old, note, answer("a", "x")], ["start > m > h > a"])
    assert validator.is_valid(value)
    assert validate_graph(value) == []


def test_edges_with_the_same_id_count_each() -> None:
    value = graph([start(), code("c", "1"), code("d", "1"), answer("a", "x")], [])
    value["edges"] = [{**edge(pair), "id": "same"} for pair in ("start > c", "start > d", "c > a", "d > a")]
    assert validate_graph(value) == []
    assert len(parse_graph(value).main.incoming["a"]) == 2
