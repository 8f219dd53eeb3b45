"""Runs that wait for people, and go on where they were."""

from __future__ import annotations

from engine.workflow import HumanResponse
from engine.workflow.events import RunPaused, RunStarted
from engine.workflow.snapshot import text_before
from tests.engine.workflow.graphs import answer, code, go_on, graph, llm, node, run, start
from tests.engine.workflow.shapes import form, forms, loop


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

    async def test_its_snapshot_knows_what_was_said(self) -> None:
        paused = await run(self.value)
        assert paused.result.snapshot is not None
        assert text_before(paused.result.snapshot) == "hello "
        assert text_before({**paused.result.snapshot, "version": 0}) == ""

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
