"""Ways through a graph: joins, branches that are not taken, and what is written before it is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from engine.workflow import HumanResponse
from engine.workflow.events import HumanInputRequired, NodeFinished
from tests.engine.workflow.graphs import answer, code, go_on, graph, llm, node, run, start, when


class TestJoin:
    async def test_parallel_branches_overlap_and_the_join_runs_once(self) -> None:
        branches = [code(f"b{n}", "meet(10, {'v': 1})") for n in range(10)]
        edges = [f"start > b{n} > join" for n in range(10)]
        told = await run(graph([start(), *branches, code("join"), answer("a", "x")], [*edges, "join > a"]))
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
