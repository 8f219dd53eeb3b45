"""Runs that are stopped, and runs that reach a limit."""

from __future__ import annotations

import asyncio

from engine.workflow import Control, Limits
from engine.workflow.events import Emitted, NodeFinished, NodeStarted, RunFinished, TextChunk
from tests.engine.workflow.graphs import (
    FakeCode,
    FakeModel,
    FakeModels,
    Watched,
    answer,
    code,
    graph,
    llm,
    node,
    run,
    services,
    start,
)
from tests.engine.workflow.shapes import iteration, loop


def test_a_run_may_cost_what_the_real_system_allows() -> None:
    limits = Limits()
    assert (limits.steps, limits.seconds, limits.call_depth) == (500, 1200, 5)
    assert (limits.variable_bytes, limits.parallel_nodes, limits.loop_rounds) == (200 * 1024, 10, 100)


class TestStopAndLimits:
    async def test_a_stopped_run_keeps_its_partial_answer(self) -> None:
        control, told = Control(), Watched()

        async def stop_at_the_first_word(emitted: Emitted) -> None:
            await told(emitted)
            if isinstance(emitted.event, TextChunk):
                control.stop("enough")

        serving = services(models=FakeModels(FakeModel(wait=60)))
        value = graph([start(), llm("m", "well|~never"), answer("a", "{{#m.text#}}")], ["start > m > a"])
        async with asyncio.timeout(20):
            told.outcome = (await run(value, control=control, serving=serving, sink=stop_at_the_first_word)).outcome
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
        branches = [code(f"b{n}", "meet(2, {'v': 1})") for n in range(6)]
        value = graph([start(), *branches, answer("a", "x")], [f"start > b{n} > a" for n in range(6)])
        runner = FakeCode()
        told = await run(value, limits=Limits(parallel_nodes=2), serving=services(code=runner))
        assert runner.most == 2
        assert told.result.status == "succeeded"

    async def test_fifty_runs_tell_the_same(self) -> None:
        branches = [code(f"n{n}") for n in range(8)]
        value = graph([start(), *branches, answer("a", "{{#n3.v#}}x")], [f"start > n{n} > a" for n in range(8)])
        told = {tuple((await run(value)).names) for _ in range(50)}
        assert len(told) == 1
