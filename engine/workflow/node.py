"""What a node type is: the data that its author fills in, what it reads and gives, and how it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.workflow.events import NOTHING_SPENT, Spent
from engine.workflow.failure import Recovery
from engine.workflow.references import Segment
from engine.workflow.values import Selector, Value, fits_type

if TYPE_CHECKING:
    from engine.workflow.context import NodeContext

Kind: TypeAlias = Literal["node", "branch", "response", "container"]
SelectorList: TypeAlias = list[str]


class Part(BaseModel):
    """A part of a node's data. Unknown fields are kept, and null is the same as leaving a field out."""

    model_config = ConfigDict(extra="allow", frozen=True, protected_namespaces=())

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: entry for key, entry in value.items() if entry is not None}
        return value


class DefaultValue(Part):
    """An output that stands in where the node fails."""

    key: str = Field(min_length=1)
    type: str = "string"
    value: Any = None

    @property
    def typed(self) -> Value:
        """The value in its type: editors write numbers, objects and lists as JSON text. What is none stays a text."""
        if not isinstance(self.value, str) or self.type in ("string", "secret"):
            return self.value
        try:
            return orjson.loads(self.value)
        except orjson.JSONDecodeError:
            return self.value

    @property
    def fits(self) -> bool:
        """Whether the value is of its type; one that was left out always is."""
        return self.value is None or fits_type(self.typed, self.type)


class RetryConfig(Part):
    """How often a failed node is tried again, and after how many milliseconds."""

    retry_enabled: bool = False
    max_retries: int = Field(default=1, ge=0)
    retry_interval: float = Field(default=1000, ge=0)


class NodeData(Part):
    """What every node has."""

    type: str
    title: str = ""
    desc: str = ""
    version: str = "1"
    error_strategy: Literal["fail-branch", "default-value", "none"] | None = None
    default_value: list[DefaultValue] = Field(default_factory=list)
    retry_config: RetryConfig = RetryConfig()

    @property
    def recovery(self) -> Recovery:
        """What happens when the node fails."""
        retry = self.retry_config
        return Recovery(
            retries=retry.max_retries if retry.retry_enabled else 0,
            wait=retry.retry_interval / 1000,
            strategy=None if self.error_strategy == "none" else self.error_strategy,
            defaults={entry.key: entry.typed for entry in self.default_value},
        )


class ModelChoice(Part):
    """The chat model that a node uses."""

    provider: str = Field(min_length=1)
    name: str = Field(min_length=1)
    mode: str = "chat"
    completion_params: dict[str, Any] = Field(default_factory=dict)


class VariableInput(Part):
    """A variable that code or a template sees under a name of its own."""

    variable: str = Field(min_length=1)
    value_selector: SelectorList = Field(min_length=2)


@dataclass(frozen=True, slots=True)
class Read:
    """A variable that a node reads: in which field it is named, and which types are taken (none: any)."""

    field: str
    selector: Selector
    types: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a node's data that cannot work."""

    field: str
    message: str
    kind: str = "value"


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What a node gave.

    `handle` is the branch that is taken; `writes` are variables of other owners (conversation, loop) that get new
    values; `ends_loop` ends the loop around the node.
    """

    outputs: Mapping[str, Value] = field(default_factory=dict)
    handle: str | None = None
    spent: Spent = NOTHING_SPENT
    metadata: Mapping[str, Value] = field(default_factory=dict)
    writes: Sequence[tuple[Selector, Value]] = ()
    ends_loop: bool = False


Data = TypeVar("Data", bound=NodeData)


def _nothing(data: Any) -> tuple[Any, ...]:
    return ()


def _unknown(data: Any) -> Mapping[str, str] | None:
    return None


@dataclass(frozen=True, slots=True)
class NodeType(Generic[Data]):
    """A kind of node.

    Attributes:
        name: `data.type` of its nodes.
        data: the model of its data.
        run: does the work; None for containers, which the execution runs itself.
        kind: branch nodes choose a handle; responses stream their text; containers hold nodes.
        outputs: the variables it gives, with their types; None where that is not known beforehand.
        handles: the handles it can choose, for branches.
        reads: the variables it refers to.
        writes: the variables of other owners that it changes.
        check: what cannot work, beyond what the model of the data refuses.
        text: what a response streams.
    """

    name: str
    data: type[Data]
    run: Callable[[NodeContext, Data], Awaitable[NodeResult]] | None = None
    kind: Kind = "node"
    outputs: Callable[[Data], Mapping[str, str] | None] = _unknown
    handles: Callable[[Data], Sequence[str]] = _nothing
    reads: Callable[[Data], Iterable[Read]] = _nothing
    writes: Callable[[Data], Iterable[Selector]] = _nothing
    check: Callable[[Data], Iterable[Problem]] = _nothing
    text: Callable[[Data], Sequence[Segment]] = _nothing
