"""The expression language of the rulebook: one text gives Python, numpy, an Excel formula and words.

A *measure* is arithmetic: names, 0, `+ - * /`, `abs min max sqrt`; it divides only by a bare name. A *condition*
compares measures and limits (chains allowed), a choice with a text, or names a yes/no entry, joined by `and or not`.
The only number that may be written is 0: every other number is a named limit, so that it carries its source. The
syntax is Python's, read with `ast` and never run as it stands.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pfexcel.rules.rounding import DECIMALS, round_measure, round_measures

FUNCTIONS = ("abs", "min", "max", "sqrt")
YES = "Yes"

_ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_SPOKEN = {
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
    "==": "is",
    "!=": "is not",
}


class ExpressionError(ValueError):
    """An expression that the language does not allow; the message says what and what to do."""


@dataclass(frozen=True)
class Expression:
    """A parsed measure or condition: its text as written and its tree."""

    text: str
    tree: ast.expr = field(repr=False, compare=False)
    condition: bool = False

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every name used, in the order of the text, each once."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.Name)]
        called = {node.func for node in ast.walk(self.tree) if isinstance(node, ast.Call)}
        ordered = sorted((n for n in found if n not in called), key=lambda n: (n.lineno, n.col_offset))
        return tuple(dict.fromkeys(n.id for n in ordered))

    @cached_property
    def comparisons(self) -> tuple[tuple[str, ...], ...]:
        """The names that each comparison sets side by side (they share a unit)."""
        return tuple(
            tuple(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Compare)
        )

    @cached_property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Each (name, text) pair that a comparison with a text holds."""
        return tuple(
            (node.left.id, str(node.comparators[0].value))
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Compare)
            and isinstance(node.left, ast.Name)
            and isinstance(node.comparators[0], ast.Constant)
            and isinstance(node.comparators[0].value, str)
        )

    @cached_property
    def flags(self) -> tuple[str, ...]:
        """The names used by themselves as yes or no."""
        return tuple(node.id for node in _flag_nodes(self.tree))


def parse_measure(text: str) -> Expression:
    """Read a measure.

    >>> parse_measure("ytd_ebitda / ytd_income").names
    ('ytd_ebitda', 'ytd_income')
    >>> parse_measure("income.real")
    Traceback (most recent call last):
    ...
    pfexcel.rules.expression.ExpressionError: 'income.real': an attribute is not allowed; use names, 0, + - * /...
    """
    tree = _tree(text)
    _check_arithmetic(text, tree)
    return Expression(text, tree)


def parse_condition(text: str) -> Expression:
    """Read a condition.

    >>> parse_condition("low <= value <= high").names
    ('low', 'value', 'high')
    """
    tree = _tree(text)
    _check_condition(text, tree)
    return Expression(text, tree, condition=True)


def _tree(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError(f"{text!r}: cannot be read; check brackets and operators") from None


_NAMED = {
    ast.Attribute: "an attribute",
    ast.Subscript: "an index",
    ast.Lambda: "a function",
    ast.JoinedStr: "a formatted text",
    ast.Constant: "this constant",
    ast.Call: "this call",
    ast.NamedExpr: "an assignment",
    ast.IfExp: "an if",
    ast.Compare: "a comparison",
    ast.BoolOp: "and/or",
}


def _refuse(text: str, node: ast.AST, instead: str) -> ExpressionError:
    what = _NAMED.get(type(node), f"a {type(node).__name__.lower()}")
    return ExpressionError(f"{text!r}: {what} is not allowed; {instead}")


def _check_arithmetic(text: str, node: ast.expr) -> None:
    use = "use names, 0, + - * / and abs min max sqrt"
    match node:
        case ast.Name():
            if node.id in FUNCTIONS:
                raise ExpressionError(f"{text!r}: {node.id} is a function; give it its arguments in brackets")
        case ast.Constant(value=value):
            if type(value) is not int or value != 0:
                raise ExpressionError(
                    f"{text!r}: {value!r} may not be written here; 0 is the only number, make it a named limit"
                )
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            _check_arithmetic(text, operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            if isinstance(op, ast.Div) and not isinstance(right, ast.Name):
                raise ExpressionError(f"{text!r}: divides by something else than one name; divide by a name")
            _check_arithmetic(text, left)
            _check_arithmetic(text, right)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            wanted = 1 if name in ("abs", "sqrt") else 2
            if len(args) < wanted or (wanted == 1 and len(args) > 1):
                raise ExpressionError(
                    f"{text!r}: {name} takes {'one argument' if wanted == 1 else 'two or more arguments'}"
                )
            for arg in args:
                _check_arithmetic(text, arg)
        case _:
            raise _refuse(text, node, use)


def _check_condition(text: str, node: ast.expr) -> None:
    use = "use comparisons, yes/no names, and or not"
    match node:
        case ast.BoolOp(values=values):
            for value in values:
                _check_condition(text, value)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            _check_condition(text, operand)
        case ast.Name():
            if node.id in FUNCTIONS:
                raise ExpressionError(f"{text!r}: {node.id} is a function; compare its result with something")
        case ast.Compare(left=left, ops=ops, comparators=rights):
            if any(type(op) not in _COMPARISONS for op in ops):
                raise _refuse(text, node, "compare with < <= > >= == !=")
            if _is_text(rights[0]):
                if len(ops) > 1 or not isinstance(left, ast.Name) or type(ops[0]) not in (ast.Eq, ast.NotEq):
                    raise ExpressionError(f"{text!r}: a text is compared with one name, by == or !=")
                return
            for side in (left, *rights):
                _check_arithmetic(text, side)
        case _:
            raise _refuse(text, node, use)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _flag_nodes(node: ast.expr) -> list[ast.Name]:
    match node:
        case ast.Name():
            return [node]
        case ast.BoolOp(values=values):
            return [flag for value in values for flag in _flag_nodes(value)]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _flag_nodes(operand)
    return []


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
            return f"({emit(left)} {_ARITHMETIC[type(op)]} {emit(right)})"
        case ast.Call(func=ast.Name(id=name), args=args):
            return f"{name}({', '.join(emit(arg) for arg in args)})"
        case ast.BoolOp(op=op, values=values):
            word = ("&" if vector else "and") if isinstance(op, ast.And) else ("|" if vector else "or")
            return "(" + f" {word} ".join(_truth(value, names, vector) for value in values) + ")"
        case ast.Compare(left=left, ops=ops, comparators=rights):
            sides = [side(part) for part in (left, *rights)]
            pairs = [f"({a} {_COMPARISONS[type(op)]} {b})" for a, op, b in zip(sides[:-1], ops, sides[1:], strict=True)]
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


# --- Excel -----------------------------------------------------------------------------------------------------------


def excel(expression: Expression, cells: Mapping[str, str]) -> str:
    """The Excel formula (without `=`) over `cells`, which names the reference or formula that stands for each name.

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
            return f"{nested(left)}{_ARITHMETIC[type(op)]}{nested(right)}"
        case ast.Call(func=ast.Name(id=name), args=args):
            return f"{name.upper()}({','.join(emit(arg) for arg in args)})"
        case ast.BoolOp(op=op, values=values):
            word = "AND" if isinstance(op, ast.And) else "OR"
            return f"{word}({','.join(_excel_truth(value, cells) for value in values)})"
        case ast.Compare(left=left, ops=ops, comparators=rights):
            spelled = {"==": "=", "!=": "<>"}
            sides = [side(part) for part in (left, *rights)]
            signs = [spelled.get(sign, sign) for sign in (_COMPARISONS[type(op)] for op in ops)]
            pairs = [f"{a}{sign}{b}" for a, sign, b in zip(sides[:-1], signs, sides[1:], strict=True)]
            return pairs[0] if len(pairs) == 1 else f"AND({','.join(pairs)})"
    raise AssertionError(ast.dump(node))


# --- words -----------------------------------------------------------------------------------------------------------


def words(expression: Expression, say: Callable[[ast.expr], str]) -> str:
    """The expression as a sentence; `say` speaks a side of a comparison, a yes/no name or a term of arithmetic.

    >>> words(parse_condition("value >= three and not late"), lambda part: ast.unparse(part))
    'value is at least three and not late'
    """
    return _words(expression.tree, say)


def _words(node: ast.expr, say: Callable[[ast.expr], str]) -> str:
    match node:
        case ast.BoolOp(op=op, values=values):
            return (" and " if isinstance(op, ast.And) else " or ").join(_words(value, say) for value in values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"not {_words(operand, say)}"
        case ast.Compare(left=left, ops=[low, high], comparators=[middle, right]) if all(
            isinstance(op, ast.LtE) for op in (low, high)
        ):
            return f"{say(middle)} is from {say(left)} to {say(right)}"
        case ast.Compare(left=left, ops=ops, comparators=rights):
            sides = (left, *rights)
            return " and ".join(
                f"{say(a)} {_SPOKEN[_COMPARISONS[type(op)]]} {say(b)}"
                for a, op, b in zip(sides[:-1], ops, sides[1:], strict=True)
            )
        case ast.BinOp(left=left, op=op, right=right):
            sign = {"/": "÷", "*": "×", "-": "−", "+": "+"}[_ARITHMETIC[type(op)]]
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


def _term(node: ast.expr, say: Callable[[ast.expr], str]) -> str:
    return f"({_words(node, say)})" if isinstance(node, ast.BinOp) else _words(node, say)
