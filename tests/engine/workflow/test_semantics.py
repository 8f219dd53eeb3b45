"""The twelve semantics of the engine, as scenarios."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from engine.workflow import Control, HumanResponse, Limits
from engine.workflow.events import (
    HumanInputRequired,
    IterationNext,
    LoopNext,
    NodeFinished,
    NodeRetry,
    NodeStarted,
    RunFinished,
    RunPaused,
    RunStarted,
    TextChunk,
    TextReplaced,
    VariableUpdated,
)
from tests.engine.workflow.graphs import (
    FakeModel,
    FakeModels,
    Watched,
    answer,
    code,
    go_on,
    graph,
    llm,
    node,
    run,
    services,
    start,
    when,
)


class TestJoin:
    async def test_parallel_branches_overlap_and_the_join_runs_once(self) -> None:
        branches = [code(f"b{n}", "wait(0.1, {'v': 1})") for n in range(10)]
        edges = [f"start > b{n} > join" for n in range(10)]
        began = time.monotonic()
        told = await run(graph([start(), *branches, code("join"), answer("a", "x")], [*edges, "join > a"]))
        assert time.monotonic() - began < 0.2
        assert told.started.count("join") == 1
        assert told.result.status == "succeeded"

    async def test_a_late_skip_releases_a_join(self) -> None:
        nodes = [start(), code("x"), code("late", "wait(0.02, {'v': 1})"), when("if", "late.v", "2"), code("b")]
        edges = ["start > x > j", "start > late > if", "if:true > b", "b > j"]
        told = await run(graph([*nodes, answer("j", "j")], edges))
        assert told.started.count("j") == 1
        assert "b" not in told.started
        assert told.text == "j"


class TestPruning:
    async def test_unselected_ways_are_skipped_without_events(self) -> None:
        nodes = [start("q"), when("if", "start.q", "yes"), code("a"), code("b"), code("b2"), answer("end", "done")]
        edges = ["start > if", "if:true > a", "if:false > b", "b > b2 > end", "a > end"]
        told = await run(graph(nodes, edges), {"q": "yes"})
        assert told.started == ["start", "if", "a", "end"]

    async def test_a_handle_that_the_node_does_not_have_is_a_failure(self) -> None:
        human = node("h", "human-input", user_actions=[{"id": "ok"}])
        value = graph([start(), human, answer("a", "x")], ["start > h", "h:ok > a"])
        paused = await run(value)
        form = paused.of(HumanInputRequired)[0].form_id
        told = await go_on(value, paused, {form: HumanResponse("nope")})
        assert told.result.status == "failed"

    async def test_other_roots_never_run(self) -> None:
        nodes = [start(), answer("a", "x"), code("other"), code("after")]
        told = await run(graph(nodes, ["start > a", "other > after", "after > a"]))
        assert told.started == ["start", "a"]


class TestAggregator:
    @pytest.mark.parametrize(("q", "expected"), [("yes", "> A"), ("no", "> B")])
    async def test_the_first_value_in_declared_order(self, q: str, expected: str) -> None:
        nodes = [
            start("q"),
            when("if", "start.q", "yes"),
            llm("a", "A"),
            llm("b", "B"),
            node("v", "variable-aggregator", variables=[["b", "text"], ["a", "text"]]),
            answer("ans", "> {{#v.output#}}"),
        ]
        edges = ["start > if", "if:true > a", "if:false > b", "a > v", "b > v", "v > ans"]
        assert (await run(graph(nodes, edges), {"q": q})).text == expected

    async def test_declared_order_counts_not_arrival(self) -> None:
        nodes = [start(), code("slow", "wait(0.02, {'v': 's'})"), code("fast", "{'v': 'f'}")]
        merge = node("v", "variable-aggregator", variables=[["slow", "v"], ["fast", "v"]])
        told = await run(
            graph([*nodes, merge, answer("a", "{{#v.output#}}")], ["start > slow > v", "start > fast > v", "v > a"])
        )
        assert told.text == "s"

    async def test_without_a_value_there_is_no_output(self) -> None:
        merge = node("v", "variable-aggregator", variables=[["start", "none"]])
        told = await run(graph([start(), merge, answer("a", "[{{#v.output#}}]")], ["start > v > a"]))
        assert told.finished("v").outputs == {}
        assert told.text == "[]"

    async def test_each_group_has_an_output_of_its_own(self) -> None:
        groups = [
            {"group_name": "g", "output_type": "string", "variables": [["start", "x"], ["start", "q"]]},
            {"group_name": "h", "output_type": "string", "variables": [["start", "x"]]},
        ]
        merge = node("v", "variable-aggregator", advanced_settings={"group_enabled": True, "groups": groups})
        told = await run(graph([start("q"), merge, answer("a", "{{#v.g.output#}}")], ["start > v > a"]), {"q": "Q"})
        assert told.finished("v").outputs == {"g": {"output": "Q"}}
        assert told.text == "Q"


class TestWriteBeforeEvent:
    async def test_the_sink_is_awaited_and_never_overlaps(self) -> None:
        inside = 0
        seen: list[int] = []

        async def sink(emitted: Any) -> None:
            nonlocal inside
            assert inside == 0
            inside += 1
            await asyncio.sleep(0.001)
            inside -= 1
            seen.append(emitted.seq)

        branches = [code(f"b{n}") for n in range(5)]
        edges = [f"start > b{n} > a" for n in range(5)]
        await run(graph([start(), *branches, answer("a", "x")], edges), sink=sink)
        assert seen == list(range(1, len(seen) + 1))

    async def test_a_node_is_told_to_be_over_before_what_hangs_on_it_starts(self) -> None:
        told = await run(graph([start(), code("a"), code("b"), answer("c", "x")], ["start > a > b > c"]))
        names = told.names
        assert names.index("NodeFinished a") < names.index("NodeStarted b")

    async def test_a_sink_that_fails_ends_the_run(self) -> None:
        async def sink(emitted: Any) -> None:
            if isinstance(emitted.event, NodeFinished):
                raise OSError("no database")

        with pytest.raises(OSError, match="no database"):
            await run(graph([start(), answer("a", "x")], ["start > a"]), sink=sink)


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
        began = time.monotonic()
        told = await run(graph([*nodes, answer("a", "done")], [*edges, f"{last} > a"]))
        assert time.monotonic() - began < 1
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
        nodes = [start(), code("f", "fail('boom')"), code("slow", "wait(5, {'v': 1})"), answer("a", "x")]
        began = time.monotonic()
        told = await run(graph(nodes, ["start > f > a", "start > slow > a"]))
        assert time.monotonic() - began < 1
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


def iteration(**data: Any) -> dict[str, Any]:
    work = code(
        "w", "fail('bad') if x == 2 else wait(0.02, {'o': x * 10})", {"o": "any"}, reads={"x": "it.item"}, inside="it"
    )
    shape = {"iterator_selector": ["c", "v"], "output_selector": ["w", "o"], "start_node_id": "is", **data}
    nodes = [
        start(),
        code("c", "{'v': [1, 2, 3, 4]}"),
        node("it", "iteration", **shape),
        node("is", "iteration-start", "it"),
        work,
        answer("a", "{{#it.output#}}"),
    ]
    return graph(nodes, ["start > c > it > a", "is > w"])


class TestIteration:
    async def test_parallel_items_keep_their_places(self) -> None:
        began = time.monotonic()
        told = await run(iteration(is_parallel=True, parallel_nums=4, error_handle_mode="continue-on-error"))
        assert time.monotonic() - began < 0.3
        assert told.text == "[10,null,30,40]"
        assert [event.index for event in told.of(IterationNext)] == [0, 1, 2, 3]

    async def test_abnormal_outputs_can_be_removed(self) -> None:
        assert (await run(iteration(error_handle_mode="remove-abnormal-output"))).text == "[10,30,40]"

    async def test_a_failed_item_ends_the_iteration(self) -> None:
        told = await run(iteration())
        assert (told.result.status, told.result.error) == ("failed", "Item 1: bad")
        assert len(told.of(IterationNext)) == 2

    async def test_in_parallel_the_items_at_work_are_waited_for(self) -> None:
        told = await run(iteration(is_parallel=True, parallel_nums=3))
        assert told.result.error == "Item 1: bad"
        ended = [event.status for event in told.of(NodeFinished) if event.node.node_id == "w"]
        assert sorted(ended) == ["failed", "succeeded", "succeeded"]

    @pytest.mark.parametrize("items", ["[]", "None"])
    async def test_an_empty_list_succeeds(self, items: str) -> None:
        value = iteration()
        value["nodes"][1]["data"]["code"] = f"{{'v': {items}}}"
        told = await run(value)
        assert (told.text, told.result.status) == ("[]", "succeeded")

    @pytest.mark.parametrize(
        ("flatten", "script", "expected"),
        [
            (True, "{'o': [x]}", "[1,2,3,4]"),
            (False, "{'o': [x]}", "[[1],[2],[3],[4]]"),
            (True, "{'o': [x] if x > 2 else None}", "[3,4]"),
            (True, "{'o': [x] if x > 2 else x}", "[1,2,[3],[4]]"),
        ],
    )
    async def test_lists_of_lists_become_one(self, flatten: bool, script: str, expected: str) -> None:
        value = iteration(flatten_output=flatten)
        value["nodes"][4]["data"]["code"] = script
        assert (await run(value)).text == expected

    async def test_answers_inside_stream_for_each_item_as_early_as_outside(self) -> None:
        value = iteration(error_handle_mode="continue-on-error")
        value["nodes"].append(answer("in", "<{{#it.item#}}:{{#w.o#}}>", "it"))
        value["edges"].append({"id": "x", "source": "w", "target": "in"})
        told = await run(value)
        assert told.text == "<1:10><2:<3:30><4:40>[10,null,30,40]"

    async def test_answers_of_parallel_items_do_not_mix(self) -> None:
        shape = {"iterator_selector": ["c", "v"], "output_selector": ["m", "text"], "is_parallel": True}
        nodes = [start(), code("c", "{'v': ['~a|~b', 'x|y']}"), node("it", "iteration", **shape)]
        inside = [llm("m", "{{#it.item#}}", inside="it"), answer("in", "<{{#m.text#}}>", "it")]
        told = await run(graph([*nodes, *inside], ["start > c > it", "m > in"]))
        assert told.text == "<ab><xy>"

    async def test_what_items_write_is_not_seen_by_other_items_at_the_same_time(self) -> None:
        items = [{"variable_selector": ["conversation", "n"], "operation": "+=", "value": 1}]
        shape = {
            "iterator_selector": ["c", "v"],
            "output_selector": ["s", "updated_variables"],
            "flatten_output": False,
        }
        nodes = [start(), code("c", "{'v': [1, 2, 3]}"), node("it", "iteration", **shape, is_parallel=True)]
        value = graph(
            [*nodes, node("s", "assigner", "it", items=items), answer("a", "{{#conversation.n#}}")],
            ["start > c > it > a"],
        )
        assert (await run(value, conversation={"n": 0})).text == "1"
        value["nodes"][2]["data"]["is_parallel"] = False
        assert (await run(value, conversation={"n": 0})).text == "3"


def loop(**data: Any) -> dict[str, Any]:
    items = [{"variable_selector": ["lp", "n"], "operation": "+=", "value": 1}]
    shape: dict[str, Any] = {
        "loop_count": 10,
        "loop_variables": [{"label": "n", "var_type": "number", "value_type": "constant", "value": 0}],
        "break_conditions": [{"variable_selector": ["lp", "n"], "comparison_operator": "≥", "value": "3"}],
        **data,
    }
    nodes = [
        start(),
        node("lp", "loop", **shape),
        node("ls", "loop-start", "lp"),
        node("inc", "assigner", "lp", items=items),
        answer("in", "{{#lp.n#}},", "lp"),
        answer("a", "={{#lp.n#}}/{{#lp.loop_round#}}"),
    ]
    return graph(nodes, ["start > lp > a", "ls > inc > in"])


class TestLoop:
    async def test_variables_live_on_and_inner_answers_stream(self) -> None:
        told = await run(loop())
        assert told.text == "1,2,3,=3/3"
        assert told.result.outputs["answer"] == "1,2,3,=3/3"
        assert [(event.index, event.previous) for event in told.of(LoopNext)] == [(1, {"n": 1}), (2, {"n": 2})]

    async def test_the_count_ends_it(self) -> None:
        assert (await run(loop(loop_count=2))).text == "1,2,=2/2"

    async def test_a_loop_end_node_ends_it(self) -> None:
        value = loop(break_conditions=[])
        value["nodes"] += [when("if", "lp.n", "2", "≥", inside="lp"), node("le", "loop-end", "lp")]
        value["edges"] += [
            {"id": "e1", "source": "in", "target": "if"},
            {"id": "e2", "source": "if", "target": "le", "sourceHandle": "true"},
        ]
        assert (await run(value)).text == "1,2,=2/2"

    async def test_what_nodes_gave_is_gone_in_the_next_round(self) -> None:
        value = loop()
        value["nodes"] += [when("if", "lp.n", "1", "=", inside="lp"), code("first", "{'v': 'F'}", inside="lp")]
        value["edges"] = [edge for edge in value["edges"] if edge["target"] != "in"]
        pairs = [("inc", "if", "source"), ("if", "first", "true"), ("first", "in", "source"), ("if", "in", "false")]
        value["edges"] += [
            {"id": f"x{place}", "source": source, "target": target, "sourceHandle": handle}
            for place, (source, target, handle) in enumerate(pairs)
        ]
        value["nodes"][4]["data"]["answer"] = "[{{#first.v#}}]"
        assert (await run(value)).text == "[F][][]=3/3"

    async def test_a_failing_round_fails_the_loop(self) -> None:
        value = loop()
        value["nodes"][3] = code("inc", "fail('bad')", inside="lp")
        told = await run(value)
        assert (told.result.status, told.result.error) == ("failed", "Round 0: bad")


def form(node_id: str = "h", inside: str | None = None) -> dict[str, Any]:
    return node(
        node_id,
        "human-input",
        inside,
        form_content="Hello {{#sys.query#}}: {{#$output.name#}}",
        inputs=[{"type": "paragraph", "output_variable_name": "name"}],
        user_actions=[{"id": "ok", "title": "OK"}, {"id": "no", "title": "No"}],
    )


def forms(told: Watched) -> list[str]:
    return [event.form_id for event in told.of(HumanInputRequired)]


class TestPause:
    value = graph(
        [
            start(),
            answer("a1", "hello "),
            form(),
            llm("m", "~z"),
            llm("m2", "q"),
            answer("a2", "{{#h.name#}} {{#m2.text#}}"),
        ],
        ["start > a1 > h", "start > m > m2", "h:ok > a2", "m2 > a2"],
    )

    async def test_what_runs_drains_and_what_is_ready_waits(self) -> None:
        told = await run(self.value)
        assert told.result.status == "paused"
        assert isinstance(told.events[-1], RunPaused)
        assert "m2" not in told.started
        assert told.finished("m").status == "succeeded"
        assert told.text == "hello "

    async def test_a_resumed_run_goes_on_where_it_was(self) -> None:
        paused = await run(self.value)
        told = await go_on(self.value, paused, {forms(paused)[0]: HumanResponse("ok", {"name": "Bob"})})
        assert isinstance(told.events[0], RunStarted)
        assert told.events[0].reason == "resumption"
        assert told.told[0].seq == paused.told[-1].seq + 1
        assert told.text == "Bob q"
        assert told.result.outputs["answer"] == told.result.answer == "hello Bob q"
        assert "m" not in told.started
        assert told.result.steps == paused.result.steps + 3

    async def test_without_a_response_it_pauses_again(self) -> None:
        paused = await run(self.value)
        again = await go_on(self.value, paused, {})
        assert again.result.status == "paused"
        assert forms(again) == forms(paused)

    async def test_two_forms_can_be_answered_one_after_the_other(self) -> None:
        value = graph(
            [start(), form("h1"), form("h2"), answer("a", "{{#h1.name#}}+{{#h2.name#}}")],
            ["start > h1", "start > h2", "h1:ok > a", "h2:ok > a"],
        )
        paused = await run(value)
        first, second = forms(paused)
        again = await go_on(value, paused, {first: HumanResponse("ok", {"name": "A"})})
        assert again.result.status == "paused"
        assert forms(again) == [second]
        told = await go_on(value, again, {second: HumanResponse("ok", {"name": "B"})})
        assert told.result.answer == "A+B"
        assert [*again.started, *told.started].count("h1") == 1

    async def test_nobody_answers_in_time(self) -> None:
        value = graph([start(), form(), answer("a", "late {{#h.__action_id#}}")], ["start > h", "h:__timeout > a"])
        paused = await run(value)
        told = await go_on(value, paused, {forms(paused)[0]: HumanResponse(timed_out=True)})
        assert told.text == "late __timeout"

    async def test_an_iteration_pauses_in_the_middle(self) -> None:
        shape = {"iterator_selector": ["c", "v"], "output_selector": ["h", "name"]}
        value = graph(
            [
                start(),
                code("c", "{'v': [1, 2]}"),
                node("it", "iteration", **shape),
                form("h", "it"),
                answer("a", "{{#it.output#}}"),
            ],
            ["start > c > it > a"],
        )
        told = await run(value)
        for name in ("x", "y"):
            assert told.result.status == "paused"
            told = await go_on(value, told, {forms(told)[-1]: HumanResponse("ok", {"name": name})})
        assert told.result.answer == '["x","y"]'

    async def test_parallel_items_of_an_iteration_pause_together(self) -> None:
        shape = {"iterator_selector": ["c", "v"], "output_selector": ["t", "v"], "is_parallel": True}
        text = code("t", "{'v': f'{x}{n}'}", reads={"x": "it.item", "n": "h.name"}, inside="it")
        value = graph(
            [
                start(),
                code("c", "{'v': [1, 2]}"),
                node("it", "iteration", **shape),
                form("h", "it"),
                text,
                answer("a", "{{#it.output#}}"),
            ],
            ["start > c > it > a", "h:ok > t"],
        )
        told = await run(value)
        responses = {form_id: HumanResponse("ok", {"name": "!"}) for form_id in forms(told)}
        assert len(responses) == 2
        assert (await go_on(value, told, responses)).result.answer == '["1!","2!"]'

    async def test_a_loop_pauses_in_each_round_and_keeps_its_variables(self) -> None:
        value = loop(loop_count=2, break_conditions=[])
        value["nodes"].append(form("h", "lp"))
        value["edges"] = [edge for edge in value["edges"] if edge["target"] != "in"]
        value["edges"] += [
            {"id": "p1", "source": "inc", "target": "h"},
            {"id": "p2", "source": "h", "target": "in", "sourceHandle": "ok"},
        ]
        told = await run(value)
        for _ in range(2):
            told = await go_on(value, told, {forms(told)[-1]: HumanResponse("ok")})
        assert told.result.answer == "1,2,=2/2"


class TestContainersInContainers:
    def value(self, **outer: Any) -> dict[str, Any]:
        """An iteration over lists, with an iteration over numbers inside of it."""
        first: dict[str, Any] = {"iterator_selector": ["c", "v"], "output_selector": ["in", "output"], **outer}
        second: dict[str, Any] = {
            "iterator_selector": ["out", "item"],
            "output_selector": ["w", "v"],
            "is_parallel": True,
        }
        nodes = [
            start(),
            code("c", "{'v': [[1, 2], [3]]}"),
            node("out", "iteration", **first),
            node("in", "iteration", "out", **second),
            code("w", "{'v': x * 10 + i}", reads={"x": "in.item", "i": "out.index"}, inside="in"),
            answer("a", "{{#out.output#}}"),
        ]
        return graph(nodes, ["start > c > out > a"])

    @pytest.mark.parametrize("parallel", [True, False])
    async def test_inner_rounds_see_outer_ones(self, parallel: bool) -> None:
        told = await run(self.value(is_parallel=parallel))
        assert told.text == "[10,20,31]"
        places = {event.node.place.iteration_id for event in told.of(NodeStarted) if event.node.node_id == "w"}
        assert places == {"in"}

    async def test_an_inner_failure_is_the_outer_items(self) -> None:
        value = self.value(error_handle_mode="continue-on-error", flatten_output=False)
        value["nodes"][4]["data"]["code"] = "fail('bad') if x == 2 else {'v': x}"
        assert (await run(value)).text == "[null,[3]]"

    async def test_a_form_inside_of_both_can_be_answered(self) -> None:
        value = self.value()
        value["nodes"][4] = form("w", "in")
        value["nodes"][3]["data"]["output_selector"] = ["w", "name"]
        told = await run(value)
        assert len(forms(told)) == 2
        told = await go_on(value, told, {each: HumanResponse("ok", {"name": "A"}) for each in forms(told)})
        assert told.result.status == "paused"
        told = await go_on(value, told, {forms(told)[0]: HumanResponse("ok", {"name": "B"})})
        assert told.result.answer == '["A","A","B"]'

    async def test_a_container_is_tried_again_and_can_fail_into_a_branch(self) -> None:
        value = iteration(error_strategy="fail-branch")
        value["nodes"][2]["data"]["retry_config"] = {"retry_enabled": True, "max_retries": 1, "retry_interval": 0}
        value["edges"][2]["sourceHandle"] = "fail-branch"
        value["nodes"][5]["data"]["answer"] = "{{#it.error_message#}}"
        told = await run(value)
        assert told.text == "Item 1: bad"
        assert [event.retry_index for event in told.of(NodeRetry)] == [1]
        assert told.result.status == "partial-succeeded"

    async def test_what_models_spent_inside_is_counted_once(self) -> None:
        value = self.value()
        value["nodes"][4] = llm("w", "x", inside="in")
        value["nodes"][3]["data"]["output_selector"] = ["w", "text"]
        told = await run(value)
        assert told.result.spent.tokens == 21
        assert told.finished("out").spent.tokens == 21


class TestStopAndLimits:
    async def test_a_stopped_run_keeps_its_partial_answer(self) -> None:
        control = Control()
        serving = services(models=FakeModels(FakeModel(wait=0.02)))
        value = graph(
            [start(), llm("m", "|".join(f"~{n}" for n in range(50))), answer("a", "{{#m.text#}}")], ["start > m > a"]
        )
        task = asyncio.create_task(run(value, control=control, serving=serving))
        await asyncio.sleep(0.1)
        control.stop("enough")
        began = time.monotonic()
        told = await task
        assert time.monotonic() - began < 0.1
        assert (told.result.status, told.result.error) == ("stopped", "enough")
        assert told.text == told.result.answer != ""
        assert told.finished("m").status == "stopped"
        assert isinstance(told.events[-1], RunFinished)

    async def test_a_run_stopped_inside_of_a_container_ends_everything(self) -> None:
        control = Control()
        value = iteration(is_parallel=True)
        value["nodes"][4]["data"]["code"] = "wait(5, {'o': 1})"
        task = asyncio.create_task(run(value, control=control))
        await asyncio.sleep(0.05)
        control.stop()
        told = await task
        started = [event.node.id for event in told.of(NodeStarted)]
        assert sorted(started) == sorted(event.node.id for event in told.of(NodeFinished))
        assert told.result.status == "stopped"

    async def test_too_many_steps_stop_the_run(self) -> None:
        told = await run(loop(loop_count=100, break_conditions=[]), limits=Limits(steps=20))
        assert told.result.status == "stopped"
        assert "20 steps" in str(told.result.error)
        assert told.result.steps == 20

    async def test_too_much_time_stops_the_run(self) -> None:
        value = graph([start(), code("c", "wait(5, {'v': 1})"), answer("a", "x")], ["start > c > a"])
        told = await run(value, limits=Limits(seconds=0.05))
        assert told.result.status == "stopped"
        assert "0.05 seconds" in str(told.result.error)

    async def test_a_node_may_not_take_forever(self) -> None:
        value = graph([start(), code("c", "wait(5, {'v': 1})"), answer("a", "x")], ["start > c > a"])
        told = await run(value, limits=Limits(node_seconds=0.05))
        assert told.result.status == "failed"
        assert told.finished("c").error_type == "TimeoutError"

    async def test_workflows_call_each_other_only_so_deep(self) -> None:
        value = graph([start(), answer("a", "x")], ["start > a"])
        assert (await run(value, call_depth=5)).result.status == "succeeded"
        told = await run(value, call_depth=6)
        assert told.result.status == "failed"
        assert told.started == []

    async def test_too_large_outputs_and_variables_are_failures(self) -> None:
        value = graph([start(), code("c", "{'v': 'x' * 2000}"), answer("a", "x")], ["start > c > a"])
        assert (await run(value, limits=Limits(output_bytes=1000))).result.status == "failed"
        items = [{"variable_selector": ["conversation", "x"], "operation": "over-write", "value": "y" * 2000}]
        value = graph([start(), node("s", "assigner", items=items), answer("a", "x")], ["start > s > a"])
        told = await run(value, conversation={"x": ""}, limits=Limits(variable_bytes=1000))
        assert told.finished("s").error_type == "VariableTooLarge"

    async def test_no_more_nodes_than_allowed_run_at_the_same_time(self) -> None:
        branches = [code(f"b{n}", "wait(0.02, {'v': 1})") for n in range(6)]
        value = graph([start(), *branches, answer("a", "x")], [f"start > b{n} > a" for n in range(6)])
        began = time.monotonic()
        told = await run(value, limits=Limits(parallel_nodes=2))
        assert time.monotonic() - began >= 0.06
        assert told.result.status == "succeeded"

    async def test_fifty_runs_tell_the_same(self) -> None:
        branches = [code(f"n{n}") for n in range(8)]
        value = graph([start(), *branches, answer("a", "{{#n3.v#}}x")], [f"start > n{n} > a" for n in range(8)])
        told = {tuple((await run(value)).names) for _ in range(50)}
        assert len(told) == 1
