"""The text of a run: as early as it may be shown, and in the order of its templates."""

from __future__ import annotations

import time
from typing import Any

from engine.workflow.events import TextChunk, VariableUpdated
from tests.engine.workflow.graphs import answer, code, graph, llm, node, run, start, when


class TestEarlyStreaming:
    async def test_text_streams_while_the_model_speaks(self) -> None:
        value = graph([start(), llm("m", "a|~b|~c"), answer("a", "[{{#m.text#}}]")], ["start > m > a"])
        told = await run(value)
        names = told.names
        assert names.index("TextChunk a") < names.index("NodeFinished m")
        assert names.index("TextChunk c") < names.index("NodeStarted a")
        assert told.text == "[abc]"

    async def test_nothing_streams_past_an_undecided_branch(self) -> None:
        nodes = [start("q"), llm("m", "x|y"), when("if", "start.q", "yes")]
        answers = [answer("a1", "A1 {{#m.text#}}"), answer("a2", "A2 {{#m.text#}}")]
        told = await run(graph([*nodes, *answers], ["start > m > if", "if:true > a1", "if:false > a2"]), {"q": "no"})
        assert told.text == told.result.outputs["answer"] == "A2 xy"
        assert told.names.index("NodeFinished m") < told.names.index("TextChunk A2 ")

    async def test_an_assigner_of_a_shown_variable_holds_the_answer_back(self) -> None:
        items = [{"variable_selector": ["conversation", "x"], "operation": "over-write", "value": "new"}]
        nodes = [start(), node("s", "assigner", items=items), answer("a", "{{#conversation.x#}}")]
        told = await run(graph(nodes, ["start > s > a"]), conversation={"x": "old"})
        assert told.text == "new"
        assert told.of(VariableUpdated) == [VariableUpdated("x", "new")]

    async def test_a_failing_branch_holds_the_answer_back(self) -> None:
        nodes = [
            start(),
            code("c", "fail('no')", error_strategy="fail-branch"),
            answer("a", "good"),
            answer("b", "bad"),
        ]
        told = await run(graph(nodes, ["start > c", "c:success-branch > a", "c:fail-branch > b"]))
        assert told.text == "bad"

    async def test_many_ways_cost_nothing(self) -> None:
        nodes: list[dict[str, Any]] = [start()]
        edges = []
        last = "start"
        for n in range(60):
            nodes += [code(f"l{n}"), code(f"r{n}"), code(f"m{n}")]
            edges += [f"{last} > l{n} > m{n}", f"{last} > r{n} > m{n}"]
            last = f"m{n}"
        began = time.process_time()
        told = await run(graph([*nodes, answer("a", "done")], [*edges, f"{last} > a"]))
        assert time.process_time() - began < 5, "each of the 2 ** 60 ways would cost something"
        assert told.text == "done"

    async def test_outputs_of_an_end_stream_one_under_the_other(self) -> None:
        outputs = [
            {"variable": "x", "value_selector": ["m", "text"]},
            {"variable": "y", "value_selector": ["start", "q"]},
        ]
        told = await run(
            graph([start("q"), llm("m", "a|b"), node("e", "end", outputs=outputs)], ["start > m > e"]), {"q": "Q"}
        )
        assert told.text == "ab\nQ"
        assert told.result.outputs == {"x": "ab", "y": "Q"}
        assert [event.selector for event in told.of(TextChunk)] == [("m", "text"), ("m", "text"), None, ("start", "q")]

    async def test_a_workflow_that_ends_in_a_model_gives_what_the_model_gave(self) -> None:
        told = await run(graph([start(), llm("m", "a|b")], ["start > m"]))
        assert told.result.status == "succeeded"
        assert told.result.outputs["text"] == "ab"
        assert told.text == "ab"


class TestTemplateOrder:
    async def test_the_slow_first_variable_comes_first(self) -> None:
        nodes = [
            start(),
            llm("slow", "~s1|~s2"),
            llm("fast", "f1|f2"),
            answer("a", "[{{#slow.text#}}|{{#fast.text#}}]"),
        ]
        told = await run(graph(nodes, ["start > slow > a", "start > fast > a"]))
        assert told.text == "[s1s2|f1f2]"

    async def test_answers_speak_one_after_the_other(self) -> None:
        nodes = [
            start(),
            llm("m1", "~a|~b"),
            llm("m2", "x|y"),
            answer("a1", "1{{#m1.text#}}"),
            answer("a2", "2{{#m2.text#}}"),
        ]
        told = await run(graph(nodes, ["start > m1 > a1", "start > m2 > a2"]))
        assert told.text == "1ab2xy"


class TestValuesWithoutStream:
    async def test_a_value_comes_as_one_piece(self) -> None:
        told = await run(graph([start(), code("c", "{'v': [1, 2]}"), answer("a", "{{#c.v#}}")], ["start > c > a"]))
        assert [event.text for event in told.of(TextChunk)] == ["[1,2]"]

    async def test_what_is_missing_is_empty_and_holds_nothing_up(self) -> None:
        nodes = [start(), code("c"), answer("a", "a{{#c.nope#}}b{{#gone.x#}}c"), answer("b", "!")]
        told = await run(graph(nodes, ["start > c > a > b"]))
        assert told.text == "abc!"

    async def test_a_skipped_variable_is_empty(self) -> None:
        nodes = [start("q"), when("if", "start.q", "yes"), llm("m", "M"), answer("a", "<{{#m.text#}}>")]
        told = await run(graph(nodes, ["start > if", "if:true > m", "m > a", "if:false > a"]), {"q": "no"})
        assert told.text == "<>"

    async def test_a_variable_that_only_comes_later_is_empty(self) -> None:
        nodes = [start(), answer("a", "<{{#late.v#}}>"), code("late"), answer("b", "{{#late.v#}}")]
        assert (await run(graph(nodes, ["start > a > late > b"]))).text == "<>1"


class TestSeveralAnswers:
    async def test_answers_follow_each_other_in_the_order_of_their_end(self) -> None:
        nodes = [start(), answer("a1", "one\n"), llm("m", "tw|o"), answer("a2", "{{#m.text#}}")]
        told = await run(graph(nodes, ["start > a1 > m > a2"]))
        assert told.result.outputs["answer"] == told.text == told.result.answer == "one\ntwo"

    async def test_of_other_outputs_the_last_stays(self) -> None:
        ends = [node(f"e{n}", "end", outputs=[{"variable": "x", "value_selector": [f"c{n}", "v"]}]) for n in (1, 2)]
        nodes = [start(), code("c1", "{'v': 1}"), code("c2", "wait(0.01, {'v': 2})"), *ends]
        told = await run(graph(nodes, ["start > c1 > e1", "start > c2 > e2"]))
        assert told.result.outputs == {"x": 2}
