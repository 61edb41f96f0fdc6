"""The worked examples of the worksheet functions, from `workbook_templates/functions_examples.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from pfexcel.functions import CODES, Cell, CellError, Grid
from pfexcel.template.formulas import evaluate
from pfexcel.workbook.templates import template


@dataclass(frozen=True, eq=False)
class Example:
    """A worked example: cells from A1 on, a formula over them, and what it answers.

    `cells` holds None for an empty cell and a CellError for one with an error. `answer` is one cell or a block; where
    `part` is true it is the first rows of an answer that has more.
    """

    function: str
    title: str
    cells: Grid
    formula: str
    answer: Cell | Grid
    part: bool = False

    @property
    def rows(self) -> Grid:
        """The answer as a block, of one cell where it is one cell."""
        return self.answer if isinstance(self.answer, list) else [[self.answer]]

    def worked_out(self) -> Cell | Grid:
        """What the registry answers, cut to the rows that the example shows."""
        found = evaluate(self.formula, self.cells)
        return found[: len(self.rows)] if self.part and isinstance(found, list) else found


@cache
def examples() -> tuple[Example, ...]:
    """Every worked example, in the order of the functions.

    >>> len({example.function for example in examples()})
    11
    """
    return tuple(
        Example(
            function=table["function"],
            title=table["title"],
            cells=[[None if value == "" else _cell(value) for value in row] for row in table.get("cells", ())],
            formula=table["formula"],
            answer=_answer(table["answer"]),
            part=table.get("part", False),
        )
        for table in template("functions_examples")["example"]
    )


def examples_of(function: str) -> list[Example]:
    """The worked examples of one function."""
    return [example for example in examples() if example.function == function]


def _answer(value: Any) -> Cell | Grid:
    return [[_cell(cell) for cell in row] for row in value] if isinstance(value, list) else _cell(value)


def _cell(value: Any) -> Cell:
    if isinstance(value, str) and value in CODES:
        return CellError(value, "the cell holds this error")
    return value
