"""Iterations and loops, alone and in one another."""

from __future__ import annotations

from typing import Any

import pytest

from engine.workflow import HumanResponse
from engine.workflow.events import IterationNext, LoopNext, NodeFinished, NodeRetry, NodeStarted
from tests.engine.workflow.graphs import answer, code, go_on, graph, llm, node, run, start, when
from tests.engine.workflow.shapes import form, forms, iteration, loop


class TestIteration:
    async def test_parallel_items_keep_their_places(self) -> None:
        value = iteration(is_parallel=True, parallel_nums=4, error_handle_mode="continue-on-error")
        value["nodes"][4]["data"]["code"] = "fail('bad') if x == 2 else meet(3, {'o': x * 10})"
        told = await run(value)
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
