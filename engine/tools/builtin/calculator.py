"""A calculator: arithmetic on a parsed expression, with bounds on size. Nothing is ever executed."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from engine.tools.builtin.builtin_tool import BuiltinProvider, BuiltinTool, result, schema
from engine.tools.tool import ToolContext, ToolFailure, ToolResult, words

Number: TypeAlias = int | float

_LONGEST = 1_000
_MOST_BITS = 4_096
_LARGEST_FACTORIAL = 500
_MOST_ARGUMENTS = 200
_CONSTANTS: Mapping[str, Number] = {"pi": math.pi, "e": math.e, "tau": math.tau}


def calculate(expression: str) -> Number:
    """Returns the value of an expression of numbers, `+ - * / // % ** ^`, brackets, functions and constants.

    `^` is a power, as people write it.

    Raises:
        ToolFailure: it is not such an expression, is too large, or has no value.
    """
    text = expression.strip().replace("^", "**").replace("×", "*").replace("÷", "/").replace("−", "-")
    if not text or len(text) > _LONGEST:
        raise ToolFailure(f"An expression has 1 to {_LONGEST} characters.")
    try:
        tree = ast.parse(text, mode="eval")
        return _plain(_value(tree.body))
    except SyntaxError as error:
        raise ToolFailure(f"{expression!r} is not an arithmetic expression.") from error
    except (ArithmeticError, ValueError, TypeError) as error:
        raise ToolFailure(f"The expression has no value: {error}.") from error
    except (RecursionError, MemoryError) as error:
        raise ToolFailure("The expression is nested too deeply.") from error


def _value(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=value) if isinstance(value, int | float) and not isinstance(value, bool):
            return _bounded(value)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return +_value(operand)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _bounded(_OPERATORS[type(op)](_value(left), _value(right)))
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            if len(arguments) > _MOST_ARGUMENTS:
                raise ToolFailure(f"A function takes at most {_MOST_ARGUMENTS} arguments.")
            return _bounded(_FUNCTIONS[name](*map(_value, arguments)))
    known = ", ".join(sorted(_FUNCTIONS))
    raise ToolFailure(f"Only numbers, + - * / // % ** and these functions can be used: {known}; pi, e, tau.")


def _bounded(value: Number) -> Number:
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise ToolFailure("The value is too large.")
    if not isinstance(value, int | float):
        raise ToolFailure("The expression has no real value.")
    return value


def _plain(value: Number) -> Number:
    if isinstance(value, float) and not math.isfinite(value):
        raise ToolFailure("The value is not finite.")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, int) and isinstance(exponent, int) and exponent > 0:
        if base.bit_length() * exponent > _MOST_BITS:
            raise ToolFailure("The value is too large.")
        return int(base**exponent)
    value = base**exponent
    if isinstance(value, complex):
        raise ToolFailure("The expression has no real value.")
    return float(value)


def _factorial(value: Number) -> Number:
    if value != int(value) or not 0 <= value <= _LARGEST_FACTORIAL:
        raise ToolFailure(f"factorial takes whole numbers from 0 to {_LARGEST_FACTORIAL}.")
    return math.factorial(int(value))


def _log(value: Number, base: Number = math.e) -> Number:
    return math.log(value) if base == math.e else math.log(value, base)


def _round(value: Number, digits: Number = 0) -> Number:
    return round(value, max(-50, min(50, int(digits))))


_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
_FUNCTIONS: Mapping[str, Callable[..., Number]] = {
    "abs": abs,
    "ceil": math.ceil,
    "cos": math.cos,
    "degrees": math.degrees,
    "exp": math.exp,
    "factorial": _factorial,
    "floor": math.floor,
    "ln": math.log,
    "log": _log,
    "log10": math.log10,
    "log2": math.log2,
    "max": lambda *numbers: max(numbers),
    "mean": lambda *numbers: math.fsum(numbers) / len(numbers),
    "min": lambda *numbers: min(numbers),
    "radians": math.radians,
    "round": _round,
    "sin": math.sin,
    "sqrt": math.sqrt,
    "sum": lambda *numbers: sum(numbers),
    "tan": math.tan,
}


async def _evaluate(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    value = calculate(str(arguments["expression"]))
    return result(str(value), {"result": value})


CALCULATOR = BuiltinProvider(
    name="maths",
    label=words("Calculator", "计算器"),
    description=words("Exact arithmetic.", "精确的算术。"),
    emoji="🧮",
    background="#FEF3C7",
    labels=("utilities", "productivity"),
    tools=(
        BuiltinTool(
            "eval_expression",
            words("Calculate", "计算表达式"),
            "Calculates an arithmetic expression. Use it for every calculation instead of doing it yourself.",
            words("The value of an arithmetic expression.", "计算算术表达式的值。"),
            _evaluate,
            schema(
                ("expression",),
                expression={
                    "type": "string",
                    "maxLength": _LONGEST,
                    "description": "Numbers, + - * / // % **, brackets, and functions such as sqrt, log, round, max.",
                },
            ),
        ),
    ),
)
