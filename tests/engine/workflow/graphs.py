"""Graphs as the editor writes them, in few words, and runs that are watched."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from engine.providers.events import End, ModelEvent, Reasoning, Text, ToolCall, Usage
from engine.providers.messages import ChatMessage, Grounding, Tool
from engine.providers.pricing import Charge
from engine.workflow import Control, HumanResponse, Limits, Outcome, RunRequest, Services, execute, parse_graph, resume
from engine.workflow.events import Emitted, Event, NodeFinished, NodeStarted, TextChunk

MEETING_SECONDS = 20.0
MODEL = {"provider": "fake", "name": "fake", "mode": "chat", "completion_params": {}}


def node(node_id: str, kind: str, inside: str | None = None, **data: Any) -> dict[str, Any]:
    """A node; `inside` is its container."""
    shape: dict[str, Any] = {"id": node_id, "type": "custom", "data": {"type": kind, "title": node_id, **data}}
    return {**shape, "parentId": inside} if inside else shape


def edge(text: str) -> dict[str, Any]:
    """An edge written as `a > b` or `a:handle > b`."""
    source, target = (part.strip() for part in text.split(">"))
    source, _, handle = source.partition(":")
    return {"id": text, "source": source, "target": target, "sourceHandle": handle or "source"}


def graph(nodes: Sequence[dict[str, Any]], edges: Sequence[str]) -> dict[str, Any]:
    """A graph; `a > b > c` is two edges."""
    pairs = []
    for chain in edges:
        parts = [part.strip() for part in chain.split(">")]
        pairs += [f"{left} > {right.partition(':')[0]}" for left, right in itertools.pairwise(parts)]
    return {"nodes": list(nodes), "edges": [edge(pair) for pair in pairs]}


def start(*names: str, kind: str = "paragraph") -> dict[str, Any]:
    """A start node with fields."""
    return node("start", "start", variables=[{"variable": name, "label": name, "type": kind} for name in names])


def llm(node_id: str, text: str = "", **data: Any) -> dict[str, Any]:
    """A node that asks the fake model, which answers what its prompt says (see `FakeModel`)."""
    prompt = data.pop("prompt", text)
    inside = data.pop("inside", None)
    return node(node_id, "llm", inside, model=MODEL, prompt_template=[{"role": "user", "text": prompt}], **data)


def code(node_id: str, script: str = "", outputs: Mapping[str, str] | None = None, **data: Any) -> dict[str, Any]:
    """A code node whose fake runner evaluates `script` (see `FakeCode`)."""
    inside = data.pop("inside", None)
    reads = data.pop("reads", {})
    variables = [{"variable": name, "value_selector": selector.split(".")} for name, selector in reads.items()]
    declared = {name: {"type": kind} for name, kind in (outputs or {"v": "any"}).items()}
    return node(node_id, "code", inside, code=script, variables=variables, outputs=declared, **data)


def answer(node_id: str, text: str, inside: str | None = None) -> dict[str, Any]:
    """An answer node."""
    return node(node_id, "answer", inside, answer=text)


def when(node_id: str, selector: str, expected: str, operator: str = "is", **data: Any) -> dict[str, Any]:
    """An if-else node with the one case `true`."""
    condition = {"variable_selector": selector.split("."), "comparison_operator": operator, "value": expected}
    case = {"case_id": "true", "logical_operator": "and", "conditions": [condition]}
    return node(node_id, "if-else", data.pop("inside", None), cases=[case], **data)


class FakeModel:
    """Answers with the words of the last message: `a|b|c` is three pieces; `~` waits, `!` breaks off, `?x` thinks x."""

    provider = "fake"
    model = "fake"
    calls_tools = True
    context_size = 100_000

    def __init__(self, answers: Sequence[str] = (), wait: float = 0.003) -> None:
        self.answers = list(answers)
        self.asked: list[Sequence[ChatMessage]] = []
        self.grounding: Grounding | None = None
        self.tools: Sequence[Tool] = ()
        self.failures = 0
        self.wait = wait

    async def stream(
        self,
        messages: Sequence[ChatMessage],
        parameters: Mapping[str, Any],
        tools: Sequence[Tool] = (),
        context: Grounding | None = None,
    ) -> AsyncIterator[ModelEvent]:
        self.asked.append(list(messages))
        self.grounding, self.tools = context, tools
        last = messages[-1]
        said = self.answers.pop(0) if self.answers else _text(last)
        if said.startswith("call:"):
            _, name, arguments = said.split(":", 2)
            yield ToolCall("1", name, arguments)
            yield End(Usage(1, 1), "tool_calls")
            return
        for piece in said.split("|"):
            await asyncio.sleep(self.wait if piece.startswith("~") else 0)
            if piece.startswith("!"):
                self.failures += 1
                if self.failures == 1:
                    raise RuntimeError("the stream broke")
                continue
            if piece.startswith("?"):
                yield Reasoning(piece[1:])
            else:
                yield Text(piece.removeprefix("~"))
        yield End(Usage(3, 4), "stop")

    def price(self, usage: Usage) -> Charge:
        return Charge(known=True)


def _text(message: ChatMessage) -> str:
    from engine.providers.messages import plain_text

    return plain_text(message)


class FakeModels:
    def __init__(self, model: Any = None) -> None:
        self.model = model or FakeModel()

    async def chat(self, config: Mapping[str, Any]) -> Any:
        return self.model


class FakeCode:
    """Evaluates `code` as a Python expression with the inputs by name.

    `wait(seconds, value)`, `fail(text)` and `meet(number, value)` help: the last waits until so many are at it at once.
    `most` is how many ran at the same time.
    """

    def __init__(self, times: Mapping[str, float] | None = None) -> None:
        self.calls: dict[str, int] = {}
        self.times = times or {}
        self.running = self.most = self.met = 0
        self.all_met = asyncio.Event()

    async def run(self, language: str, code: str, inputs: Mapping[str, Any]) -> Any:
        self.calls[code] = self.calls.get(code, 0) + 1
        self.running += 1
        self.most = max(self.most, self.running)
        waits: list[float] = []
        meetings: list[int] = []

        def wait(seconds: float, value: Any) -> Any:
            waits.append(seconds)
            return value

        def meet(number: int, value: Any) -> Any:
            meetings.append(number)
            return value

        def fail(text: str, until: int = 10**9) -> Any:
            if self.calls[code] <= until:
                raise RuntimeError(text)
            return {"v": self.calls[code]}

        value = None
        try:
            value = eval(code or "{'v': 1}", {"wait": wait, "fail": fail, "meet": meet, **inputs})
            if meetings:
                await self._meet(meetings[0])
        finally:
            if waits:
                await asyncio.sleep(waits[0])
            self.running -= 1
        return value

    async def _meet(self, number: int) -> None:
        self.met += 1
        if self.met >= number:
            self.all_met.set()
        await asyncio.wait_for(self.all_met.wait(), MEETING_SECONDS)


class Watched:
    """A run and everything that it told."""

    def __init__(self) -> None:
        self.told: list[Emitted] = []
        self.outcome: Outcome | None = None

    async def __call__(self, emitted: Emitted) -> None:
        self.told.append(emitted)

    @property
    def events(self) -> list[Event]:
        return [emitted.event for emitted in self.told]

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextChunk))

    @property
    def started(self) -> list[str]:
        return [event.node.node_id for event in self.events if isinstance(event, NodeStarted)]

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def finished(self, node_id: str) -> NodeFinished:
        return next(event for event in self.of(NodeFinished) if event.node.node_id == node_id)

    @property
    def result(self) -> Outcome:
        assert self.outcome is not None
        return self.outcome

    @property
    def names(self) -> list[str]:
        """The events in short, without ids and times."""
        return [_name(event) for event in self.events]


def _name(event: Event) -> str:
    name = type(event).__name__
    run = getattr(event, "node", None)
    if isinstance(event, TextChunk):
        return f"{name} {event.text}"
    return f"{name} {run.node_id}" if run is not None else name


def services(**given: Any) -> Services:
    return Services(**{"models": FakeModels(), "code": FakeCode(), **given})


async def run(
    value: dict[str, Any],
    inputs: Mapping[str, Any] | None = None,
    *,
    serving: Services | None = None,
    control: Control | None = None,
    limits: Limits | None = None,
    sink: Callable[[Emitted], Any] | None = None,
    **request: Any,
) -> Watched:
    """Runs a graph and returns what was told."""
    watched = Watched()
    wanted = RunRequest(parse_graph(value), inputs or {}, **request)
    watched.outcome = await execute(wanted, serving or services(), sink or watched, control=control, limits=limits)
    return watched


async def go_on(
    value: dict[str, Any], paused: Watched, responses: Mapping[str, HumanResponse], serving: Services | None = None
) -> Watched:
    """Resumes a paused run from its snapshot, which goes through JSON."""
    import json

    watched = Watched()
    snapshot = json.loads(json.dumps(paused.result.snapshot))
    watched.outcome = await resume(parse_graph(value), snapshot, responses, serving or services(), watched)
    return watched
