"""The sample tables of the template workbook, and blocks of them as formulas name them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from pfexcel.functions import Cell, Grid, call
from pfexcel.workbook.templates import template_path


class Block(NamedTuple):
    """An argument of a worksheet function: how a formula writes it, and what the cells hold."""

    text: str
    cells: Any


class Formula(NamedTuple):
    """A formula and what it answers, to be stored with it."""

    text: str
    answer: Any


LEFT_OUT = Block("", None)


def formula(function: str, *blocks: Block) -> Formula:
    """The call of a worksheet function on blocks of cells, with the registry's answer.

    >>> formula("PF_LEAD", Block("B2", "Challenged"))
    Formula(text='=PF_LEAD(B2)', answer='SHA on behalf of the Department')
    """
    text = f"={function}({','.join(block.text for block in blocks)})"
    return Formula(text, call(function, *(block.cells for block in blocks)))


@dataclass(frozen=True)
class Table:
    """A table of a sheet: its name, its headers, and its rows."""

    name: str
    headers: tuple[str, ...]
    rows: Grid

    def column(self, header: str) -> Block:
        """One column without its header."""
        at = self.headers.index(header)
        return Block(f"{self.name}[{header}]", [[row[at]] for row in self.rows])

    def heads(self, first: str = "", last: str = "") -> Block:
        """The headers, all of them or from one to another."""
        span = f"{self.name}[[#Headers],[{first}]:[{last}]]" if first else f"{self.name}[#Headers]"
        return Block(span, [list(self.headers[self._span(first, last)])])

    def body(self, first: str = "", last: str = "") -> Block:
        """The rows, whole or from one column to another."""
        span = f"{self.name}[[{first}]:[{last}]]" if first else f"{self.name}[]"
        return Block(span, [row[self._span(first, last)] for row in self.rows])

    def this_row(self, row: int, first: str, last: str = "") -> Block:
        """Some columns of a row, as a formula in that row names them."""
        span = f"[{first}]:[{last}]" if last else f"[{first}]"
        cells = self.rows[row][self._span(first, last or first)]
        return Block(f"{self.name}[[#This Row],{span}]", [cells] if last else cells[0])

    def _span(self, first: str, last: str) -> slice:
        return slice(self.headers.index(first), self.headers.index(last) + 1) if first else slice(None)


def trusts_by_row() -> Table:
    """Sample trusts, one row each, under names."""
    return _table("Trusts", "functions_by_row")


def trusts_by_column() -> Table:
    """Sample trusts, one column each, beside sections and labels."""
    return _table("TrustsByColumn", "functions_by_column")


def history() -> Table:
    """Reported categories of the trusts by row, a row for each trust and domain, oldest first."""
    return _table("History", "functions_history")


@cache
def _table(name: str, file: str) -> Table:
    with template_path(f"{file}.csv").open(encoding="utf-8", newline="") as text:
        headers, *rows = csv.reader(text)
    return Table(name, tuple(headers), [_cells(row) for row in rows])


def _cells(row: Sequence[str]) -> list[Cell]:
    return [_cell(text) for text in row]


def _cell(text: str) -> Cell:
    if not text:
        return None
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text
