"""Nodes that run code and templates."""

from __future__ import annotations

from typing import Any

import pytest

from engine.workflow import Sandbox
from engine.workflow.nodes.code import CodeOutput, checked_outputs
from tests.engine.workflow.graphs import code, graph, node, run, services, start


class TestCode:
    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            ("string", 1),
            ("number", "1"),
            ("number", True),
            ("array[string]", ["x"] * 31),
            ("array[number]", [1] * 1001),
            ("array[object]", [{}] * 31),
            ("array[string]", [1]),
            ("object", []),
            ("any", float("nan")),
            ("any", float("inf")),
            ("any", 2**63),
            ("any", {1, 2}),
            ("any", b"x"),
            ("any", {1: 2}),
            ("string", "x" * 400_001),
            ("object", {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}),
        ],
    )
    def test_outputs_that_are_refused(self, kind: str, value: Any) -> None:
        from engine.workflow import CodeFailure

        with pytest.raises(CodeFailure):
            checked_outputs({"v": value}, {"v": CodeOutput(type=kind)})

    def test_outputs_that_are_taken(self) -> None:
        inner = CodeOutput(type="object", children={"n": CodeOutput(type="number")})
        declared = {"v": inner, "b": CodeOutput(type="boolean"), "e": CodeOutput(type="array[string]")}
        returned = {"v": {"n": 1, "more": 2}, "b": 1, "e": [], "extra": 1}
        assert checked_outputs(returned, declared) == {"v": {"n": 1, "more": 2}, "b": True, "e": []}

    @pytest.mark.parametrize("returned", [{}, {"v": {}}])
    def test_outputs_that_are_missing(self, returned: Any) -> None:
        from engine.workflow import CodeFailure

        with pytest.raises(CodeFailure):
            checked_outputs(returned, {"v": CodeOutput(type="object", children={"n": CodeOutput(type="number")})})

    @pytest.mark.parametrize(
        ("language", "script"),
        [
            ("python3", "def main(a, b):\n    return {'v': a + b}"),
            ("javascript", "function main({a, b}) { return {v: a + b} }"),
        ],
    )
    async def test_both_languages_in_the_sandbox(self, language: str, script: str) -> None:
        sandbox = Sandbox()
        reads = {"a": "start.x", "b": "start.y"}
        shape = code("c", script, {"v": "number"}, reads=reads, code_language=language)
        value = graph([start("x", "y", kind="number"), shape], ["start > c"])
        told = await run(value, {"x": 1, "y": 2}, serving=services(code=sandbox))
        await sandbox.close()
        assert told.finished("c").outputs == {"v": 3}
        assert told.finished("c").inputs == {"a": 1, "b": 2}


async def test_a_template_is_rendered() -> None:
    sandbox = Sandbox()
    shape = node(
        "t", "template-transform", template="{{ a }}!", variables=[{"variable": "a", "value_selector": ["start", "q"]}]
    )
    told = await run(graph([start("q"), shape], ["start > t"]), {"q": "x"}, serving=services(templates=sandbox))
    await sandbox.close()
    assert told.finished("t").outputs == {"output": "x!"}
