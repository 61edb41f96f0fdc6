"""Formulas of the worked examples: worked out by the registry as a sheet would, and moved to another place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from pfexcel.functions import FUNCTIONS, Cell, CellError, Grid, call
from pfexcel.workbook.layout import column_letter

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"]|"")*")|(?P<name>[A-Z][A-Z0-9_.]*)(?=\()|(?P<range>[A-Z]{1,3}[1-9]\d*(?::[A-Z]{1,3}[1-9]\d*)?)'
    r"|(?P<logical>TRUE|FALSE)|(?P<number>-?\d+(?:\.\d+)?)|(?P<mark>[(),]))"
)
_OUTSIDE_TEXTS = re.compile(r'("(?:[^"]|"")*")')
_RANGE = re.compile(r"(?<![A-Z0-9_.:])[A-Z]{1,3}[1-9]\d*(?::[A-Z]{1,3}[1-9]\d*)?(?![A-Z0-9_(.])")
_ADDRESS = re.compile(r"(?<![A-Z0-9_.])([A-Z]{1,3})([1-9]\d*)(?![A-Z0-9_(.])")


class Token(NamedTuple):
    kind: str
    text: str


def evaluate(formula: str, cells: Sequence[Sequence[Cell]]) -> Cell | Grid:
    """What a formula answers over a block of cells whose first is A1.

    It may nest the worksheet functions in each other and in IFERROR, ISERROR, ISNA, INDEX, LEFT and RIGHT.

    Raises:
        ValueError: for a formula that is none of this.

    >>> evaluate('=IFERROR(PF_LEAD(A1:A2),"?")', [["Underperforming"], ["Good"]])
    [['SHA'], ['?']]
    """
    tokens = list(_tokens(formula.removeprefix("=")))
    value = _expression(tokens, cells)
    if tokens[0].kind != "end":
        raise ValueError(f"{formula}: {tokens[0].text!r} is one too many")
    return value


def moved(formula: str, rows: int, columns: int, sheet: str = "") -> str:
    """A formula whose cells lie so many rows further down and so many columns further right, or on another sheet.

    >>> moved('=PF_INDICATOR("ae_4h",A1:B1,A2:B2,"score")', 4, 1)
    '=PF_INDICATOR("ae_4h",B5:C5,B6:C6,"score")'
    """

    def shifted(found: re.Match[str]) -> str:
        return f"{column_letter(column_number(found[1]) + columns)}{int(found[2]) + rows}"

    parts = _OUTSIDE_TEXTS.split(formula)
    own = f"{sheet}!" if sheet else ""
    places = [
        part if part[:1] == '"' else _RANGE.sub(lambda found: own + _ADDRESS.sub(shifted, found[0]), part)
        for part in parts
    ]
    return "".join(places)


def column_number(letters: str) -> int:
    """The number of a column, from 0.

    >>> column_number("A"), column_number("AB")
    (0, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _tokens(formula: str) -> Iterator[Token]:
    at = 0
    while at < len(formula):
        found = _TOKEN.match(formula, at)
        if found is None:
            raise ValueError(f"{formula}: cannot read {formula[at:]!r}")
        yield Token(str(found.lastgroup), found[str(found.lastgroup)])
        at = found.end()
    yield Token("end", "")


def _expression(tokens: list[Token], cells: Sequence[Sequence[Cell]]) -> Any:
    token = tokens.pop(0)
    match token.kind:
        case "text":
            return token.text[1:-1].replace('""', '"')
        case "number":
            return float(token.text) if "." in token.text else int(token.text)
        case "logical":
            return token.text == "TRUE"
        case "range":
            return _range(token.text, cells)
        case "name":
            return _called(token.text, _arguments(tokens, cells))
    raise ValueError(f"{token.text!r} stands where a value belongs")


def _arguments(tokens: list[Token], cells: Sequence[Sequence[Cell]]) -> list[Any]:
    arguments: list[Any] = []
    tokens.pop(0)
    if tokens[0].text == ")":
        tokens.pop(0)
        return arguments
    while True:
        arguments.append(None if tokens[0].text in (",", ")") else _expression(tokens, cells))
        mark = tokens.pop(0).text
        if mark == ")":
            return arguments
        if mark != ",":
            raise ValueError(f"{mark!r} stands where a comma belongs")


def _called(name: str, arguments: list[Any]) -> Any:
    if name in FUNCTIONS:
        return call(name, *arguments)
    if name not in _NATIVE:
        raise ValueError(f"a worked example cannot use {name}; use one of {', '.join((*FUNCTIONS, *_NATIVE))}")
    return _NATIVE[name](*arguments)


def _range(text: str, cells: Sequence[Sequence[Cell]]) -> Cell | Grid:
    ends = [(int(row) - 1, column_number(letters)) for letters, row in _ADDRESS.findall(text)]
    (top, left), (bottom, right) = ends[0], ends[-1]
    block = [[cells[row][column] for column in range(left, right + 1)] for row in range(top, bottom + 1)]
    return block[0][0] if ":" not in text else block


def _each(function: Callable[[Cell], Cell], value: Any) -> Any:
    return [[function(cell) for cell in row] for row in value] if isinstance(value, list) else function(value)


def _is_na(cell: Cell) -> bool:
    return isinstance(cell, CellError) and cell.code == "#N/A"


_NATIVE: dict[str, Callable[..., Any]] = {
    "IFERROR": lambda value, other: _each(lambda cell: other if isinstance(cell, CellError) else cell, value),
    "ISERROR": lambda value: _each(lambda cell: isinstance(cell, CellError), value),
    "ISNA": lambda value: _each(_is_na, value),
    "INDEX": lambda block, row, column=1: block[row - 1][column - 1],
    "LEFT": lambda text, count=1: str(text)[:count],
    "RIGHT": lambda text, count=1: str(text)[-count:],
}
