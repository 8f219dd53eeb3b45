"""Iterations and loops while they run. They hold no task of their own: the execution tells them when a round ends."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any, Protocol

from engine.workflow.conditions import ConditionError
from engine.workflow.events import (
    Event,
    IterationCompleted,
    IterationNext,
    IterationStarted,
    LoopCompleted,
    LoopNext,
    LoopStarted,
    NodeRun,
    NodeStatus,
    Place,
    Spent,
)
from engine.workflow.failure import NodeFailure
from engine.workflow.limits import Limits
from engine.workflow.node import NodeData
from engine.workflow.nodes.container import IterationData, LoopData, first_values
from engine.workflow.nodes.if_else import conditions_hold
from engine.workflow.pool import CONVERSATION, VariablePool
from engine.workflow.scope import Scope
from engine.workflow.values import Value


class Host(Protocol):
    """What a container asks of the execution."""

    @property
    def limits(self) -> Limits:
        """The limits of the run."""

    def tell(self, event: Event) -> None:
        """Tells an event."""

    def open_scope(self, scope: Scope, run: NodeRun, index: int, pool: VariablePool, place: Place) -> Scope:
        """Begins a round inside of a container."""

    def container_done(self, scope: Scope, container: ContainerRun, outputs: Mapping[str, Value]) -> None:
        """Ends a container that did its work."""

    def container_failed(self, scope: Scope, container: ContainerRun, message: str, kind: str) -> None:
        """Ends a container that failed."""

    def conversation_changed(self, scope: Scope, changed: Mapping[str, Value]) -> None:
        """Writes what a round changed of the conversation variables into the scope around the container."""


class ContainerRun(ABC):
    """A container that runs: its rounds so far, and those that are open."""

    def __init__(self, host: Host, scope: Scope, run: NodeRun) -> None:
        self.host = host
        self.scope = scope
        self.run = run
        self.began = time.monotonic()
        self.inputs: dict[str, Value] = {}
        self.open: dict[int, Scope] = {}
        self.starts: dict[int, float] = {}
        self.durations: dict[str, float] = {}
        self.answers: dict[int, str] = {}
        self.spent = Spent()
        self.exceptions = 0

    @abstractmethod
    def begin(self) -> None:
        """Starts the first round, or ends at once where there is none."""

    @abstractmethod
    def round_ended(self, round_scope: Scope) -> None:
        """Takes what a round gave, or why it failed, and goes on."""

    @abstractmethod
    def completed(self, status: NodeStatus, outputs: Mapping[str, Value], error: str | None) -> Event:
        """Returns the event that ends the container."""

    @abstractmethod
    def dump(self) -> dict[str, Any]:
        """Returns the state as JSON, without the open rounds."""

    @abstractmethod
    def load(self, state: Mapping[str, Any]) -> None:
        """Takes up a dumped state."""

    @property
    def metadata(self) -> dict[str, Value]:
        """What the container adds to its node's `execution_metadata`."""
        return {"duration_map": dict(self.durations)}

    @property
    def answer(self) -> str | None:
        """The answers of all rounds, by index; None where no response ran."""
        return "".join(self.answers[index] for index in sorted(self.answers)) if self.answers else None

    def _take(self, ended: Scope) -> None:
        """Takes from a round that ended what does not depend on how."""
        del self.open[ended.index]
        self.durations[str(ended.index)] = round(time.monotonic() - self.starts.pop(ended.index), 3)
        self.spent += ended.spent
        self.exceptions += ended.exceptions
        if isinstance(ended.outputs.get("answer"), str):
            self.answers[ended.index] = ended.outputs["answer"]

    def _open(self, index: int, pool: VariablePool, place: Place) -> None:
        self.starts[index] = time.monotonic()
        self.open[index] = self.host.open_scope(self.scope, self.run, index, pool, place)

    def _dump_rounds(self) -> dict[str, Any]:
        now = time.monotonic()
        return {
            "inputs": self.inputs,
            "elapsed": now - self.began,
            "starts": {str(index): now - start for index, start in self.starts.items()},
            "durations": self.durations,
            "answers": {str(index): answer for index, answer in self.answers.items()},
            "spent": [self.spent.tokens, str(self.spent.price), self.spent.currency],
            "exceptions": self.exceptions,
        }

    def _load_rounds(self, state: Mapping[str, Any]) -> None:
        now = time.monotonic()
        self.inputs = dict(state["inputs"])
        self.began = now - state["elapsed"]
        self.starts = {int(index): now - elapsed for index, elapsed in state["starts"].items()}
        self.durations = dict(state["durations"])
        self.answers = {int(index): answer for index, answer in state["answers"].items()}
        self.spent = load_spent(state["spent"])
        self.exceptions = state["exceptions"]


class IterationRun(ContainerRun):
    """Runs the inside once for each item. Results stand by index, whatever the order in which items end."""

    def __init__(self, host: Host, scope: Scope, run: NodeRun, data: IterationData) -> None:
        super().__init__(host, scope, run)
        self.data = data
        self.items: list[Value] = []
        self.next = 0
        self.results: dict[int, Value] = {}
        self.failed: dict[int, str] = {}
        self.kind = ""
        self.changed: dict[int, dict[str, Value]] = {}

    def begin(self) -> None:
        """Reads the list and starts as many items as may run at the same time.

        Raises:
            NodeFailure: there is no such variable, or it is no list.
        """
        known, items = self.scope.pool.find(tuple(self.data.iterator_selector))
        name = ".".join(self.data.iterator_selector)
        if not known:
            raise NodeFailure(f"There is no variable {name} to iterate over.", "IteratorVariableNotFoundError")
        if items is not None and not isinstance(items, list):
            raise NodeFailure(f"{name} is not a list, so it cannot be iterated over.", "InvalidIteratorValueError")
        self.items = items or []
        self.inputs = {"iterator_selector": self.items}
        self.host.tell(IterationStarted(self.run, self.inputs, len(self.items)))
        self._go_on()

    def round_ended(self, round_scope: Scope) -> None:
        """Takes an item's result and starts the next item."""
        index = round_scope.index
        self._take(round_scope)
        if round_scope.failure is not None:
            self.failed[index] = round_scope.failure.message
            self.kind = self.kind or round_scope.failure.kind
        else:
            self.results[index] = round_scope.pool.get(tuple(self.data.output_selector))
            if self.data.is_parallel:
                self.changed[index] = dict(round_scope.changed)
            else:
                self.host.conversation_changed(self.scope, round_scope.changed)
        self._go_on()

    def completed(self, status: NodeStatus, outputs: Mapping[str, Value], error: str | None) -> Event:
        """Returns the event that ends the iteration."""
        elapsed = time.monotonic() - self.began
        steps = len(self.durations)
        return IterationCompleted(
            self.run, self.inputs, outputs, status, error, elapsed, self.spent, steps, self.durations
        )

    @property
    def metadata(self) -> dict[str, Value]:
        """The time that each item took."""
        return {"iteration_duration_map": dict(self.durations)}

    def _go_on(self) -> None:
        stops = bool(self.failed) and self.data.error_handle_mode == "terminated"
        width = self.data.parallel_nums if self.data.is_parallel else 1
        while not stops and self.next < len(self.items) and len(self.open) < width:
            index, self.next = self.next, self.next + 1
            pool = self.scope.pool.inner()
            pool.put(self.run.node_id, {"item": self.items[index], "index": index})
            pool.set_apart(CONVERSATION)
            outer = self.scope.place
            place = Place(self.run.node_id, index, outer.loop_id, outer.loop_index)
            self.host.tell(IterationNext(self.run, index))
            self._open(index, pool, place)
        if self.open:
            return
        if stops:
            index = min(self.failed)
            self.host.container_failed(self.scope, self, f"Item {index}: {self.failed[index]}", self.kind)
            return
        for index in sorted(self.changed):
            self.host.conversation_changed(self.scope, self.changed[index])
        self.host.container_done(self.scope, self, {"output": self._output()})

    def _output(self) -> list[Value]:
        drop = self.data.error_handle_mode == "remove-abnormal-output"
        results = [self.results.get(index) for index in range(len(self.items)) if not (drop and index in self.failed)]
        lists = [result for result in results if result is not None]
        if self.data.flatten_output and lists and all(isinstance(result, list) for result in lists):
            return [entry for result in lists for entry in result]
        return results

    def dump(self) -> dict[str, Any]:
        """Returns the state as JSON."""
        return {
            **self._dump_rounds(),
            "items": self.items,
            "next": self.next,
            "results": {str(index): value for index, value in self.results.items()},
            "failed": {str(index): message for index, message in self.failed.items()},
            "kind": self.kind,
            "changed": {str(index): values for index, values in self.changed.items()},
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Takes up a dumped state."""
        self._load_rounds(state)
        self.items, self.next, self.kind = list(state["items"]), state["next"], state["kind"]
        self.results = {int(index): value for index, value in state["results"].items()}
        self.failed = {int(index): message for index, message in state["failed"].items()}
        self.changed = {int(index): values for index, values in state["changed"].items()}


class LoopRun(ContainerRun):
    """Runs the inside until a condition holds, a loop-end node runs, or the rounds are used up.

    The loop's variables live through all rounds; what the nodes inside gave is gone when the next round begins.
    """

    def __init__(self, host: Host, scope: Scope, run: NodeRun, data: LoopData) -> None:
        super().__init__(host, scope, run)
        self.data = data
        self.layer = scope.pool.inner()

    def begin(self) -> None:
        """Sets the variables and starts the first round.

        Raises:
            NodeFailure: a variable cannot be set.
        """
        self.layer.put(self.run.node_id, deepcopy(first_values(self.data, self.scope.pool)))
        self.inputs = {"loop_count": self.data.loop_count, **self.layer.values[self.run.node_id]}
        self.host.tell(LoopStarted(self.run, self.inputs, self._most))
        self._start(0)

    def round_ended(self, round_scope: Scope) -> None:
        """Starts the next round, or ends."""
        index = round_scope.index
        self._take(round_scope)
        if round_scope.failure is not None:
            failure = round_scope.failure
            self.host.container_failed(self.scope, self, f"Round {index}: {failure.message}", failure.kind)
            return
        self.scope.changed.update(round_scope.changed)
        try:
            done = round_scope.ends_loop or self._breaks(round_scope)
        except ConditionError as error:
            self.host.container_failed(self.scope, self, f"The break condition: {error}", "ConditionError")
            return
        if done or index + 1 >= self._most:
            self.host.container_done(self.scope, self, {**self._variables, "loop_round": index + 1})
            return
        self.host.tell(LoopNext(self.run, index + 1, dict(self._variables)))
        self._start(index + 1)

    def completed(self, status: NodeStatus, outputs: Mapping[str, Value], error: str | None) -> Event:
        """Returns the event that ends the loop."""
        elapsed = time.monotonic() - self.began
        steps = len(self.durations)
        return LoopCompleted(self.run, self.inputs, outputs, status, error, elapsed, self.spent, steps, self.durations)

    @property
    def metadata(self) -> dict[str, Value]:
        """The time that each round took."""
        return {"loop_duration_map": dict(self.durations)}

    @property
    def _variables(self) -> Mapping[str, Value]:
        return self.layer.values[self.run.node_id]

    @property
    def _most(self) -> int:
        return min(self.data.loop_count, self.host.limits.loop_rounds)

    def _start(self, index: int) -> None:
        outer = self.scope.place
        place = Place(outer.iteration_id, outer.iteration_index, self.run.node_id, index)
        self._open(index, self.layer.inner(), place)

    def _breaks(self, ended: Scope) -> bool:
        if not self.data.break_conditions:
            return False
        return conditions_hold(self.data.break_conditions, self.data.logical_operator, ended.pool)

    def dump(self) -> dict[str, Any]:
        """Returns the state as JSON."""
        return {**self._dump_rounds(), "layer": self.layer.values}

    def load(self, state: Mapping[str, Any]) -> None:
        """Takes up a dumped state."""
        self._load_rounds(state)
        self.layer.values = {node: dict(values) for node, values in state["layer"].items()}


def make_container(host: Host, scope: Scope, run: NodeRun, data: NodeData) -> ContainerRun:
    """Returns the container for a node's data."""
    if isinstance(data, IterationData):
        return IterationRun(host, scope, run, data)
    assert isinstance(data, LoopData)
    return LoopRun(host, scope, run, data)


def load_spent(state: list[Any]) -> Spent:
    """Returns what was spent, as a snapshot holds it."""
    return Spent(state[0], Decimal(state[1]), state[2])
