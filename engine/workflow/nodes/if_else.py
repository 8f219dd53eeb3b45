"""if-else: the first case whose conditions hold chooses the way; else `false`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from engine.workflow.conditions import OPERATORS, WITHOUT_EXPECTATION, ConditionError, holds, holds_for_entries, join
from engine.workflow.context import NodeContext
from engine.workflow.failure import NodeFailure
from engine.workflow.node import NodeData, NodeResult, NodeType, Part, Problem, Read, SelectorList
from engine.workflow.pool import VariablePool
from engine.workflow.references import references, render

ELSE = "false"


class SubCondition(Part):
    """A condition on one field of an entry, such as the type of a file."""

    key: str = Field(min_length=1)
    comparison_operator: str
    value: Any = None


class SubConditions(Part):
    """Conditions that an entry of a list has to meet."""

    logical_operator: Literal["and", "or"] = "and"
    conditions: list[SubCondition] = Field(default_factory=list)


class Condition(Part):
    """A comparison of a variable."""

    variable_selector: SelectorList = Field(min_length=2)
    comparison_operator: str
    value: Any = None
    sub_variable_condition: SubConditions | None = None


class Case(Part):
    """Conditions, and the way that is taken where they hold."""

    case_id: str = Field(min_length=1)
    logical_operator: Literal["and", "or"] = "and"
    conditions: list[Condition] = Field(default_factory=list)


class IfElseData(NodeData):
    """The data of an if-else node; `conditions` is how old graphs write a single case."""

    cases: list[Case] = Field(default_factory=list)
    conditions: list[Condition] = Field(default_factory=list)
    logical_operator: Literal["and", "or"] = "and"

    @property
    def all_cases(self) -> list[Case]:
        """The cases, in the order in which they are tried."""
        if self.cases or not self.conditions:
            return self.cases
        return [Case(case_id="true", logical_operator=self.logical_operator, conditions=self.conditions)]


def condition_holds(condition: Condition, pool: VariablePool) -> bool:
    """Tells whether a condition holds; texts to compare with may hold references.

    Raises:
        ConditionError: the comparison makes no sense for its values.
    """
    known, actual = pool.find(tuple(condition.variable_selector))
    inner = condition.sub_variable_condition
    if inner is not None and inner.conditions:
        return holds_for_entries(actual, lambda entry: _entry_meets(entry, inner, pool), condition.comparison_operator)
    return holds(condition.comparison_operator, actual, _expected(condition.value, pool), known=known)


def conditions_hold(conditions: Sequence[Condition], logical_operator: str, pool: VariablePool) -> bool:
    """Tells whether conditions hold together, looking at no more of them than it has to; none never do.

    Raises:
        ConditionError: a comparison makes no sense for its values.
    """
    return bool(conditions) and join(logical_operator, (condition_holds(entry, pool) for entry in conditions))


def condition_problems(conditions: Iterable[Condition], field: str) -> Iterator[Problem]:
    """Yields what cannot work in conditions."""
    for place, condition in enumerate(conditions):
        operator = condition.comparison_operator
        if operator not in OPERATORS:
            message = f'"{operator}" is not a comparison; use one of: {", ".join(OPERATORS)}.'
            yield Problem(f"{field}.{place}.comparison_operator", message, "enum")
        missing = condition.value is None or condition.value == ""
        inner = condition.sub_variable_condition
        if missing and operator not in WITHOUT_EXPECTATION and not (inner and inner.conditions):
            yield Problem(f"{field}.{place}.value", "The condition compares with nothing; give a value.", "required")


def condition_reads(conditions: Iterable[Condition], field: str) -> Iterator[Read]:
    """Yields the variables that conditions look at."""
    for place, condition in enumerate(conditions):
        yield Read(f"{field}.{place}.variable_selector", tuple(condition.variable_selector))
        if isinstance(condition.value, str):
            for selector in references(condition.value):
                yield Read(f"{field}.{place}.value", selector)


async def run(context: NodeContext, data: IfElseData) -> NodeResult:
    """Tries the cases in order."""
    tried: list[dict[str, Any]] = []
    seen: list[dict[str, Any]] = []
    chosen = ELSE
    for case in data.all_cases:
        try:
            met = conditions_hold(case.conditions, case.logical_operator, context.pool)
        except ConditionError as error:
            raise NodeFailure(f"Case {case.case_id}: {error}", "ConditionError") from error
        seen += _seen(context, case)
        tried.append({"case_id": case.case_id, "result": met})
        if met:
            chosen = case.case_id
            break
    context.inputs["conditions"] = seen
    context.process_data["condition_results"] = tried
    return NodeResult({"result": chosen != ELSE, "selected_case_id": chosen}, handle=chosen)


def _seen(context: NodeContext, case: Case) -> list[dict[str, Any]]:
    return [
        {
            "actual_value": context.value(condition.variable_selector),
            "expected_value": _expected(condition.value, context.pool),
            "comparison_operator": condition.comparison_operator,
        }
        for condition in case.conditions
    ]


def _expected(value: Any, pool: VariablePool) -> Any:
    if isinstance(value, str):
        return render(value, pool)
    if isinstance(value, list):
        return [_expected(entry, pool) for entry in value]
    return value


def _entry_meets(entry: Mapping[str, Any], inner: SubConditions, pool: VariablePool) -> bool:
    layer = VariablePool({"entry": {"value": dict(entry)}})
    return join(
        inner.logical_operator,
        (
            holds(
                condition.comparison_operator,
                _plain(layer.get(("entry", "value", condition.key)), condition.key),
                _plain(_expected(condition.value, pool), condition.key),
            )
            for condition in inner.conditions
        ),
    )


def _plain(value: Any, key: str) -> Any:
    """Returns a value as it is compared: extensions are the same with and without their dot."""
    if key != "extension":
        return value
    if isinstance(value, list):
        return [_plain(entry, key) for entry in value]
    return value.lstrip(".") if isinstance(value, str) else value


def _check(data: IfElseData) -> Iterator[Problem]:
    if not data.all_cases:
        yield Problem("cases", "The node has no case; add one, or remove the node.", "required")
    seen: set[str] = set()
    for place, case in enumerate(data.all_cases):
        if case.case_id in seen or case.case_id == ELSE:
            yield Problem(f"cases.{place}.case_id", f'The case id "{case.case_id}" is taken.', "unique")
        seen.add(case.case_id)
        if not case.conditions:
            yield Problem(f"cases.{place}.conditions", "The case has no condition.", "required")
        yield from condition_problems(case.conditions, f"cases.{place}.conditions")


def _reads(data: IfElseData) -> Iterator[Read]:
    for place, case in enumerate(data.all_cases):
        yield from condition_reads(case.conditions, f"cases.{place}.conditions")


TYPE = NodeType(
    "if-else",
    IfElseData,
    run,
    kind="branch",
    outputs=lambda data: {"result": "boolean", "selected_case_id": "string"},
    handles=lambda data: [*(case.case_id for case in data.all_cases), ELSE],
    reads=_reads,
    check=_check,
)
