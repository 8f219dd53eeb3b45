"""Properties that hold for every graph."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.workflow import NODE_TYPES, Control, Limits, parse_graph, validate_graph
from engine.workflow.events import NodeFinished, NodeStarted, RunFinished, RunStarted, TextChunk
from foundation.errors import ApiError
from tests.engine.workflow.graphs import FakeCode, answer, code, graph, node, run, services, start, when

Shape = tuple[list[tuple[str, list[int], bool]], bool]


class RandomTimes(FakeCode):
    """Runs code after a while that only the seed decides."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = random.Random(seed)

    async def run(self, language: str, code: str, inputs: Mapping[str, Any]) -> Any:
        for _ in range(self.random.randrange(6)):
            await asyncio.sleep(0)
        return await super().run(language, code, inputs)


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """A graph of code, branch, aggregating and failing nodes, which ends in one answer that shows them all."""
    count = draw(st.integers(1, 12))
    nodes: list[dict[str, Any]] = [start("q")]
    edges: list[str] = []
    handles = {"start": ["source"]}
    names: list[str] = []
    for number in range(count):
        name = f"n{number}"
        before = draw(st.lists(st.sampled_from(list(handles)), min_size=1, max_size=3, unique=True))
        for source in before:
            edges.append(f"{source}:{draw(st.sampled_from(handles[source]))} > {name}")
        kind = draw(st.sampled_from(["code", "code", "if-else", "merge", "fails"]))
        handles[name] = ["source"]
        if kind == "code":
            reads = {f"v{place}": f"{other}.v" for place, other in enumerate(before) if other != "start"}
            total = " + ".join(["1", *(f"(v{place} or 0)" for place in range(len(before)) if f"v{place}" in reads)])
            nodes.append(code(name, f"{{'v': {total}}}", {"v": "number"}, reads=reads))
        elif kind == "if-else":
            nodes.append(when(name, "start.q", draw(st.sampled_from(["yes", "no"]))))
            handles[name] = ["true", "false"]
        elif kind == "merge":
            nodes.append(node(name, "variable-aggregator", variables=[[other, "v"] for other in before]))
        else:
            nodes.append(code(name, "fail('no')", error_strategy="fail-branch"))
            handles[name] = ["success-branch", "fail-branch"]
        names.append(name)
    shown = "".join(f"[{{{{#{name}.v#}}}}{{{{#{name}.output#}}}}]" for name in names)
    nodes.append(answer("end", shown))
    for name, ways in handles.items():
        edges += [f"{name}:{way} > end" for way in ways]
    value = graph(nodes, [])
    value["edges"] = [
        {
            "id": f"e{place}",
            "source": source.partition(":")[0],
            "sourceHandle": source.partition(":")[2],
            "target": target,
        }
        for place, (source, target) in enumerate(pair.split(" > ") for pair in edges)
    ]
    return value


RARELY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@RARELY
@given(value=graphs(), seeds=st.tuples(st.integers(), st.integers()))
async def test_each_node_runs_once_and_time_changes_nothing(value: dict[str, Any], seeds: tuple[int, int]) -> None:
    results = []
    for seed in seeds:
        told = await run(value, {"q": "yes"}, serving=services(code=RandomTimes(seed)))
        started = Counter(event.node.node_id for event in told.of(NodeStarted))
        finished = Counter(event.node.node_id for event in told.of(NodeFinished))
        assert started == finished
        assert max(started.values()) == 1
        assert isinstance(told.events[0], RunStarted)
        assert isinstance(told.events[-1], RunFinished)
        assert len(told.of(RunFinished)) == 1
        assert [emitted.seq for emitted in told.told] == list(range(1, len(told.told) + 1))
        assert told.text == told.result.outputs["answer"]
        outputs = {event.node.node_id: event.outputs for event in told.of(NodeFinished)}
        results.append((told.result.status, told.result.outputs, outputs, told.text))
    assert results[0] == results[1]


@RARELY
@given(value=graphs(), seed=st.integers())
async def test_a_node_starts_only_after_a_way_to_it_was_taken(value: dict[str, Any], seed: int) -> None:
    told = await run(value, {"q": "no"}, serving=services(code=RandomTimes(seed)))
    ended: set[str] = set()
    sources: dict[str, set[str]] = {}
    for entry in value["edges"]:
        sources.setdefault(entry["target"], set()).add(entry["source"])
    for event in told.events:
        if isinstance(event, NodeStarted) and event.node.node_id != "start":
            assert event.node.predecessor_node_id in ended & sources[event.node.node_id]
        if isinstance(event, NodeFinished):
            ended.add(event.node.node_id)
        if isinstance(event, TextChunk):
            assert event.text


@RARELY
@given(value=graphs(), seed=st.integers(), after=st.integers(0, 30))
async def test_a_run_that_is_stopped_anywhere_ends_whole(value: dict[str, Any], seed: int, after: int) -> None:
    control = Control()
    told: list[Any] = []

    async def sink(emitted: Any) -> None:
        told.append(emitted.event)
        if len(told) > after:
            control.stop()

    await run(value, {"q": "yes"}, serving=services(code=RandomTimes(seed)), control=control, sink=sink)
    assert isinstance(told[-1], RunFinished)
    assert sum(isinstance(event, RunFinished) for event in told) == 1
    started = [event.node.id for event in told if isinstance(event, NodeStarted)]
    assert sorted(started) == sorted(event.node.id for event in told if isinstance(event, NodeFinished))


def in_rounds(value: dict[str, Any], kind: str, parallel: bool) -> dict[str, Any]:
    """The graph inside of a container of three rounds, whose beginning stands in for the graph's own."""
    shape: dict[str, Any] = {"start_node_id": "begin", "loop_count": 3, "is_parallel": parallel}
    shape |= {"iterator_selector": ["list", "v"], "output_selector": ["end", "answer"], "flatten_output": False}
    inside = [{**each, "parentId": "around"} for each in value["nodes"] if each["id"] != "start"]
    outside = [
        start("q"),
        code("list", "{'v': [1, 2, 3]}"),
        node("around", kind, **shape),
        node("begin", f"{kind}-start", "around"),
    ]
    whole = graph([*outside, *inside, answer("last", "{{#around.output#}}")], ["start > list > around > last"])
    edges = [
        {**each, "source": "begin", "sourceHandle": "source"} if each["source"] == "start" else each
        for each in value["edges"]
    ]
    return {**whole, "edges": [*whole["edges"], *edges]}


@RARELY
@given(
    value=graphs(),
    seeds=st.tuples(st.integers(), st.integers()),
    kind=st.sampled_from(["iteration", "loop"]),
    parallel=st.booleans(),
)
async def test_in_each_round_each_node_runs_once_and_time_changes_nothing(
    value: dict[str, Any], seeds: tuple[int, int], kind: str, parallel: bool
) -> None:
    results = []
    for seed in seeds:
        told = await run(in_rounds(value, kind, parallel), {"q": "yes"}, serving=services(code=RandomTimes(seed)))
        started = Counter((event.node.node_id, event.node.place) for event in told.of(NodeStarted))
        finished = Counter((event.node.node_id, event.node.place) for event in told.of(NodeFinished))
        assert started == finished
        assert max(started.values()) == 1
        assert sum(count for (name, _), count in started.items() if name == "end") == 3
        assert isinstance(told.events[-1], RunFinished)
        assert len(told.of(RunFinished)) == 1
        outputs = {(event.node.node_id, event.node.place): event.outputs for event in told.of(NodeFinished)}
        results.append((told.result.status, outputs, told.text if not parallel else None))
    assert results[0] == results[1]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 120) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def drafts(draw: st.DrawFn) -> Any:
    """A graph as an unfinished draft might be: known fields with odd values."""
    nodes = []
    for number in range(draw(st.integers(0, 4))):
        name = draw(st.sampled_from(sorted(NODE_TYPES)))
        fields = list(NODE_TYPES[name].data.model_fields)
        data = draw(st.dictionaries(st.sampled_from(fields), JSON, max_size=4))
        shape = {"id": f"n{number}", "data": {**data, "type": name}}
        if draw(st.booleans()):
            shape["parentId"] = draw(st.sampled_from(["n0", "n1"]) | JSON)
        nodes.append(draw(st.just(shape) | JSON) if draw(st.integers(0, 9)) == 0 else shape)
    ends = st.sampled_from(["n0", "n1", "n2", "n3"]) | JSON
    edges = draw(
        st.lists(st.fixed_dictionaries({"source": ends, "target": ends, "sourceHandle": ends}) | JSON, max_size=5)
    )
    return {"nodes": nodes, "edges": edges}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=drafts())
def test_validation_names_violations_and_never_breaks(value: Any) -> None:
    for violation in validate_graph(value):
        assert violation.message
        assert violation.detail()["field"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=drafts())
async def test_any_draft_that_can_be_read_runs_to_an_end(value: Any) -> None:
    try:
        parse_graph(value)
    except ApiError:
        return
    told = await run(value, {}, limits=Limits(steps=20))
    assert told.result.status in ("succeeded", "failed", "stopped", "partial-succeeded", "paused")
