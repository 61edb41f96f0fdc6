"""What an expression is turned into: a Python function, a numpy function, an Excel formula, words."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pfexcel.rules.expression import ARITHMETIC, COMPARISONS, YES, Expression
from pfexcel.rules.rounding import DECIMALS, SCALE, round_measure, round_measures

_SPOKEN = {
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
    "==": "is",
    "!=": "is not",
}


# --- Python and numpy ------------------------------------------------------------------------------------------------


def _source(node: ast.expr, names: Mapping[str, str], vector: bool) -> str:
    """The Python source of a checked tree; `names` gives what stands for a name (itself where it is not there)."""

    def emit(part: ast.expr) -> str:
        return _source(part, names, vector)

    def side(part: ast.expr) -> str:
        return emit(part) if _bare(part) else f"rounded({emit(part)})"

    match node:
        case ast.Name(id=name):
            return names.get(name, name)
        case ast.Constant(value=value):
            return repr(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"(-{emit(operand)})"
        case ast.UnaryOp(operand=operand):
            return f"(~{_truth(operand, names, vector)})" if vector else f"(not {_truth(operand, names, vector)})"
        case ast.BinOp(left=left, op=ast.Div(), right=right) if vector:
            return f"quotient({emit(left)}, {emit(right)})"
        case ast.BinOp(left=left, op=op, right=right):
            return f"({emit(left)} {ARITHMETIC[type(op)]} {emit(right)})"
        case ast.Call(func=ast.Name(id=name), args=args):
            return f"{name}({', '.join(emit(arg) for arg in args)})"
        case ast.BoolOp(op=op, values=values):
            word = ("&" if vector else "and") if isinstance(op, ast.And) else ("|" if vector else "or")
            return "(" + f" {word} ".join(_truth(value, names, vector) for value in values) + ")"
        case ast.Compare(left=left, ops=ops, comparators=rights):
            sides = [side(part) for part in (left, *rights)]
            pairs = [f"({a} {COMPARISONS[type(op)]} {b})" for a, op, b in zip(sides[:-1], ops, sides[1:], strict=True)]
            return "(" + (" & " if vector else " and ").join(pairs) + ")"
    raise AssertionError(ast.dump(node))


def _truth(node: ast.expr, names: Mapping[str, str], vector: bool) -> str:
    source = _source(node, names, vector)
    return f"({source} == {YES!r})" if isinstance(node, ast.Name) else source


def _bare(node: ast.expr) -> bool:
    """Is this side of a comparison rounded already: a measure, a limit, its negative, 0 or a text?"""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _bare(node.operand)
    return isinstance(node, ast.Name | ast.Constant)


_SCALAR = {"abs": abs, "min": min, "max": max, "sqrt": math.sqrt, "rounded": round_measure}


def _vector() -> dict[str, Any]:
    import functools

    import numpy as np

    def least(*arrays: Any) -> Any:
        return functools.reduce(np.minimum, arrays)

    def most(*arrays: Any) -> Any:
        return functools.reduce(np.maximum, arrays)

    def quotient(dividend: Any, divisor: Any) -> Any:
        """NaN where the divisor is 0, so that `min` and `max` do not hide a division that has no result."""
        found, zero = np.divide(dividend, divisor), np.equal(divisor, 0)
        return np.where(zero, np.nan, found) if zero.any() else found

    return {
        "abs": np.abs,
        "min": least,
        "max": most,
        "sqrt": np.sqrt,
        "quotient": quotient,
        "rounded": round_measures,
    }


def _function(source: str, arguments: Sequence[str], vector: bool) -> Callable[..., Any]:
    scope = _vector() if vector else dict(_SCALAR)
    return eval(f"lambda {', '.join(arguments)}: {source}", {"__builtins__": {}, **scope})


def _constants(limits: Mapping[str, float]) -> dict[str, str]:
    return {name: repr(float(value)) for name, value in limits.items()}


def function(
    expression: Expression, arguments: Sequence[str], limits: Mapping[str, float], vector: bool = False
) -> Callable[..., Any]:
    """The expression as a function of `arguments` (numbers and texts, or arrays of them), limits built in.

    A measure comes out rounded, a condition as true or false.

    >>> from pfexcel.rules.expression import parse_condition, parse_measure
    >>> function(parse_measure("a / b"), ["a", "b"], {})(57, 60)
    0.95
    >>> function(parse_condition("a < most"), ["a"], {"most": 0.5})(0.4)
    True
    """
    names = _constants(limits)
    if expression.condition:
        return _function(_truth(expression.tree, names, vector), arguments, vector)
    return _function(f"rounded({_source(expression.tree, names, vector)})", arguments, vector)


def first_true(
    conditions: Sequence[Expression | None], arguments: Sequence[str], limits: Mapping[str, float]
) -> Callable[..., int]:
    """A function of `arguments` that gives the position of the first condition that holds (None always holds).

    >>> from pfexcel.rules.expression import parse_condition
    >>> grade = first_true([parse_condition("v >= high"), None], ["v"], {"high": 0.5})
    >>> grade(0.5), grade(0.4)
    (0, 1)
    """
    source = ""
    for position, condition in enumerate(conditions):
        if condition is None:
            source += str(position)
            break
        source += f"{position} if {_truth(condition.tree, _constants(limits), False)} else "
    return _function(source, arguments, False)


def scored(
    measures: Mapping[str, tuple[Expression, Mapping[str, float]]],
    conditions: Sequence[Expression | None],
    results: Sequence[float],
    limits: Mapping[str, float],
) -> Callable[[Mapping[str, Any]], tuple[float, float]]:
    """One function for a whole indicator, from the entries by name to its `value` and its score.

    It raises TypeError, ValueError or ArithmeticError where an entry is None or a measure has no finite result.

    >>> from pfexcel.rules.expression import parse_condition, parse_measure
    >>> steps = [parse_condition("value >= high"), None]
    >>> margin = scored({"value": (parse_measure("a / b"), {})}, steps, [3.0, 1.0], {"high": 0.5})
    >>> margin({"a": 57, "b": 60})
    (0.95, 3.0)
    """
    lines, names = _measured(measures)
    for condition, result in zip(conditions, results, strict=True):
        when = "" if condition is None else f"if {_truth(condition.tree, _constants(limits) | names, False)}: "
        lines.append(f"{when}return {names['value']}, {float(result)!r}")
    return _of_entries(lines)


def holds(
    measures: Mapping[str, tuple[Expression, Mapping[str, float]]],
    condition: Expression,
    limits: Mapping[str, float],
    choices: Sequence[str],
) -> Callable[[Mapping[str, Any]], bool]:
    """One function for a whole over-riding rule, from the entries by name to whether it holds; it raises as `scored`.

    >>> from pfexcel.rules.expression import parse_condition, parse_measure
    >>> few = {"share": (parse_measure("a / b"), {})}
    >>> holds(few, parse_condition("share < most and late"), {"most": 0.5}, ["late"])({"a": 1, "b": 4, "late": "Yes"})
    True
    """
    lines, names = _measured(measures)
    chosen = {choice: f"entry_{choice}" for choice in choices}
    for choice, name in chosen.items():
        lines.append(f"{name} = entries[{choice!r}]")
        lines.append(f"if {name} is None: raise TypeError")
    lines.append(f"return {_truth(condition.tree, _constants(limits) | names | chosen, False)}")
    return _of_entries(lines)


def _measured(
    measures: Mapping[str, tuple[Expression, Mapping[str, float]]],
) -> tuple[list[str], dict[str, str]]:
    """The lines that work out measures, each rounded, and the name that stands for each.

    Entries and measures get a word before their names: an edition may call an entry as it likes, `raw` or `floor` too.
    """
    used = dict.fromkeys(name for found, own in measures.values() for name in found.names if name not in own)
    entries = {name: f"entry_{name}" for name in used}
    lines = [f"{stands} = entries[{name!r}]" for name, stands in entries.items()]
    names = {name: f"measured_{name}" for name in measures}
    up, down = f"floor(raw * {SCALE!r} + 0.5) / {SCALE!r}", f"-(floor(raw * {-SCALE!r} + 0.5) / {SCALE!r})"
    for name, (expression, own) in measures.items():
        lines.append(f"raw = {_source(expression.tree, entries | _constants(own), False)}")
        lines.append(f"{names[name]} = {up} if raw >= 0.0 else {down}")  # round_measure, where it stays finite
    return lines, names


def _of_entries(lines: Sequence[str]) -> Callable[[Mapping[str, Any]], Any]:
    scope: dict[str, Any] = {"__builtins__": {}, "floor": math.floor, "TypeError": TypeError, **_SCALAR}
    exec("\n ".join(["def of_entries(entries):", *lines]), scope)
    return scope["of_entries"]


# --- Excel -----------------------------------------------------------------------------------------------------------


def excel(expression: Expression, cells: Mapping[str, str]) -> str:
    """The Excel formula (without `=`) over `cells`, which names the reference or formula that stands for each name.

    >>> from pfexcel.rules.expression import parse_condition
    >>> excel(parse_condition("low <= value <= high"), {"low": "B1", "value": "A1", "high": "B2"})
    'AND(B1<=A1,A1<=B2)'
    """
    return _excel_truth(expression.tree, cells) if expression.condition else _excel(expression.tree, cells)


def _excel_truth(node: ast.expr, cells: Mapping[str, str]) -> str:
    return f'{cells[node.id]}="{YES}"' if isinstance(node, ast.Name) else _excel(node, cells)


def _excel(node: ast.expr, cells: Mapping[str, str]) -> str:
    def emit(part: ast.expr) -> str:
        return _excel(part, cells)

    def side(part: ast.expr) -> str:
        return emit(part) if _bare(part) else f"ROUND({emit(part)},{DECIMALS})"

    def nested(part: ast.expr) -> str:
        return f"({emit(part)})" if isinstance(part, ast.BinOp) else emit(part)

    match node:
        case ast.Name(id=name):
            return cells[name]
        case ast.Constant(value=value):
            return '"' + str(value).replace('"', '""') + '"' if isinstance(value, str) else repr(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{nested(operand)}"
        case ast.UnaryOp(operand=operand):
            return f"NOT({_excel_truth(operand, cells)})"
        case ast.BinOp(left=left, op=op, right=right):
            return f"{nested(left)}{ARITHMETIC[type(op)]}{nested(right)}"
        case ast.Call(func=ast.Name(id=name), args=args):
            return f"{name.upper()}({','.join(emit(arg) for arg in args)})"
        case ast.BoolOp(op=op, values=values):
            word = "AND" if isinstance(op, ast.And) else "OR"
            return f"{word}({','.join(_excel_truth(value, cells) for value in values)})"
        case ast.Compare(left=left, ops=ops, comparators=rights):
            spelled = {"==": "=", "!=": "<>"}
            sides = [side(part) for part in (left, *rights)]
            signs = [spelled.get(sign, sign) for sign in (COMPARISONS[type(op)] for op in ops)]
            pairs = [f"{a}{sign}{b}" for a, sign, b in zip(sides[:-1], signs, sides[1:], strict=True)]
            return pairs[0] if len(pairs) == 1 else f"AND({','.join(pairs)})"
    raise AssertionError(ast.dump(node))


# --- words -----------------------------------------------------------------------------------------------------------


def words(expression: Expression, say: Callable[[ast.expr], str]) -> str:
    """The expression as a sentence; `say` speaks a side of a comparison, a yes/no name or a term of arithmetic.

    >>> from pfexcel.rules.expression import parse_condition
    >>> words(parse_condition("value >= three and not late"), lambda part: ast.unparse(part))
    'value is at least three and not late'
    """
    return _words(expression.tree, say)


def _words(node: ast.expr, say: Callable[[ast.expr], str]) -> str:
    match node:
        case ast.BoolOp(op=op, values=values):
            return (" and " if isinstance(op, ast.And) else " or ").join(_clause(value, say) for value in values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"not {_clause(operand, say)}"
        case ast.Compare(left=left, ops=[low, high], comparators=[middle, right]) if all(
            isinstance(op, ast.LtE) for op in (low, high)
        ):
            return f"{say(middle)} is from {say(left)} to {say(right)}"
        case ast.Compare(left=left, ops=ops, comparators=rights):
            sides = (left, *rights)
            return " and ".join(
                f"{say(a)} {_SPOKEN[COMPARISONS[type(op)]]} {say(b)}"
                for a, op, b in zip(sides[:-1], ops, sides[1:], strict=True)
            )
        case ast.BinOp(left=left, op=op, right=right):
            sign = {"/": "÷", "*": "×", "-": "−", "+": "+"}[ARITHMETIC[type(op)]]
            return f"{_term(left, say)} {sign} {_term(right, say)}"
        case ast.Call(func=ast.Name(id=name), args=args):
            spoken = {
                "abs": "the size of",
                "min": "the smaller of",
                "max": "the larger of",
                "sqrt": "the square root of",
            }
            return f"{spoken[name]} ({' and '.join(_words(arg, say) for arg in args)})"
    return say(node)


def _clause(node: ast.expr, say: Callable[[ast.expr], str]) -> str:
    return f"({_words(node, say)})" if isinstance(node, ast.BoolOp) else _words(node, say)


def _term(node: ast.expr, say: Callable[[ast.expr], str]) -> str:
    return f"({_words(node, say)})" if isinstance(node, ast.BinOp) else _words(node, say)
