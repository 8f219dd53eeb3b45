"""What the workflow engine itself costs, beside the work of the nodes.

Run it as `python -m bench.workflow`. It prints engine times and, for each, the ratio to the same work done by plain
asyncio in the same process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from statistics import median
from typing import Any

from engine.providers.events import Usage
from engine.workflow import RunRequest, Services, execute, parse_graph
from engine.workflow.graph import Graph
from tests.engine.workflow.graphs import FakeModel, FakeModels, answer, code, graph, llm, start

ROUNDS = 15


class Waiting:
    """A code runner that does nothing for a while."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    async def run(self, language: str, code: str, inputs: Mapping[str, Any]) -> Any:
        if self.seconds:
            await asyncio.sleep(self.seconds)
        return {"v": 1}


def chain(length: int) -> Graph:
    """A graph of nodes one after the other."""
    names = [f"n{number}" for number in range(length - 2)]
    nodes = [start(), *(code(name, "x") for name in names), answer("a", "{{#n0.v#}}")]
    return parse_graph(graph(nodes, [" > ".join(["start", *names, "a"])]))


def diamonds(count: int) -> Graph:
    """A graph with 2 to the power of `count` ways."""
    nodes: list[dict[str, Any]] = [start()]
    edges = []
    last = "start"
    for number in range(count):
        nodes += [code(f"{side}{number}", "x") for side in "lrm"]
        edges += [f"{last} > l{number} > m{number}", f"{last} > r{number} > m{number}"]
        last = f"m{number}"
    return parse_graph(graph([*nodes, answer("a", "done")], [*edges, f"{last} > a"]))


def fan(width: int) -> Graph:
    """A graph of branches that meet again."""
    nodes = [start(), *(code(f"b{number}", "x") for number in range(width)), answer("a", "done")]
    return parse_graph(graph(nodes, [f"start > b{number} > a" for number in range(width)]))


def talking(models: int) -> Graph:
    """A graph of language models one after the other."""
    names = [f"m{number}" for number in range(models)]
    said = "|".join(f"~w{number}" for number in range(20))
    nodes = [start(), *(llm(name, said) for name in names), answer("a", f"{{{{#{names[-1]}.text#}}}}")]
    return parse_graph(graph(nodes, [" > ".join(["start", *names, "a"])]))


async def plain(steps: int) -> None:
    """The same number of tasks, with nothing around them."""
    runner = Waiting()
    for _ in range(steps):
        await asyncio.create_task(runner.run("", "", {}))


async def seconds(work: Callable[[], Awaitable[Any]], rounds: int = ROUNDS) -> float:
    """Returns the median time of some work."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        await work()
        taken.append(time.perf_counter() - began)
    return median(taken)


async def row(name: str, shape: Graph, serving: Services, target: float, steps: int) -> None:
    """Prints one line of the report."""

    async def once() -> None:
        outcome = await execute(RunRequest(shape), serving)
        assert outcome.status == "succeeded", outcome.error

    engine, bare = await seconds(once), await seconds(lambda: plain(steps))
    print(
        f"{name:<34} {engine * 1000:8.2f} ms   target {target * 1000:6.0f} ms   {engine / steps * 1e6:7.0f} us a node"
        f"   {engine / bare:6.1f} x plain tasks   {'ok' if engine <= target else 'MISSED'}"
    )


async def crowd(runs: int) -> None:
    """Prints what many runs of models at the same time take, against one alone."""
    shape = talking(5)
    model = FakeModel(wait=0.01)
    model.price(Usage())
    serving = Services(models=FakeModels(model))

    async def one() -> None:
        outcome = await execute(RunRequest(shape), serving)
        assert outcome.status == "succeeded", outcome.error

    async def all_of_them() -> None:
        await asyncio.gather(*(one() for _ in range(runs)))

    alone, together = await seconds(one, 1), await seconds(all_of_them, 1)
    print(f"{runs} runs of five models at once: {together:.2f} s, {together / alone:.2f} x one run alone")


async def main() -> None:
    """Prints the report."""
    at_once = Services(code=Waiting())
    await row("20 pure nodes", chain(20), at_once, 0.025, 20)
    await row("500 nodes", chain(500), at_once, 0.150, 500)
    await row("2^60 ways", diamonds(60), at_once, 0.050, 182)
    await row("10 branches that wait 100 ms", fan(10), Services(code=Waiting(0.1)), 0.150, 12)
    await crowd(100)


if __name__ == "__main__":
    asyncio.run(main())
