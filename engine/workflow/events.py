"""What a run tells while it goes on. Every event of the API can be rendered from these, in full and reduced form.

Order: `RunStarted`, then everything else, then `RunFinished` or `RunPaused`, and nothing after that. A node that
started finishes (or waits in a pause); its outputs can be read by others before `NodeFinished` is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from engine.workflow.values import Selector, Value

NodeStatus: TypeAlias = Literal["succeeded", "failed", "exception", "stopped"]
RunStatus: TypeAlias = Literal["succeeded", "failed", "stopped", "partial-succeeded", "paused"]


@dataclass(frozen=True, slots=True)
class Spent:
    """What model calls cost: tokens and price."""

    tokens: int = 0
    price: Decimal = Decimal(0)
    currency: str = "USD"

    def __add__(self, other: Spent) -> Spent:
        """Returns both together."""
        return Spent(self.tokens + other.tokens, self.price + other.price, self.currency)


NOTHING_SPENT = Spent()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node runs: the round of the innermost iteration and loop around it (indexes count from 0)."""

    iteration_id: str | None = None
    iteration_index: int | None = None
    loop_id: str | None = None
    loop_index: int | None = None


MAIN_PLACE = Place()


@dataclass(frozen=True, slots=True)
class NodeRun:
    """One execution of a node. `id` stays the same through retries, and through a pause and its resumption."""

    id: str
    node_id: str
    node_type: str
    title: str
    index: int
    predecessor_node_id: str | None
    place: Place
    started_at: float
    agent_strategy: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run began, or goes on after a pause."""

    reason: Literal["initial", "resumption"]
    inputs: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class NodeStarted:
    """A node began; told once, however often it is tried, and again when it resumes after a pause."""

    node: NodeRun


@dataclass(frozen=True, slots=True)
class NodeFinished:
    """A node ended. `exception` means that it failed and its error strategy took over."""

    node: NodeRun
    status: NodeStatus
    inputs: Mapping[str, Value]
    process_data: Mapping[str, Value]
    outputs: Mapping[str, Value]
    elapsed: float
    spent: Spent = NOTHING_SPENT
    error: str | None = None
    error_type: str | None = None
    metadata: Mapping[str, Value] = field(default_factory=dict)
    files: tuple[Mapping[str, Any], ...] = ()
    retries: int = 0


@dataclass(frozen=True, slots=True)
class NodeRetry:
    """A node failed and is tried again; `retry_index` counts from 1."""

    node: NodeRun
    retry_index: int
    error: str
    error_type: str
    inputs: Mapping[str, Value]
    process_data: Mapping[str, Value]
    elapsed: float


@dataclass(frozen=True, slots=True)
class IterationStarted:
    """An iteration begins over `length` items."""

    node: NodeRun
    inputs: Mapping[str, Value]
    length: int


@dataclass(frozen=True, slots=True)
class IterationNext:
    """An item of an iteration begins; `index` counts from 0."""

    node: NodeRun
    index: int


@dataclass(frozen=True, slots=True)
class IterationCompleted:
    """An iteration ended after `steps` items."""

    node: NodeRun
    inputs: Mapping[str, Value]
    outputs: Mapping[str, Value]
    status: NodeStatus
    error: str | None
    elapsed: float
    spent: Spent
    steps: int
    durations: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class LoopStarted:
    """A loop begins with at most `length` rounds."""

    node: NodeRun
    inputs: Mapping[str, Value]
    length: int


@dataclass(frozen=True, slots=True)
class LoopNext:
    """A round of a loop begins; `index` counts from 0, `previous` are the loop's variables after the last round."""

    node: NodeRun
    index: int
    previous: Mapping[str, Value] | None


@dataclass(frozen=True, slots=True)
class LoopCompleted:
    """A loop ended after `steps` rounds."""

    node: NodeRun
    inputs: Mapping[str, Value]
    outputs: Mapping[str, Value]
    status: NodeStatus
    error: str | None
    elapsed: float
    spent: Spent
    steps: int
    durations: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A piece of the answer. `selector` is the variable that it comes from; None for text of the template."""

    text: str
    selector: Selector | None
    node_id: str
    place: Place


@dataclass(frozen=True, slots=True)
class TextReplaced:
    """What was streamed is void; `text` is the whole answer so far."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReasoningChunk:
    """A piece of what a model thought before it answered."""

    node: NodeRun
    text: str
    final: bool


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Passages that a node found, in the shape of `retriever_resources`."""

    node: NodeRun
    resources: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class AgentLog:
    """A step of an agent. The same `id` is told again when the step ends."""

    node: NodeRun
    id: str
    label: str
    parent_id: str | None
    status: Literal["start", "success", "error"]
    error: str | None
    data: Mapping[str, Any]
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class VariableUpdated:
    """A conversation variable has a new value, to be kept for the next message."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class HumanInputRequired:
    """A node waits for a person. `form_id` is what `HumanResponse`s are given under; times are in seconds."""

    node: NodeRun
    form_id: str
    content: str
    inputs: tuple[Mapping[str, Any], ...]
    actions: tuple[Mapping[str, Any], ...]
    default_values: Mapping[str, Value]
    delivery: tuple[Mapping[str, Any], ...]
    timeout: float


@dataclass(frozen=True, slots=True)
class HumanInputFilled:
    """A person submitted a form; the node goes on by the action."""

    node: NodeRun
    form_id: str
    action_id: str
    action_title: str
    content: str


@dataclass(frozen=True, slots=True)
class HumanInputTimedOut:
    """Nobody submitted a form in time."""

    node: NodeRun
    form_id: str


@dataclass(frozen=True, slots=True)
class RunPaused:
    """The run waits; its snapshot can be resumed."""

    reasons: tuple[HumanInputRequired, ...]
    outputs: Mapping[str, Value]
    elapsed: float
    spent: Spent
    steps: int


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run is over. `answer` is the streamed text in all, which a stopped or failed run has a part of."""

    status: RunStatus
    outputs: Mapping[str, Value]
    answer: str
    error: str | None
    elapsed: float
    spent: Spent
    steps: int
    exceptions: int
    files: tuple[Mapping[str, Any], ...]


Event: TypeAlias = (
    RunStarted
    | NodeStarted
    | NodeFinished
    | NodeRetry
    | IterationStarted
    | IterationNext
    | IterationCompleted
    | LoopStarted
    | LoopNext
    | LoopCompleted
    | TextChunk
    | TextReplaced
    | ReasoningChunk
    | Retrieved
    | AgentLog
    | VariableUpdated
    | HumanInputRequired
    | HumanInputFilled
    | HumanInputTimedOut
    | RunPaused
    | RunFinished
)


@dataclass(frozen=True, slots=True)
class Emitted:
    """An event with its number (from 1, without gaps, going on after a pause) and its unix time."""

    seq: int
    at: float
    event: Event
