"""Nodes that fail: tried again, stood in for, left by another way, or the end of the run."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from engine.workflow import validate_graph
from engine.workflow.events import NodeRetry, RunFinished, TextReplaced
from tests.engine.workflow.graphs import answer, code, graph, llm, node, run, start


class TestErrors:
    async def test_a_retry_starts_once_and_tells_each_attempt(self) -> None:
        retry = {"retry_enabled": True, "max_retries": 3, "retry_interval": 1}
        nodes = [start(), code("f", "fail('no', 2)", retry_config=retry), answer("a", "{{#f.v#}}")]
        told = await run(graph(nodes, ["start > f > a"]))
        assert told.text == "3"
        assert told.started.count("f") == 1
        assert [event.retry_index for event in told.of(NodeRetry)] == [1, 2]
        assert told.finished("f").retries == 2
        assert told.result.status == "succeeded"

    async def test_waiting_for_a_retry_holds_no_other_branch_up(self) -> None:
        retry = {"retry_enabled": True, "max_retries": 1, "retry_interval": 60}
        nodes = [start(), code("f", "fail('no', 1)", retry_config=retry), code("b"), answer("j", "x")]
        value = graph(nodes, ["start > f > j", "start > b > j"])
        told = await run(value)
        assert told.names.index("NodeFinished b") < told.names.index("NodeFinished f")

    async def test_default_values_stand_in(self) -> None:
        defaults = [{"key": "v", "type": "string", "value": "D"}]
        failing = code("f", "fail('boom')", error_strategy="default-value", default_value=defaults)
        told = await run(graph([start(), failing, answer("a", "{{#f.v#}}/{{#f.error_message#}}")], ["start > f > a"]))
        assert told.text == "D/boom"
        assert told.result.status == "partial-succeeded"
        assert told.result.exceptions == 1
        assert told.finished("f").status == "exception"

    @pytest.mark.parametrize(
        ("kind", "written", "value"),
        [
            ("string", "1", "1"),
            ("number", "0", 0),
            ("number", 1.5, 1.5),
            ("boolean", "true", True),
            ("object", '{"a": [1]}', {"a": [1]}),
            ("array[string]", '["a"]', ["a"]),
            ("array[number]", "[]", []),
            ("array[object]", '[{"a": 1}]', [{"a": 1}]),
            ("array[file]", "[]", []),
            ("object", None, None),
        ],
    )
    async def test_default_values_are_of_their_type_though_editors_write_texts(
        self, kind: str, written: Any, value: Any
    ) -> None:
        defaults = [{"key": "v", "type": kind, "value": written}]
        failing = code("f", "fail('boom')", {"v": kind}, error_strategy="default-value", default_value=defaults)
        drawn = graph([start(), failing, answer("a", "x")], ["start > f > a"])
        assert validate_graph(drawn) == []
        assert (await run(drawn)).finished("f").outputs["v"] == value

    @pytest.mark.parametrize(("kind", "written"), [("number", "many"), ("object", "[]"), ("array[number]", '["a"]')])
    def test_default_values_of_another_type_are_told(self, kind: str, written: str) -> None:
        defaults = [{"key": "v", "type": kind, "value": written}]
        failing = code("f", "x", error_strategy="default-value", default_value=defaults)
        drawn = graph([start(), failing, answer("a", "x")], ["start > f > a"])
        (violation,) = validate_graph(drawn)
        assert (violation.node_id, violation.field, violation.kind) == ("f", "default_value.0.value", "type")

    @pytest.mark.parametrize("handle", ["success-branch", "source"])
    async def test_the_fail_branch(self, handle: str) -> None:
        nodes = [
            code("f", "fail('boom')", error_strategy="fail-branch"),
            answer("o", "ok"),
            answer("e", "{{#f.error_type#}}"),
        ]
        edges = ["start > f", f"f:{handle} > o", "f:fail-branch > e"]
        told = await run(graph([start(), *nodes], edges))
        assert told.text == "RuntimeError"
        assert told.result.status == "partial-succeeded"
        assert "o" not in told.started
        nodes[0]["data"]["code"] = "{'v': 1}"
        told = await run(graph([start(), *nodes], edges))
        assert (told.text, told.result.status) == ("ok", "succeeded")

    async def test_without_a_strategy_the_run_fails_and_siblings_are_cancelled(self) -> None:
        nodes = [start(), code("f", "fail('boom')"), code("slow", "wait(90, {'v': 1})"), answer("a", "x")]
        async with asyncio.timeout(20):
            told = await run(graph(nodes, ["start > f > a", "start > slow > a"]))
        assert (told.result.status, told.result.error) == ("failed", "boom")
        assert told.finished("slow").status == "stopped"
        assert isinstance(told.events[-1], RunFinished)

    async def test_a_retry_in_the_middle_of_a_stream_takes_back_what_was_said(self) -> None:
        retry = {"retry_enabled": True, "max_retries": 1, "retry_interval": 0}
        model = llm("m", "a|b|!|c", retry_config=retry)
        told = await run(graph([start(), model, answer("a", ">{{#m.text#}}")], ["start > m > a"]))
        assert told.of(TextReplaced) == [TextReplaced(">", "retry")]
        assert told.result.answer == told.result.outputs["answer"] == ">abc"

    async def test_unusable_data_fails_when_the_node_is_reached(self) -> None:
        told = await run(graph([start(), node("m", "llm"), answer("a", "x")], ["start > m > a"]))
        assert told.result.status == "failed"
        assert "model" in str(told.result.error)
