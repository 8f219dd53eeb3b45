"""code: a function `main` in Python or JavaScript, run in the sandbox; its outputs are declared and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from engine.workflow.context import NodeContext
from engine.workflow.failure import CodeFailure
from engine.workflow.node import NodeData, NodeResult, NodeType, Part, Problem, Read, VariableInput
from engine.workflow.nodes.template import variable_reads
from engine.workflow.values import Value, fits_type

LONGEST_TEXT = 400_000
_MOST = {"array[string]": 30, "array[object]": 30, "array[number]": 1000, "array[boolean]": 1000}
_PRECISION = 20
_INT64 = range(-(2**63), 2**63)
_DEEPEST = 5


class CodeOutput(Part):
    """A declared output; the `children` of an object are declared in turn."""

    type: str = Field(min_length=1)
    children: dict[str, CodeOutput] | None = None


class CodeData(NodeData):
    """The data of a code node."""

    code_language: Literal["python3", "javascript"] = "python3"
    code: str = ""
    variables: list[VariableInput] = Field(default_factory=list)
    outputs: dict[str, CodeOutput] = Field(default_factory=dict)


async def run(context: NodeContext, data: CodeData) -> NodeResult:
    """Calls `main` with the variables by their names and checks what it returned."""
    runner = context.need(context.services.code, "code runner")
    context.inputs.update({entry.variable: context.value(entry.value_selector) for entry in data.variables})
    returned = await runner.run(data.code_language, data.code, context.inputs)
    if not isinstance(returned, Mapping):
        raise CodeFailure("main() has to return an object with the declared outputs.", "OutputValidationError")
    return NodeResult(checked_outputs(returned, data.outputs))


def checked_outputs(returned: Mapping[str, Any], declared: Mapping[str, CodeOutput]) -> dict[str, Value]:
    """Returns the declared outputs of what code returned.

    Args:
        returned: what `main` returned.
        declared: the outputs by name; with none declared, everything is taken as it is.

    Raises:
        CodeFailure: an output is missing, is not of its type, or is too large.
    """
    _check_value("The result", dict(returned), 1)
    if not declared:
        return {str(name): value for name, value in returned.items()}
    outputs: dict[str, Value] = {}
    for name, output in declared.items():
        if name not in returned:
            raise CodeFailure(f"main() returned no {name}.", "OutputValidationError")
        outputs[name] = _checked(name, returned[name], output)
    return outputs


def _checked(name: str, value: Any, declared: CodeOutput) -> Value:
    if value is None:
        return None
    if declared.type == "boolean" and value in (0, 1):
        value = bool(value)
    if not fits_type(value, declared.type):
        raise CodeFailure(f"{name} is not of type {declared.type}.", "OutputValidationError")
    if isinstance(value, list) and len(value) > _MOST.get(declared.type, len(value)):
        message = f"{name} has {len(value)} entries; at most {_MOST[declared.type]} are allowed."
        raise CodeFailure(message, "OutputValidationError")
    if isinstance(value, Mapping) and declared.children:
        return {**value, **_children(name, value, declared.children)}
    if isinstance(value, list) and declared.type == "array[object]" and declared.children:
        return [
            {**entry, **_children(f"{name}.{place}", entry, declared.children)} for place, entry in enumerate(value)
        ]
    return value


def _children(name: str, value: Mapping[str, Any], declared: Mapping[str, CodeOutput]) -> dict[str, Value]:
    found = {}
    for child, output in declared.items():
        if child not in value:
            raise CodeFailure(f"{name} has no {child}.", "OutputValidationError")
        found[child] = _checked(f"{name}.{child}", value[child], output)
    return found


def _check_value(name: str, value: Any, depth: int) -> None:
    """Refuses what is no JSON, or larger than variables may be."""
    problem = None
    if depth > _DEEPEST + 1:
        problem = f"is nested more than {_DEEPEST} deep"
    elif isinstance(value, str) and len(value) > LONGEST_TEXT:
        problem = f"has {len(value)} characters; at most {LONGEST_TEXT} are allowed"
    elif isinstance(value, int) and value not in _INT64:
        problem = "is a whole number of more than 64 bits"
    elif isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        problem = "is not a finite number"
    elif isinstance(value, float) and len(repr(value).partition(".")[2].partition("e")[0]) > _PRECISION:
        problem = f"has more than {_PRECISION} decimal places"
    elif not (value is None or isinstance(value, str | int | float | bool | list | dict)):
        problem = f"is a {type(value).__name__}, which JSON does not have"
    if problem is not None:
        raise CodeFailure(f"{name} {problem}.", "OutputValidationError")
    if isinstance(value, dict):
        for key, entry in value.items():
            if not isinstance(key, str):
                raise CodeFailure(f"{name} has a key that is not a text.", "OutputValidationError")
            _check_value(key if depth == 1 else f"{name}.{key}", entry, depth + 1)
    elif isinstance(value, list):
        for place, entry in enumerate(value):
            _check_value(f"{name}.{place}", entry, depth + 1)


def _reads(data: CodeData) -> Iterator[Read]:
    return variable_reads(data.variables)


def _check(data: CodeData) -> Iterator[Problem]:
    if not data.code.strip():
        yield Problem("code", "The code is empty.", "required")
    if not data.outputs:
        yield Problem("outputs", "No output is declared.", "required")


TYPE = NodeType(
    "code",
    CodeData,
    run,
    outputs=lambda data: {name: output.type for name, output in data.outputs.items()},
    reads=_reads,
    check=_check,
)
