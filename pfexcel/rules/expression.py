"""The expression language of the rulebook: what may be written, and reading it.

`targets.py` turns what is read into Python, numpy, an Excel formula and words.

A *measure* is arithmetic: names, 0, `+ - * /`, `abs min max sqrt`; it divides only by a bare name. A *condition*
compares measures and limits (chains allowed), a choice with a text, or names a yes/no entry, joined by `and or not`.
The only number that may be written is 0: every other number is a named limit, so that it carries its source. The
syntax is Python's, read with `ast` and never run as it stands.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property

FUNCTIONS = ("abs", "min", "max", "sqrt")
YES = "Yes"
ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


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
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
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
            if any(type(op) not in COMPARISONS for op in ops):
                raise _refuse(text, node, "compare with < <= > >= == !=")
            if _is_text(rights[0]):
                if len(ops) > 1 or not isinstance(left, ast.Name) or type(ops[0]) not in (ast.Eq, ast.NotEq):
                    raise ExpressionError(f"{text!r}: a text is compared with one name, by == or !=")
                return
            for side in (left, *rights):
                _check_arithmetic(text, side)
                if any(isinstance(part, ast.Div | ast.Call) for part in ast.walk(side)):
                    raise ExpressionError(
                        f"{text!r}: a condition works nothing out; make it a measure, and compare that"
                    )
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
